/** Norms and condition numbers of matrices. */
import { noGrad } from '../../autograd/mode.js'
import { needsGrad, record, save } from '../../autograd/node.js'
import { ShapeError, ValueError } from '../../errors.js'
import { isComplex } from '../../tensor/dtype.js'
import { normalizeAxis, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { div, eq, mul } from '../binary.js'
import { zeros } from '../creation.js'
import { amax, amin, sum } from '../reduce.js'
import { maskedFill, where } from '../select.js'
import { abs, sqrt, square } from '../unary.js'
import { vectorNorm } from '../vector-norm.js'
import { permute, select, unsqueeze } from '../views.js'
import { matrices, squares } from './common.js'
import { invEx } from './solve.js'
import { svdvals } from './spectral.js'

/** Frobenius, nuclear; 1 and Infinity: largest sum of a column or row; 2: largest singular value; negative: the smallest. */
export type MatrixNorm = 'fro' | 'nuc' | 1 | -1 | 2 | -2 | number

/**
 * Norms of matrices, which lie along two axes (the last two by default); f32 and f64, for 'fro' and the sums of rows and columns
 * also c64 and c128. Definition: torch.linalg.matrix_norm.
 */
export function matrixNorm(
  x: Tensor,
  order: MatrixNorm = 'fro',
  axes: readonly [number, number] = [-2, -1],
  options: { keepDim?: boolean } = {},
): Tensor {
  matrices('matrixNorm', x, true)
  const [rows, columns] = axes.map((a) => normalizeAxis('matrixNorm', a, x.rank)) as [number, number]
  if (rows === columns) throw new ShapeError(`matrixNorm: axes ${axes.join(' and ')} of ${show(x.shape)} are the same`)
  // The matrices become the last two axes.
  const order2 = [...x.shape.map((_, i) => i).filter((i) => i !== rows && i !== columns), rows, columns]
  const y = normOf(permute(x, order2), order)
  if (!options.keepDim) return y
  const [low, high] = [Math.min(rows, columns), Math.max(rows, columns)]
  return unsqueeze(unsqueeze(y, low), high)
}

function normOf(x: Tensor, order: MatrixNorm): Tensor {
  const size = order === 'fro' || order === 'nuc' ? order : Math.abs(order)
  const smallest = typeof order === 'number' && order < 0
  // The largest of no numbers that cannot be negative is 0; there is no smallest one.
  const extreme = (v: Tensor): Tensor => (smallest ? amin(v, -1) : v.shape.at(-1) === 0 ? sum(v, -1) : amax(v, -1))
  switch (size) {
    case 'fro':
      return isComplex(x.dtype) ? vectorNorm(x, 2, [-2, -1]) : frobenius(x)
    case 'nuc':
      return sum(svdvals(x), -1)
    case 1:
      return extreme(sum(abs(x), -2))
    case Number.POSITIVE_INFINITY:
      return extreme(sum(abs(x), -1))
    case 2:
      return extreme(svdvals(x))
    default:
      throw new ValueError(`matrixNorm: order ${order} is not 'fro', 'nuc', 1, 2, Infinity or one of their negatives`)
  }
}

const lengthOf = (x: Tensor): Tensor => noGrad(() => sqrt(sum(square(x), [-2, -1])))

// d |x| = <x, dx> / |x|; 0 at 0.
function frobenius(x: Tensor): Tensor {
  const y = lengthOf(x)
  if (needsGrad(x)) {
    record('matrixNorm', y, [x], [save(x), save(y)], (g, [x, y]) => {
      const zero = eq(y as Tensor, 0)
      const scale = maskedFill(div(g, maskedFill(y as Tensor, zero, 1)), zero, 0)
      return [mul(x as Tensor, unsqueeze(unsqueeze(scale, -1), -1))]
    })
  }
  return y
}

/**
 * Condition numbers: the norm of a matrix times that of its inverse; for order 2 (the default) and -2 the quotient of the
 * extreme singular values, also of rectangular matrices. Infinity for singular ones. Definition: torch.linalg.cond.
 */
export function cond(x: Tensor, order: MatrixNorm = 2): Tensor {
  const { m, n, batch } = matrices('cond', x)
  if (m === 0 || n === 0) return zeros(batch, { dtype: x.dtype, device: x.device }) as Tensor
  if (order === 2 || order === -2) {
    const s = svdvals(x)
    const [first, last] = [select(s, -1, 0), select(s, -1, Math.min(m, n) - 1)]
    return order === 2 ? div(first, last) : div(last, first)
  }
  squares('cond', x)
  const { inverse, info } = invEx(x)
  return where(eq(info, 0), mul(matrixNorm(x, order), matrixNorm(inverse, order)), Number.POSITIVE_INFINITY)
}
