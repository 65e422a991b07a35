/**
 * What the kernels of convolutions ask of memory, counted by the simulator: as few sectors of global memory and as few cycles of shared
 * memory as there can be, and fragments used often enough. Place in the whole: as test/cuda/gemm-profile.test.ts, and which tiles are taken.
 */
import { expect, test } from 'vitest'
import { simulated } from '../helpers/simulator.js'
import { type Counts, countsOf, expectFrugal } from './memory-profile.js'

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
    const kernels = countsOf(PROGRAM)
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
      expectFrugal(name, counts)
      if (name.includes('bf16'))
        expect(counts.mma / counts.ldmatrix, `${name}: mma for each ldmatrix`).toBeGreaterThan(2.5)
    }
    const turn = kernels['conv_turn_2'] as Counts
    expectFrugal('turning', turn)
    expect(Object.keys(kernels)).toContain('conv_depthwise_bf16_3')
  },
  120_000,
)
