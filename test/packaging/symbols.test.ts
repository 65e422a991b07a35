// What the linker sees. Place in the whole: a weak function compiled for AVX-512 may be the copy that the linker keeps for
// everybody, and would stop an older processor; an exported C++ symbol may meet another addon's.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkout, run, which } from './workplace.js'

const objects = join(checkout, 'build-cmake/release/CMakeFiles')
const wide = existsSync(objects) ? readdirSync(objects).filter((name) => /^kernels_avx.*\.dir$/.test(name)) : []

describe.skipIf(which('nm') === undefined)('symbols', () => {
  test.each(wide)('%s shares no weak symbol with other instruction sets', async (folder) => {
    const isa = folder.replace(/^kernels_|\.dir$/g, '')
    const files = readdirSync(join(objects, folder), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.o'))
    const { stdout } = await run('nm', ['-C', '--defined-only', '--no-sort', ...files], { cwd: join(objects, folder) })
    const weak = stdout.split('\n').filter((line) => / [WVu] /.test(line))
    const shared = weak.filter((line) => !line.includes(`sinter::cpu::${isa}::`) && !line.includes('DW.ref.'))
    expect([...new Set(shared.map((line) => line.replace(/^\w+ /, '')))]).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')('the module exports the two Node-API entry points only', async () => {
    const { stdout } = await run('nm', ['-D', '--defined-only', join(checkout, 'build/Release/sinter.node')], {
      cwd: checkout,
    })
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1))
    expect(names.filter((name) => !name?.startsWith('napi_') && !name?.startsWith('node_api_'))).toEqual([])
  })
})
