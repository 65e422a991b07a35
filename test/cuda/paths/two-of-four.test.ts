/**
 * 2:4 products in the large tiles with all that may follow: each activation, results in packs and by elements, k in parts. Place in the
 * whole: ../two-of-four-tiles.test.ts has what they ask of memory, ../two-of-four.test.ts the small tiles. Of one multiprocessor, so that
 * the size alone decides which tile is taken.
 */
import { describe, test, vi } from 'vitest'
import { type Tensor, tensor } from '#lib/index.js'
import { sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { Random } from '../../helpers/random.js'
import { simulated } from '../../helpers/simulator.js'
import { same } from '../same.js'
import { expectExact, HALVES, matrixOf, sparse, wholeMatrix, wholeNumbers } from '../two-of-four.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '1'
})

if (!simulated)
  console.log('SINTER_CUDA_DRIVER is not the simulator: what follows large tiles of 2:4 products is not tested')

describe.skipIf(!simulated).each(HALVES)('%s', (dtype) => {
  test('whole numbers exactly, in packs and by elements, of one part and several', () => {
    for (const [rows, cols, n] of [
      [72, 164, 68],
      [71, 36, 69],
      [68, 2900, 67],
      [67, 2900, 68],
    ] as const)
      expectExact(new Random(dtype), dtype, rows, cols, n, 'cuda:0')
  })

  test('codes of 8 bits and their scales, by rows of the dense operand', () => {
    for (const n of [68, 67])
      same(`${n} columns`, (at) => {
        const r = new Random('codes')
        const [rows, cols] = [70, 36]
        const scales = Float64Array.from({ length: rows }, (_, i) => 2 ** ((i % 5) - 2))
        const s = matrixOf(wholeMatrix(r, rows, cols), 'i8', at, scales)
        const x = (tensor(wholeNumbers(r, cols * n), { shape: [cols, n], dtype: 'f32' }) as Tensor).to(dtype).to(at)
        return sparseMatmul(s, x, sparse)
      })
  })

  test.each(['gelu', 'geluTanh', 'silu'] as const)('bias and %s', (activation) => {
    for (const rows of [72, 71])
      same(
        `${rows} rows`,
        (at) => {
          const r = new Random(activation)
          const [cols, n] = [36, 68]
          const s = matrixOf(wholeMatrix(r, rows, cols, 1), dtype, at)
          const of = (shape: readonly number[]): Tensor => {
            const count = shape.reduce((a, b) => a * b, 1)
            return (tensor(wholeNumbers(r, count), { shape, dtype: 'f32' }) as Tensor).mul(0.125).to(dtype).to(at)
          }
          return sparseLinear(of([n, cols]), s, of([rows]), { ...sparse, activation })
        },
        1,
      )
  })
})
