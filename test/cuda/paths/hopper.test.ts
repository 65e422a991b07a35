/**
 * Products by the kernels of compute capability 9.0 with all that may follow: results in packs and by elements, each activation, in both
 * types and every layout. Place in the whole: ../hopper.test.ts has sizes, batches and schedules; here every kernel meets
 * every way out. Of one multiprocessor, so that the size alone decides which tile is taken.
 */
import { describe, test, vi } from 'vitest'
import { simulated } from '../../helpers/simulator.js'
import { AFTER, check, gap, LAYOUTS } from '../products.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_CAPABILITY'] = '9.0'
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '1'
})

if (!simulated)
  console.log('SINTER_CUDA_DRIVER is not the simulator: what follows products of compute capability 9.0 is not tested')

describe.skipIf(!simulated).each(['bf16', 'f16'] as const)('%s', (dtype) => {
  // One tile of 128 x 128, or of 128 x 256; results in packs, then by elements.
  test.each([
    ['medium', 20],
    ['large', 136],
  ] as const)('%s tiles: every activation in every layout', (_, columns) => {
    for (const [ta, tb] of LAYOUTS)
      for (const less of [0, 3]) {
        const [m, n, k] = [12 - less, columns - less, 24]
        const [a, b] = [
          { transposed: ta, gap: gap(ta ? m : k) },
          { transposed: tb, gap: gap(tb ? n : k) },
        ]
        for (const after of AFTER) check(dtype, { m, n, k, a, b, after })
      }
  })
})
