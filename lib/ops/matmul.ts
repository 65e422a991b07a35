/** Matrix products. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex, promote } from '../tensor/dtype.js'
import { broadcastShapes, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Fits, MatMul, ShapeOf } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './binary.js'
import { conj } from './complex.js'
import { cast } from './convert.js'
import { make, makeMany, method } from './emit.js'
import { sum, sumTo } from './reduce.js'
import { reshape, squeeze, transpose, unsqueeze } from './views.js'

const TRANSPOSE_A = 1
const TRANSPOSE_B = 2
/** Multiply-adds a nanosecond that one command is estimated at. */
const MADS_PER_NS = 40

/** op(a) op(b), both of rank 2 or more, with operands read as stored transposed where the flags say so. */
function product(a: Tensor, b: Tensor, flags: number): Tensor {
  const [ra, rb] = [a.rank, b.rank]
  const [m, k] = flags & TRANSPOSE_A ? [a.shape[ra - 1], a.shape[ra - 2]] : [a.shape[ra - 2], a.shape[ra - 1]]
  const [k2, n] = flags & TRANSPOSE_B ? [b.shape[rb - 1], b.shape[rb - 2]] : [b.shape[rb - 2], b.shape[rb - 1]]
  if (k !== k2)
    throw new ShapeError(`matmul: inner dimensions differ: ${show(a.shape)} x ${show(b.shape)}: ${k} and ${k2}`)
  const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2))
  const shape = [...batch, m as number, n as number]
  const y = make('matmul', OP.matmul, a.dtype, shape, a, b, [flags], (numelOf(shape) * (k as number)) / MADS_PER_NS)
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

/** One output, without an axis of its own. */
function rowLinear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  if (bias && bias.numel !== 1) throw new ShapeError(`linear: bias ${show(bias.shape)} for one output`)
  return squeeze(linear(x, unsqueeze(weight, 0), bias && reshape(bias, [1])), -1)
}

/**
 * x W^T + bias, the layer's product: x (..., in), weight (out, in), bias (out) -> (..., out). A weight (in) with a scalar bias
 * gives (...). The bias is added in the product's epilogue.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  if (weight.rank === 1) return rowLinear(x, weight, bias)
  if (weight.rank !== 2) throw new ShapeError(`linear: the weight is ${show(weight.shape)}, not (out, in)`)
  const [out, inner] = weight.shape as [number, number]
  if (x.rank === 0 || x.shape[x.rank - 1] !== inner) {
    throw new ShapeError(
      `linear: input ${show(x.shape)} does not end in the weight's ${inner}: weight ${show(weight.shape)}`,
    )
  }
  if (bias && (bias.rank !== 1 || bias.shape[0] !== out))
    throw new ShapeError(`linear: bias ${show(bias.shape)} for ${out} outputs`)
  for (const t of bias ? [weight, bias] : [weight]) {
    if (t.dtype !== x.dtype)
      throw new DTypeError(`linear: input is ${x.dtype}, weight or bias ${t.dtype}; convert one with .to()`)
  }
  if (isComplex(x.dtype)) {
    const product = matmul(x, transpose(weight))
    return bias ? add(product, bias) : product
  }
  const rows = x.rank === 2 ? x : reshape(x, [numelOf(x.shape.slice(0, -1)), inner])
  const m = rows.shape[0] as number
  const [y] = makeMany(
    'linear',
    OP.matmul,
    [{ dtype: x.dtype, shape: [m, out] }],
    bias ? [rows, weight, bias] : [rows, weight],
    [TRANSPOSE_B],
    (m * out * inner) / MADS_PER_NS,
  )
  const result = y as Tensor
  if (needsGrad(rows, weight, bias)) {
    const [gx, gw, gb] = [rows.requiresGrad, weight.requiresGrad, bias?.requiresGrad ?? false]
    record('linear', result, [rows, weight, bias], [save(rows), save(weight)], (g, [x, w]) => [
      gx ? product(g, w as Tensor, 0) : null,
      gw ? product(g, x as Tensor, TRANSPOSE_A) : null,
      gb ? sum(g, 0) : null,
    ])
  }
  return x.rank === 2 ? result : reshape(result, [...x.shape.slice(0, -1), out])
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
