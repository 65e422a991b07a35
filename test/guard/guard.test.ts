/** SINTER_DEBUG=guard catches what it is there for: kernels that go wrong on purpose. */
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { nativeLibraries } from '../helpers/native-library.js'
import { child } from './child.js'

/** AddressSanitizer sees these by itself. */
const instrumented = ['asan', 'tsan'].includes(process.env['SINTER_BUILD'] ?? '')

/** These do no harm that shows, unless somebody watches. */
const QUIET = ['read_past_operand', 'read_past_scratch', 'write_past_result', 'read_freed']

describe.skipIf(instrumented)('a kernel that goes wrong', () => {
  const { compile } = nativeLibraries()
  let library: string
  beforeAll(() => {
    library = compile('faults', fileURLToPath(new URL('faults.c', import.meta.url)))
  })

  it.each(QUIET)('by %s ends the process under the guard only', async (fault) => {
    const { how, out } = await child('fault.mjs', [library, fault], { SINTER_DEBUG: 'guard' })
    expect(out).toBe('calling\n')
    expect(['SIGSEGV', 'SIGBUS']).toContain(how)
    const free = await child('fault.mjs', [library, fault], { SINTER_DEBUG: '' })
    expect({ how: free.how, out: free.out }).toEqual({ how: 0, out: 'calling\nsurvived\n' })
  })

  it('by writing before its result is told so when the block is freed', async () => {
    const { how, last } = await child('fault.mjs', [library, 'write_before_result'], { SINTER_DEBUG: 'guard' })
    expect(how).toBe('SIGABRT')
    expect(last).toBe('sinter: a block of 4 bytes was written 1 bytes before its start')
  })
})
