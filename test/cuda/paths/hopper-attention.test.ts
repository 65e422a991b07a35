/**
 * Attention by the kernels of compute capability 9.0, on a simulated card of that kind: of each dtype and width, tiles that a warpgroup does
 * not see, and rows of results that end anywhere. Place in the whole: ../hopper-attention.test.ts has their sizes; here are the forms that it
 * has for one of the kernels alone.
 */
import { describe, test, vi } from 'vitest'
import { simulated } from '../../helpers/simulator.js'
import { check } from '../attentions.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_CAPABILITY'] = '9.0'
})

if (!simulated)
  console.log('SINTER_CUDA_DRIVER is not the simulator: kernels of compute capability 9.0 are not tested one by one')

describe.skipIf(!simulated)('attention of compute capability 9.0', () => {
  test.each(['bf16', 'f16'] as const)('%s: windows, and rows that end anywhere', (dtype) => {
    for (const width of [64, 128]) {
      // The first queries see none of the last tile, the last ones none of the first.
      check(dtype, [1, 1, 1, 150, 290, width, width - 1], { window: [33, 10] })
      // Blocks of queries that see nothing.
      check(dtype, [1, 1, 1, 300, 130, width - 9, width], { causal: true })
    }
  })
})
