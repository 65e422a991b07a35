/** Products of sparse matrices: lib/sparse. */
import * as ops from '#lib/index.js'
import { SPARSE_FORMATS, SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { numelOf } from '#lib/tensor/shape.js'
import { call, type Entry, entry, FLOATS } from '../draw.js'
import { type Both, type Draw, operand } from '../tensors.js'

const sparse = { kernel: 'sparse' } as const

/** A matrix of random size and pattern, or its transpose, that takes values from elsewhere; and how to free all of them. */
function matrix(r: Draw): { s: SparseMatrix; of: (values: ops.Tensor) => SparseMatrix; done: () => void } {
  const format = r.pick(SPARSE_FORMATS)
  const shape = [r.int(0, 40), r.int(0, 40)]
  const values = Float32Array.from({ length: numelOf(shape) }, () => r.uniform(-1, 1))
  const dense = ops.tensor(values, { shape }) as ops.Tensor
  const s = SparseMatrix.fromSync(dense, format === '2:4' ? { format } : { format, density: r.uniform(0, 1) })
  const side = r.chance(2) ? s.T : s
  const made: SparseMatrix[] = [s]
  const of = (values: ops.Tensor): SparseMatrix => {
    const other = side.withValues(values)
    made.push(other)
    return other
  }
  const done = (): void => {
    for (const m of made) m.dispose()
  }
  return { s: side, of, done }
}

/** Values for the pattern: finite where some of a group of four lie beyond the last column, as `withValues` asks. */
function valuesOf(r: Draw, s: SparseMatrix, dtype: (typeof FLOATS)[number]): Both {
  const { nonFinite } = r
  const columns = s.transposed ? s.rows : s.cols
  if (s.format === '2:4' && columns % 4 !== 0) r.nonFinite = false
  const values = operand(r, s.values.shape, dtype)
  r.nonFinite = nonFinite
  return values
}

/** Now and then one too many. */
const near = (r: Draw, n: number): number => n + (r.chance(150) ? 1 : 0)

export const sparseProducts: readonly Entry[] = [
  entry(
    'sparseMatmul',
    (r) => {
      const { s, of, done } = matrix(r)
      const [n, left, dtype] = [r.int(0, 20), r.chance(2), r.pick(FLOATS)]
      const shape = left ? [n, near(r, s.rows)] : [near(r, s.cols), n]
      return call(
        [valuesOf(r, s, dtype), operand(r, shape, dtype)],
        (v, d) => (left ? sparseMatmul(d, of(v), sparse) : sparseMatmul(of(v), d, sparse)),
        done,
      )
    },
    { roundings: 40, power: 2 },
  ),
  entry(
    'sparseLinear',
    (r) => {
      const { s, of, done } = matrix(r)
      const [n, dtype] = [r.int(0, 20), r.pick(FLOATS)]
      const activation = r.pick(['none', 'gelu', 'geluTanh', 'silu'] as const)
      const inputs = [valuesOf(r, s, dtype), operand(r, [n, near(r, s.cols)], dtype), operand(r, [s.rows], dtype)]
      return call(inputs, (v, x, b) => sparseLinear(x, of(v), b, { ...sparse, activation }), done)
    },
    { roundings: 60, power: 2 },
  ),
]
