/**
 * The operator tests once for each instruction set that this machine runs, every operand, result and scratch memory at the end of
 * closed pages. Place in the whole: kernels are compiled per set and only the best is chosen by itself; by hand:
 * SINTER_DEBUG=guard SINTER_ISA=avx2 npm test -- test/ops test/cpu. What no kernel takes part in is left out (SINTER_OPS_QUICK),
 * so a set takes some minutes.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { engine } from '#lib/index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { isaSupported } = engine.info()

const runs = isaSupported.map((name) => [name, ['test/ops', 'test/cpu']] as const)
/** The sets of test/cpu/pairs.test.ts and amx.test.ts have products and convolutions alone, and the former attention. */
const PRODUCTS = ['matmul', 'linear', 'grouped', 'conv', 'conv-epilogue'].map((name) => `test/ops/${name}.test.ts`)
const PORTABLE = [
  ['avx2pairs', [...PRODUCTS, 'test/ops/attention.test.ts', 'test/ops/paged.test.ts']],
  ['avx2amx', [...PRODUCTS, 'test/ops/quant.test.ts', 'test/quant']],
] as const

test.each([...runs, ...(isaSupported.includes('avx2') ? PORTABLE : [])])(
  '%s',
  async (name, files) => {
    const { SINTER_TEST_FULL: _, VITEST: __, VITEST_POOL_ID: ___, ...env } = process.env
    const child = spawn(
      process.execPath,
      [
        vitest,
        'run',
        '--project=cpu',
        ...files,
        '--reporter=dot',
        '--outputFile',
        join(tmpdir(), `sinter-${name}.json`),
      ],
      {
        cwd: root,
        env: { ...env, SINTER_ISA: name, SINTER_DEBUG: 'guard', SINTER_OPS_QUICK: '1', NO_COLOR: '1' },
      },
    )
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(code, output.slice(-4000)).toBe(0)
    expect(output).toMatch(/Tests +\d+ passed/)
  },
  1_800_000,
)

test('another instruction set than those known is refused, by name', async () => {
  const child = spawn(process.execPath, ['-e', "import('#lib/index.js').then((s) => s.zeros([2]))"], {
    cwd: root,
    env: { ...process.env, SINTER_ISA: 'avx3' },
  })
  let output = ''
  child.stderr.on('data', (text) => (output += text))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code).toBe(1)
  expect(output).toMatch(/SINTER_ISA=avx3 is not one of baseline, avx2/)
})
