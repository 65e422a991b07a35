/**
 * The module that users get, whose kernels are packed, on the stand-in driver. Place in the whole: everything else in test/cuda runs on
 * the test module, which holds PTX as text. The stand-in takes no machine code, so the packed PTX is what runs there.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const driver = process.env['SINTER_CUDA_DRIVER'] ?? path('build/cuda/libcudasim.so')
const there = existsSync(path('build/Release/sinter.node')) && (!driver.includes('/') || existsSync(driver))

const PROGRAM = `
import { cuda, matmul, tensor } from '${path('dist/index.js')}'
const last = 'cuda:' + (cuda.deviceCount() - 1)
const [a, b] = ['cuda', last].map((device) => tensor([[1, 2], [3, 4]], { device }))
console.log(JSON.stringify([await matmul(a, a).toArray(), await b.add(1).toArray()]))
`

test.skipIf(!there)('the module for users unpacks its kernels', () => {
  const env = { ...process.env, SINTER_CUDA_DRIVER: driver, SINTER_SIM_DEVICES: '2' }
  delete (env as NodeJS.ProcessEnv)['SINTER_BUILD']
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], { env, encoding: 'utf8' })
  expect(JSON.parse(output)).toEqual([
    [
      [7, 10],
      [15, 22],
    ],
    [
      [2, 3],
      [4, 5],
    ],
  ])
})

/** What scripts/pack-kernels.mjs packs of these images for a generation: names, and whether the archive says that others are missing. */
function packed(images: string, generation: number): { names: string[]; partial: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-pack-'))
  try {
    writeFileSync(join(folder, 'images.txt'), images)
    for (const line of images.trim().split('\n')) {
      const [name, cubins] = line.split(' ') as [string, string]
      writeFileSync(join(folder, `${name}.ptx.short`), '')
      for (const it of cubins.split(',')) writeFileSync(join(folder, `${name}.sm_${it}.cubin`), it)
    }
    const result = join(folder, 'archive')
    execFileSync(process.execPath, [path('scripts/pack-kernels.mjs'), folder, String(generation), '1', result])
    const bytes = brotliDecompressSync(readFileSync(result))
    const names = Array.from({ length: bytes.readUInt32LE(8) }, (_, i) => {
      const name = bytes.subarray(16 + 64 * i, 16 + 64 * i + 40)
      return name.toString('latin1', 0, name.indexOf(0))
    })
    return { names, partial: bytes.readUInt32LE(12) !== 0 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('images for another card alone are not missed', () => {
  const images = 'all 80,90,100\nhopper_sm90a 90a\n'
  expect(packed(images, 8)).toEqual({ names: ['all'], partial: false })
  expect(packed(images, 9)).toEqual({ names: ['all', 'hopper_sm90a'], partial: false })
  expect(packed(images, 10)).toEqual({ names: ['all'], partial: false })
  // A card of 12.0 needs the PTX.
  expect(packed(images, 12)).toEqual({ names: [], partial: true })
  expect(packed(images, 0).names).toEqual(['all', 'hopper_sm90a'])
})
