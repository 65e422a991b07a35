/** Distances between rows. */
import { autocasting, noGrad } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { broadcastShapes, numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { alwaysFull } from './autocast.js'
import { add, div, eq, maximum, mul, pow, sub } from './binary.js'
import { tensor } from './creation.js'
import { make, sameDType } from './emit.js'
import { indexSelect } from './indexing.js'
import { realFloats } from './linalg/common.js'
import { matmul } from './matmul.js'
import { sum, sumTo } from './reduce.js'
import { maskedFill } from './select.js'
import { abs, neg, sign, sqrt, square } from './unary.js'
import { expand, reshape, transpose, unsqueeze } from './views.js'

export interface DistanceOptions {
  /** The norm: 0 counts the differences, Infinity takes the largest. Default 2. */
  p?: number
  /**
   * Whether Euclidean distances go through a matrix product, which is faster for many long rows and less exact for near ones:
   * 'auto' (the default) where a side has more than 25 rows, the other at least 8, and rows have more than 96 elements.
   * Their gradient is made of products where a side has more than 25 rows, unless this is 'never'.
   */
  product?: 'auto' | 'always' | 'never'
}

const FEW_ROWS = 25
/** Up to here, and against fewer rows, differences are as quick as products and the passes around these. */
const SHORT_ROW = 96
const FEWEST_ROWS = 8

/**
 * Distances of every row of a (..., m, d) and every row of b (..., n, d): (..., m, n); batches broadcast. f32 and f64. Where
 * two rows are equal the gradient is 0. Definition: torch.cdist.
 */
export function cdist(a: Tensor, b: Tensor, options: DistanceOptions = {}): Tensor {
  if (autocasting.frame) return alwaysFull([a, b], (a, b) => cdist(a, b, options))
  const { p = 2, product = 'auto' } = options
  for (const t of [a, b]) realFloats('cdist', t)
  sameDType('cdist', a, b)
  if (!(p >= 0)) throw new ValueError(`cdist: p ${p} is no norm; take 0 or more`)
  if (a.rank < 2 || b.rank < 2 || a.shape.at(-1) !== b.shape.at(-1))
    throw new ShapeError(`cdist: ${show(a.shape)} and ${show(b.shape)} are not (..., m, d) and (..., n, d)`)
  const [m, n, d] = [a.shape.at(-2) as number, b.shape.at(-2) as number, a.shape.at(-1) as number]
  const batch = broadcastShapes('cdist', a.shape.slice(0, -2), b.shape.slice(0, -2))
  const [x, z] = [expand(a, [...batch, m, d]), expand(b, [...batch, n, d])]
  const shape = [...batch, m, n]
  const many = p === 2 && (product === 'always' || (product === 'auto' && Math.max(m, n) > FEW_ROWS))
  const multiply = many && (product === 'always' || (d > SHORT_ROW && Math.min(m, n) >= FEWEST_ROWS))
  const y = multiply ? throughProduct(x, z) : make('cdist', OP.cdist, x.dtype, shape, x, z, [p], numelOf(shape) * d)
  if (needsGrad(x, z)) {
    record('cdist', y, [x, z], [save(x), save(z), save(y)], (g, [x, z, y]) =>
      many
        ? euclideanGrad(g, x as Tensor, z as Tensor, y as Tensor)
        : distanceGrad(g, x as Tensor, z as Tensor, y as Tensor, p),
    )
  }
  return y
}

// |x - z|^2 = |x|^2 - 2 x z + |z|^2
function throughProduct(x: Tensor, z: Tensor): Tensor {
  return noGrad(() => {
    const squares = add(sum(square(x), -1, { keepDim: true }), unsqueeze(sum(square(z), -1), -2))
    return sqrt(maximum(sub(squares, mul(matmul(x, transpose(z)), 2)), 0))
  })
}

/** g / y^k, 0 where the distance is. */
function over(g: Tensor, y: Tensor, k: number): Tensor {
  const zero = eq(y, 0)
  const safe = maskedFill(y, zero, 1)
  return maskedFill(div(g, k === 1 ? safe : pow(safe, k)), zero, 0)
}

// d y_ij = sum_k (x_ik - z_jk) / y_ij (dx_ik - dz_jk)
function euclideanGrad(g: Tensor, x: Tensor, z: Tensor, y: Tensor): Tensor[] {
  const w = over(g, y, 1)
  return [
    sub(mul(x, sum(w, -1, { keepDim: true })), matmul(w, z)),
    sub(mul(z, unsqueeze(sum(w, -2), -1)), matmul(transpose(w), x)),
  ]
}

// d y_ij = sum_k sign(d) |d|^(p-1) / y_ij^(p-1) (dx_ik - dz_jk), with d = x_ik - z_jk
function distanceGrad(g: Tensor, x: Tensor, z: Tensor, y: Tensor, p: number): Tensor[] {
  const difference = sub(unsqueeze(x, -2), unsqueeze(z, -3))
  let each: Tensor
  if (p === 0) each = mul(difference, 0)
  else if (p === 1) each = mul(unsqueeze(g, -1), sign(difference))
  else if (p === 2) each = mul(unsqueeze(over(g, y, 1), -1), difference)
  else if (p === Number.POSITIVE_INFINITY) {
    const largest = eq(abs(difference), unsqueeze(y, -1))
    each = mul(mul(unsqueeze(g, -1), sign(difference)), largest.to(g.dtype) as Tensor)
  } else {
    const size = abs(maskedFill(difference, eq(difference, 0), 1))
    each = mul(mul(unsqueeze(over(g, y, p - 1), -1), sign(difference)), pow(size, p - 1))
  }
  return [sumTo(sum(each, -2), x.shape), sumTo(neg(sum(each, -3)), z.shape)]
}

/** Distances of all pairs of rows of x (n, d), in the order (0, 1), (0, 2), ..., (1, 2), ...: (n (n - 1) / 2). */
export function pdist(x: Tensor, p = 2): Tensor {
  if (x.rank !== 2) throw new ShapeError(`pdist: takes a matrix (n, d), got ${show(x.shape)}`)
  const n = x.shape[0] as number
  const pairs = new BigInt64Array((n * Math.max(0, n - 1)) / 2)
  let k = 0
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs[k++] = BigInt(i * n + j)
  const all = reshape(cdist(x, x, { p, product: 'never' }), [n * n])
  return indexSelect(all, 0, tensor(pairs, { device: x.device }) as Tensor)
}
