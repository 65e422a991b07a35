/**
 * What the kernels of convolutions ask of memory, counted by the simulator: as few sectors of global memory and as few cycles of shared
 * memory as there can be, and fragments used often enough. Place in the whole: as test/cuda/gemm-profile.test.ts, and which tiles are taken.
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
if (!simulated) console.log('SINTER_CUDA_DRIVER is not the simulator: nothing counts what convolutions ask of memory')

/** Sizes that the tiles divide, small and large. */
const PROGRAM = `
  const { conv2d, grad, noGrad, randn } = await import(process.argv[1])
  for (const [dtype, n, c, o, size] of [['bf16', 1, 16, 256, 104], ['bf16', 2, 64, 64, 64], ['bf16', 1, 32, 64, 16], ['f32', 1, 32, 64, 16]]) {
    const [x, w] = [[n, c, size, size], [o, c, 3, 3]].map((shape) => randn(shape).to(dtype).to('cuda'))
    noGrad(() => conv2d(x, w, null, { padding: 1 })).dataSync()
    if (size > 16) continue
    for (const t of [x, w]) t.requiresGrad_()
    const y = conv2d(x, w, null, { padding: 1 })
    for (const t of grad(y, [x, w], { gradOutputs: y.detach() })) t.dataSync()
  }
  for (const dtype of ['f32', 'bf16']) {
    const [x, w] = [[2, 8, 32, 32], [8, 1, 3, 3]].map((shape) => randn(shape).to(dtype).to('cuda'))
    conv2d(x, w, null, { padding: 1, groups: 8 }).dataSync()
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
      const tiles = Object.entries(kernels).filter(([name]) => /^conv_(bf16|f32)_/.test(name))
      expect(tiles.map(([name]) => name).sort()).toEqual([
        'conv_bf16_large',
        'conv_bf16_medium',
        'conv_bf16_small',
        'conv_bf16_weights_small',
        'conv_f32_small',
        'conv_f32_weights_small',
      ])
      for (const [name, counts] of tiles) {
        expect(counts.sectors / counts.idealSectors, `${name}: sectors`).toBeLessThanOrEqual(1.1)
        expect(counts.wavefronts / counts.idealWavefronts, `${name}: cycles of shared memory`).toBeLessThanOrEqual(1.05)
        if (name.includes('bf16'))
          expect(counts.mma / counts.ldmatrix, `${name}: mma for each ldmatrix`).toBeGreaterThan(2.5)
      }
      const turn = kernels['conv_turn_2'] as Counts
      expect(turn.sectors / turn.idealSectors, 'turning: sectors').toBeLessThanOrEqual(1.1)
      expect(turn.wavefronts / turn.idealWavefronts, 'turning: cycles of shared memory').toBeLessThanOrEqual(1.05)
      expect(Object.keys(kernels)).toContain('conv_depthwise_bf16_3')
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  120_000,
)
