/** Systems with triangular matrices. Place in the whole: what the solvers of LU and Cholesky are composed of. */
import { needsGrad, record, save } from '../../autograd/node.js'
import { ShapeError } from '../../errors.js'
import { OP } from '../../generated/ops.js'
import { show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { conj } from '../complex.js'
import { make, sameDType } from '../emit.js'
import { matmul } from '../matmul.js'
import { broadcastBatches } from '../products.js'
import { tril, triu } from '../select.js'
import { neg } from '../unary.js'
import { costOf, matrices, mH, mT, squares } from './common.js'

export interface Triangle {
  upper: boolean
  /** The diagonal is taken as ones and not read. */
  unit?: boolean
  /** Solve with the transpose of the stored matrix. */
  transposed?: boolean
}

/** op(a)^-1 b (nothing is conjugated), of which only one triangle of a is read; a (..., n, n) and b (..., n, k) with one batch. */
export function substitute(a: Tensor, b: Tensor, triangle: Triangle): Tensor {
  const { upper, unit = false, transposed = false } = triangle
  const [n, k] = b.shape.slice(-2) as [number, number]
  const attributes = [upper, unit, transposed].map(Number)
  const ns = costOf(b.shape.slice(0, -2), n * n * k)
  const x = make('solveTriangular', OP.solveTriangular, b.dtype, b.shape, a, b, attributes, ns)
  if (needsGrad(a, b)) {
    const [ga, gb] = [a.requiresGrad, b.requiresGrad]
    // With A = op(a): gB = A^-H g, gA = -gB x^H, of which the triangle that was read counts.
    record('solveTriangular', x, [a, b], [save(a), save(x)], (g, [a, x]) => {
      const back = conj(substitute(a as Tensor, conj(g), { upper, unit, transposed: !transposed }))
      if (!ga) return [null, back]
      const full = transposed ? matmul(conj(x as Tensor), mT(back)) : matmul(back, mH(x as Tensor))
      const own = upper ? triu(full, unit ? 1 : 0) : tril(full, unit ? -1 : 0)
      return [neg(own), gb ? back : null]
    })
  }
  return x
}

/**
 * x with A x = B (or x A = B) for a triangular A (..., n, n); batches broadcast. The other triangle of A is not read, nor its
 * diagonal where it is `unitriangular`. A zero on the diagonal gives infinities. Definition: torch.linalg.solve_triangular.
 */
export function solveTriangular(
  a: Tensor,
  b: Tensor,
  options: { upper: boolean; left?: boolean; unitriangular?: boolean },
): Tensor {
  const { upper, left = true, unitriangular: unit = false } = options
  const { n } = squares('solveTriangular', a, true)
  const { m, n: columns } = matrices('solveTriangular', b, true)
  sameDType('solveTriangular', a, b)
  if ((left ? m : columns) !== n)
    throw new ShapeError(
      `solveTriangular: ${show(b.shape)} does not fit ${show(a.shape)}${left ? '' : ' from the right'}`,
    )
  const [x, y] = broadcastBatches('solveTriangular', a, b)
  if (left) return substitute(x, y, { upper, unit })
  return mT(substitute(x, mT(y), { upper, unit, transposed: true }))
}
