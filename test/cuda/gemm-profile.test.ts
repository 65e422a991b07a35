/**
 * What the products' kernels ask of memory, counted by the simulator on whole tiles: as few sectors of global memory and as few cycles
 * of shared memory as there can be, and fragments used often enough. Place in the whole: defects of speed that no number shows.
 */
import { expect, test } from 'vitest'
import { simulated } from '../helpers/simulator.js'
import { countsOf, expectFrugal } from './memory-profile.js'

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
    const kernels = countsOf(PROGRAM)
    const products = Object.entries(kernels).filter(([name]) => name.startsWith('gemm_'))
    const names = products.map(([name]) => name).sort()
    expect(names).toEqual(
      ['bf16_dd_large', 'bf16_dd_small', 'bf16_dw_large', 'bf16_dw_small', 'f32_dd_small', 'f32_dw_small'].map(
        (name) => `gemm_${name}`,
      ),
    )
    for (const [name, counts] of products) {
      expectFrugal(name, counts)
      if (name.includes('bf16'))
        expect(counts.mma / counts.ldmatrix, `${name}: mma for each ldmatrix`).toBeGreaterThan(2.5)
    }
  },
  120_000,
)
