/** Vector norms and what is made of them. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex, isFloating } from '../tensor/dtype.js'
import { axesMask, normalizeAxis, type Shape, show } from '../tensor/shape.js'
import type { After, AxesFor } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, gt, mul, pow, sub } from './binary.js'
import { cast } from './convert.js'
import { zerosLike } from './creation.js'
import { method } from './emit.js'
import { type Axes, axesOf, reduce, type SumOptions, spread, sum, typed } from './reduce.js'
import { maskedFill, where } from './select.js'
import { abs, sign } from './unary.js'

/**
 * (sum |x|^p)^(1/p) over the axes, all of them by default: torch.linalg.vector_norm. p is any number: Infinity and -Infinity
 * give the largest and the smallest |x|, 0 how many are not zero. Powers are summed in f64. Norms of complex numbers are real.
 * The gradient at 0 is 0; equal extremes share it.
 *
 * @throws ShapeError when there are no elements and p has no value for none (p < 0, p = Infinity)
 */
export function vectorNorm<
  D extends DType,
  E extends DType = D,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, p = 2, axes?: AxesFor<S, A>, options?: SumOptions<E, K>): Tensor<E, After<S, A, K>> {
  if (typeof p !== 'number' || Number.isNaN(p)) throw new ValueError(`vectorNorm: the order is ${p}, not a number`)
  const given = typed('vectorNorm', x, options)
  const f = isComplex(given.dtype) ? abs(given) : given
  if (!isFloating(f.dtype))
    throw new DTypeError(`vectorNorm: a ${f.dtype} tensor; convert it with .to('f32') or pass {dtype}`)
  const reduced = axesOf(axesMask('vectorNorm', axes, f.rank), f.rank)
  if ((p < 0 || p === Number.POSITIVE_INFINITY) && countOf(f.shape, reduced) === 0 && f.rank > 0)
    throw new ShapeError(
      `vectorNorm: ${show(f.shape)} has no elements, and the norm of order ${p} of none is undefined`,
    )
  const { y, mask } = reduce('vectorNorm', OP.vectorNorm, f, f.dtype, axes, options, [p])
  if (needsGrad(f)) {
    record('vectorNorm', y, [f], [save(f), save(y)], (g, [x, y]) => [
      normGradient(g, x as Tensor, y as Tensor, p, mask),
    ])
  }
  return y as Tensor as Tensor<E, After<S, A, K>>
}

/** Elements behind one result. */
const countOf = (shape: Shape, axes: readonly number[]): number => axes.reduce((n, a) => n * (shape[a] as number), 1)

// d|x|_p / dx = sign(x) (|x| / |x|_p)^(p-1); subgradients as in PyTorch: 0 at 0 (for p < 1 where the element is 0).
function normGradient(g: Tensor, x: Tensor, norm: Tensor, p: number, mask: number): Tensor {
  const { shape } = x
  const wide = (t: Tensor): Tensor => spread(t, shape, mask)
  if (p === 0) return mul(zerosLike(x), wide(g))
  if (p === 1) return mul(sign(x), wide(g))
  const zero = eq(norm, 0)
  const positive = maskedFill(norm, zero, 1)
  if (p === 2) return mul(x, wide(div(g, positive)))
  if (!Number.isFinite(p)) {
    // A norm of NaN is no element's: 0 for all.
    const at = eq(abs(x), wide(norm))
    const count = sum(cast(at, x.dtype), axesOf(mask, x.rank), { keepDim: true }).reshape(g.shape)
    return where(at, mul(sign(x), wide(div(g, count))), 0)
  }
  // Zeros are replaced before the power is taken, so that neither it nor its derivative is infinite there.
  const none = eq(x, 0)
  const share = pow(div(maskedFill(abs(x), none, 1), wide(positive)), p - 1)
  return mul(maskedFill(mul(sign(x), share), none, 0), wide(maskedFill(g, zero, 0)))
}

/**
 * The norm of order p of the elements (torch.norm): 'fro' and 2 are the same. Over the axes, or all elements. Matrix norms are
 * `linalg`'s.
 */
export function norm<
  D extends DType,
  E extends DType = D,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, p: number | 'fro' = 2, axes?: AxesFor<S, A>, options?: SumOptions<E, K>): Tensor<E, After<S, A, K>> {
  return vectorNorm(x, p === 'fro' ? 2 : p, axes, options)
}

/** The norm of order p of a - b, which broadcast (torch.dist). */
export function dist(a: Tensor, b: Tensor, p = 2): Tensor {
  return vectorNorm(sub(a, b), p)
}

/**
 * x with each slice along the axis scaled down to the norm `maxNorm` if its norm of order p is larger (torch.renorm, which adds
 * 1e-7 to the norm divided by).
 */
export function renorm<D extends DType>(x: Tensor<D>, p: number, axis: number, maxNorm: number): Tensor<D> {
  if (!(p > 0)) throw new ValueError(`renorm: order ${p}; it must be positive`)
  if (!(maxNorm >= 0)) throw new ValueError(`renorm: maxNorm ${maxNorm}; it must not be negative`)
  if (x.rank < 2) throw new ShapeError(`renorm: takes at least two dimensions, got ${show(x.shape)}`)
  const a = normalizeAxis('renorm', axis, x.rank)
  const others = x.shape.map((_, i) => i).filter((i) => i !== a)
  const norms = vectorNorm(x, p, others, { keepDim: true })
  const factors = where(gt(norms, maxNorm), div(maxNorm, add(norms, 1e-7)), 1)
  return mul(x, factors) as Tensor<D>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    norm<
      E extends DType,
      A extends Shape,
      F extends DType = E,
      const B extends Axes = undefined,
      K extends boolean = false,
    >(
      this: Tensor<E, A>,
      p?: number | 'fro',
      axes?: AxesFor<A, B>,
      options?: SumOptions<F, K>,
    ): Tensor<F, After<A, B, K>>
    dist(other: Tensor, p?: number): Tensor
    renorm<E extends DType>(this: Tensor<E>, p: number, axis: number, maxNorm: number): Tensor<E>
  }
}
method('norm', function (this: Tensor, p?: number | 'fro', axes?: Axes, options?: SumOptions) {
  return norm(this, p, axes, options)
})
method('dist', function (this: Tensor, other: Tensor, p?: number) {
  return dist(this, other, p)
})
method('renorm', function (this: Tensor, p: number, axis: number, maxNorm: number) {
  return renorm(this, p, axis, maxNorm)
})
