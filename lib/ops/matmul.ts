/** Matrix products. */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, promote } from '../tensor/dtype.js'
import { broadcastShapes, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Fits, MatMul, ShapeOf } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { atHalf } from './autocast.js'
import { conj } from './complex.js'
import { cast } from './convert.js'
import { make, method } from './emit.js'
import { sumTo } from './reduce.js'
import { reshape, squeeze, unsqueeze } from './views.js'

export const TRANSPOSE_A = 1
export const TRANSPOSE_B = 2
/** The attributes of each combination of flags. */
const FLAGS: readonly (readonly number[])[] = [[0], [1], [2], [3]]
/** Multiply-adds a nanosecond that one command is estimated at. */
export const MADS_PER_NS = 40

/** op(a) op(b), both of rank 2 or more, with operands read as stored transposed where the flags say so. */
export function product(a: Tensor, b: Tensor, flags: number): Tensor {
  const [ra, rb] = [a.rank, b.rank]
  const [m, k] = flags & TRANSPOSE_A ? [a.shape[ra - 1], a.shape[ra - 2]] : [a.shape[ra - 2], a.shape[ra - 1]]
  const [k2, n] = flags & TRANSPOSE_B ? [b.shape[rb - 1], b.shape[rb - 2]] : [b.shape[rb - 2], b.shape[rb - 1]]
  if (k !== k2)
    throw new ShapeError(`matmul: inner dimensions differ: ${show(a.shape)} x ${show(b.shape)}: ${k} and ${k2}`)
  const shape =
    ra === 2 && rb === 2
      ? [m as number, n as number]
      : [...broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2)), m as number, n as number]
  const cost = (numelOf(shape) * (k as number)) / MADS_PER_NS
  const y = make('matmul', OP.matmul, a.dtype, shape, a, b, FLAGS[flags] as readonly number[], cost)
  if (needsGrad(a, b)) {
    const [ga, gb] = [a.requiresGrad, b.requiresGrad]
    const [sa, sb] = [a.shape, b.shape]
    record('matmul', y, [a, b], [save(a), save(b)], (g, [a, b]) =>
      productGrad(g, conj(a as Tensor), conj(b as Tensor), flags, ga ? sa : null, gb ? sb : null),
    )
  }
  return y
}

// With A = op(a), B = op(b): dA = g B^T, dB = A^T g, and the transposes of those where the operand is stored transposed; complex
// operands come conjugated.
function productGrad(
  g: Tensor,
  a: Tensor,
  b: Tensor,
  flags: number,
  sa: Shape | null,
  sb: Shape | null,
): (Tensor | null)[] {
  const [ta, tb] = [flags & TRANSPOSE_A, flags & TRANSPOSE_B]
  const flip = (f: number, bit: number): number => (f ? 0 : bit)
  const da = (): Tensor =>
    ta ? product(b, g, (tb ? TRANSPOSE_A : 0) | TRANSPOSE_B) : product(g, b, flip(tb, TRANSPOSE_B))
  const db = (): Tensor =>
    tb ? product(g, a, TRANSPOSE_A | (ta ? TRANSPOSE_B : 0)) : product(a, g, flip(ta, TRANSPOSE_A))
  return [sa ? sumTo(da(), sa) : null, sb ? sumTo(db(), sb) : null]
}

/**
 * Matrix product with NumPy's rules: vectors count as a row (left) or a column (right), leading dimensions are batches and
 * broadcast. bf16 and f16 accumulate in f32. Complex numbers too.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (autocasting.frame) return atHalf('matmul', [a, b], matmul)
  if (a.rank === 2 && b.rank === 2 && a.dtype === b.dtype && a.dtype !== 'bool') return product(a, b, 0)
  if (a.rank === 0 || b.rank === 0)
    throw new ShapeError(`matmul: takes at least one dimension: ${show(a.shape)} x ${show(b.shape)}`)
  const dtype = promote(a.dtype, b.dtype)
  if (dtype === 'bool') throw new DTypeError(`matmul: ${dtype} is not supported`)
  const [x, y] = [cast(a, dtype), cast(b, dtype)]
  const inner = (i: number, s: Shape): number => s[i] as number
  const [k1, k2] = [inner(a.rank - 1, a.shape), inner(Math.max(0, b.rank - 2), b.shape)]
  if (k1 !== k2)
    throw new ShapeError(`matmul: inner dimensions differ: ${show(a.shape)} x ${show(b.shape)}: ${k1} and ${k2}`)
  if (a.rank === 1 && b.rank === 1) return squeeze(squeeze(product(unsqueeze(x, 0), unsqueeze(y, 1), 0), 0), 0)
  if (a.rank === 1) return squeeze(product(unsqueeze(x, 0), y, 0), -2)
  if (b.rank === 1) return squeeze(product(x, unsqueeze(y, 1), 0), -1)
  // Batches of rows times one matrix are one larger product.
  if (a.rank > 2 && b.rank === 2 && x.isContiguous) {
    const rows = product(reshape(x, [numelOf(a.shape.slice(0, -1)), k1]), y, 0)
    return reshape(rows, [...a.shape.slice(0, -1), b.shape[1] as number])
  }
  return product(x, y, 0)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    matmul<E extends DType, A extends Shape, F extends DType, B extends Shape>(
      this: Tensor<E, A>,
      other: Tensor<F, B> & Fits<MatMul<A, B>>,
    ): Tensor<E, ShapeOf<MatMul<A, B>>>
  }
}
method('matmul', function (this: Tensor, other: Tensor) {
  return matmul(this, other)
})
