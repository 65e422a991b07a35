/** The diagonal of two axes, and its reverse. Place in the whole: what einsum, traces and the decompositions share. */
import { needsGrad, record } from '../autograd/node.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './binary.js'
import { eye } from './creation.js'
import { viewOf } from './emit.js'
import { narrow, permute, unsqueeze } from './views.js'

/** Elements with equal indices along axes a and b, as a view: both axes disappear, the diagonal comes last. */
export function diagonalOf(x: Tensor, a = -2, b = -1): Tensor {
  const { rank, shape: from } = x
  const [i, j] = [normalizeAxis('diagonal', a, rank), normalizeAxis('diagonal', b, rank)]
  const n = Math.min(from[i] as number, from[j] as number)
  const square = narrow(narrow(x, i, 0, n), j, 0, n)
  const rest = from.map((_, k) => k).filter((k) => k !== i && k !== j)
  const { strides } = square
  const y = viewOf(
    'diagonal',
    square,
    [...rest.map((k) => from[k] as number), n],
    [...rest.map((k) => strides[k] as number), (strides[i] as number) + (strides[j] as number)],
  )
  if (needsGrad(square)) {
    const order = [...rest, i, j]
    const back = order.map((_, k) => order.indexOf(k))
    record('diagonal', y, [square], null, (g) => [permute(diagonalMatrix(g), back)])
  }
  return y
}

/** (..., n) on the diagonals of zero matrices (..., n, n). */
export function diagonalMatrix(x: Tensor): Tensor {
  const n = x.shape[x.rank - 1] as number
  return mul(unsqueeze(x, -1), eye(n, n, { dtype: x.dtype, device: x.device }))
}
