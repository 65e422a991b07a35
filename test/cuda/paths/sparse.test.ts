/**
 * Sparse matrices on CUDA where their kernels take another way: values of every dtype that a product promotes, biases and scales of every
 * dtype, 2:4 products of more parts than the join adds up at a time. Place in the whole: ../sparse.test.ts and ../two-of-four.test.ts have the
 * formats and tiles; here is what they have no operands for, in whole numbers, whose sums are exact in every dtype and order.
 */
import { describe, test } from 'vitest'
import type { Tensor } from '#lib/index.js'
import { type SparseFormat, SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { Random } from '../../helpers/random.js'
import { device, drawn, same } from '../same.js'
import { expectExact, HALVES } from '../two-of-four.js'

const FORMATS: readonly SparseFormat[] = ['csr', 'bsr1x16', 'bsr16x1', 'bsr4x4', '2:4']
const sparse = { kernel: 'sparse' } as const
type Float = 'f32' | 'f64' | 'bf16' | 'f16'

const whole = (seed: string, shape: readonly number[], dtype: Float, at: string): Tensor =>
  drawn(seed, shape, 'i32', 'cpu', (r) => r.int(-3, 4))
    .to(dtype)
    .to(at) as Tensor

/** Rows and columns that no block divides. */
const [ROWS, COLS] = [22, 37]
function matrix(format: SparseFormat, values: Float, at: string): SparseMatrix {
  const kept = format === '2:4' ? { format } : { format, density: 0.4 }
  const s = SparseMatrix.fromSync(whole('values', [ROWS, COLS], 'f32', 'cpu'), kept)
  return s.withValues(s.values.to(values).to(at))
}

describe.skipIf(device === undefined)('sparse matrices', () => {
  test.each(FORMATS)('%s: values of every dtype that the dense operand promotes, and the transpose', (format) => {
    // Few columns, then many.
    for (const [values, dense] of [
      ['f16', 'f64'],
      ['bf16', 'f64'],
      ['f32', 'f64'],
      ['f16', 'f32'],
      ['bf16', 'f32'],
      ['f16', 'bf16'],
      ['bf16', 'f16'],
      ['f32', 'bf16'],
      ['f64', 'f16'],
    ] as const)
      for (const n of [2, 20])
        same(`${format}: ${values} by ${dense}, ${n} columns`, (at) => {
          const s = matrix(format, values, at)
          return [
            sparseMatmul(s, whole('right', [COLS, n], dense, at), sparse),
            sparseMatmul(s.T, whole('left', [ROWS, n], dense, at), sparse),
          ]
        })
  })

  test.each(FORMATS)('%s: a bias of every dtype', (format) => {
    for (const dtype of ['f32', 'f64', 'bf16', 'f16'] as const)
      for (const n of [2, 20])
        for (const activation of ['none', 'relu'] as const)
          same(`${format} ${dtype}, ${n} rows, ${activation}`, (at) =>
            sparseLinear(
              whole('x', [n, COLS], dtype, at),
              matrix(format, dtype, at),
              whole('bias', [ROWS], dtype, at),
              {
                ...sparse,
                activation,
              },
            ),
          )
  })

  test.each(HALVES)('%s: 2:4 in parts, in packs and by elements', (dtype) => {
    const r = new Random(dtype)
    for (const [rows, cols, n] of [
      [12, 2085, 12],
      [9, 2085, 11],
      [5, 4001, 9],
    ] as const)
      expectExact(r, dtype, rows, cols, n, device as string)
  })
})
