/**
 * What the products' kernels ask of memory, counted by the simulator on whole tiles: as few sectors of global memory and as few cycles
 * of shared memory as there can be, and fragments used often enough. Place in the whole: defects of speed that no number shows.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

interface Counts {
  mma: number
  ldmatrix: number
  sectors: number
  idealSectors: number
  wavefronts: number
  idealWavefronts: number
}

const driver = process.env['SINTER_CUDA_DRIVER']
const simulated = driver?.endsWith('libcudasim.so') ?? false
if (!simulated) console.log('SINTER_CUDA_DRIVER is not the simulator: nothing counts what products ask of memory')

/** Both ways in which a right operand lies; sizes that large and small tiles divide. */
const PROGRAM = `
  const { linear, matmul, randn } = await import(process.argv[1])
  for (const [dtype, m, n] of [['bf16', 2560, 1280], ['bf16', 512, 512], ['f32', 512, 512]]) {
    const [x, w, b] = [[m, 64], [n, 64], [64, n]].map((shape) => randn(shape).to(dtype).to('cuda'))
    linear(x, w).dataSync()
    matmul(x, b).dataSync()
  }
`

test.skipIf(!simulated)(
  'no conflicts, whole sectors, fragments used at least 2.5 times',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'sinter-profile-'))
    try {
      const file = join(folder, 'profile.json')
      const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
      execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, library], {
        env: { ...process.env, SINTER_SIM_CAPABILITY: '8.0', SINTER_SIM_PROFILE: file },
      })
      const { kernels } = JSON.parse(readFileSync(file, 'utf8')) as { kernels: Record<string, Counts> }
      const products = Object.entries(kernels).filter(([name]) => name.startsWith('gemm_'))
      const names = products.map(([name]) => name).sort()
      expect(names).toEqual(
        ['bf16_dd_large', 'bf16_dd_small', 'bf16_dw_large', 'bf16_dw_small', 'f32_dd_small', 'f32_dw_small'].map(
          (name) => `gemm_${name}`,
        ),
      )
      for (const [name, counts] of products) {
        expect(counts.sectors / counts.idealSectors, `${name}: sectors`).toBeLessThanOrEqual(1.1)
        expect(counts.wavefronts / counts.idealWavefronts, `${name}: cycles of shared memory`).toBeLessThanOrEqual(1.05)
        if (name.includes('bf16'))
          expect(counts.mma / counts.ldmatrix, `${name}: mma for each ldmatrix`).toBeGreaterThan(2.5)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  120_000,
)
