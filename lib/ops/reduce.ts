/** Reductions over any axes. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf, isComplex, isFloating, isIntegral } from '../tensor/dtype.js'
import { axesMask, numelOf, reducedShape, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, eq, mul, sub } from './binary.js'
import { viewAsComplex, viewAsReal } from './complex.js'
import { cast } from './convert.js'
import { make, makeMany, method } from './emit.js'
import { exp } from './unary.js'
import { expand, reshape } from './views.js'

export interface ReduceOptions {
  /** Keep reduced dimensions with size 1. */
  keepDim?: boolean
}

export type Axes = number | readonly number[] | undefined

/** A tensor of the reduced shape, spread over the shape it was reduced from. */
function spread(g: Tensor, shape: Shape, mask: number): Tensor {
  return expand(reshape(g, reducedShape(shape, mask, true)), shape)
}

function reduce<D extends DType>(
  name: string,
  op: number,
  x: Tensor,
  dtype: D,
  axes: Axes,
  options: ReduceOptions | undefined,
  more: readonly number[] = [],
): { y: Tensor<D>; mask: number } {
  if (isComplex(x.dtype))
    throw new DTypeError(`${name}: ${x.dtype} is not supported; take the real and imaginary parts`)
  const mask = axesMask(name, axes, x.rank)
  const shape = reducedShape(x.shape, mask, options?.keepDim ?? false)
  return { y: make(name, op, dtype, shape, x, null, [mask, ...more], x.numel * 0.25), mask }
}

/** Sum, of complex numbers too. Integers and bool give i64, as in PyTorch. */
export function sum<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D> {
  if (isComplex(x.dtype)) return byParts('sum', sum, x, axes, options)
  const { y, mask } = reduce('sum', OP.sum, x, isIntegral(x.dtype) ? 'i64' : x.dtype, axes, options)
  if (needsGrad(x)) {
    const from = x.shape
    record('sum', y, [x], null, (g) => [spread(g, from, mask)])
  }
  return y as Tensor<D>
}

/** A reduction of complex numbers that treats their parts alike. */
function byParts<D extends DType>(
  name: string,
  f: (x: Tensor, axes?: Axes, options?: ReduceOptions) => Tensor,
  x: Tensor<D>,
  axes: Axes,
  options?: ReduceOptions,
): Tensor<D> {
  const mask = axesMask(name, axes, x.rank)
  const which = x.shape.map((_, i) => i).filter((i) => mask & (1 << i))
  return viewAsComplex(which.length > 0 ? f(viewAsReal(x), which, options) : viewAsReal(x)) as Tensor as Tensor<D>
}

/** Mean of floating-point or complex elements; NaN when there are none. */
export function mean<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D> {
  if (isComplex(x.dtype)) return byParts('mean', mean, x, axes, options)
  if (!isFloating(x.dtype)) throw new DTypeError(`mean: a ${x.dtype} tensor; convert it with .to('f32') first`)
  const { y, mask } = reduce('mean', OP.mean, x, x.dtype, axes, options)
  if (needsGrad(x)) {
    const from = x.shape
    const n = x.numel / Math.max(1, y.numel)
    record('mean', y, [x], null, (g) => [spread(mul(g, 1 / n), from, mask)])
  }
  return y
}

/** Product. The gradient is exact unless an element is zero, for which PyTorch's rule needs products without it: see below. */
export function prod<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D> {
  const { y, mask } = reduce('prod', OP.prod, x, isIntegral(x.dtype) ? 'i64' : x.dtype, axes, options)
  if (needsGrad(x)) {
    record('prod', y, [x], [save(x)], (g, [xs]) => [prodGrad(g, xs as Tensor, mask)])
  }
  return y as Tensor<D>
}

// d prod / d x_i is the product of the others. Without zeros that is prod / x_i; with exactly one zero it is the product of
// the rest at the zero and 0 elsewhere; with more it is 0.
function prodGrad(g: Tensor, x: Tensor, mask: number): Tensor {
  const axes = x.shape.map((_, i) => i).filter((i) => mask & (1 << i))
  const zero = eq(x, 0)
  const zeros = sum(zero, axes, { keepDim: true })
  const filled = x.maskedFill(zero, 1)
  const others = div(prod(filled, axes, { keepDim: true }), filled)
  const counts = sub(zeros.expand(x.shape), cast(zero, 'i64'))
  return mul(spread(g, x.shape, mask), mul(others, cast(eq(counts, 0), x.dtype)))
}

function extreme<D extends DType>(
  name: string,
  op: number,
  x: Tensor<D>,
  axes: Axes,
  options?: ReduceOptions,
): Tensor<D> {
  if (
    axesMask(name, axes, x.rank) !== 0 &&
    x.numel === 0 &&
    numelOf(reducedShape(x.shape, axesMask(name, axes, x.rank), false)) > 0
  ) {
    throw new ShapeError(`${name}: ${show(x.shape)} has no elements to choose from`)
  }
  const { y, mask } = reduce(name, op, x, x.dtype, axes, options)
  if (needsGrad(x)) {
    // Equal extremes share the gradient evenly (PyTorch's amax).
    record(name, y, [x], [save(x), save(y)], (g, [xs, ys]) => {
      const x = xs as Tensor
      const at = cast(eq(x, spread(ys as Tensor, x.shape, mask)), x.dtype)
      const axes = x.shape.map((_, i) => i).filter((i) => mask & (1 << i))
      return [mul(div(at, sum(at, axes, { keepDim: true })), spread(g, x.shape, mask))]
    })
  }
  return y
}

/** Largest element; a NaN wins. Equal ones share the gradient. */
export function amax<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D> {
  return extreme('amax', OP.amax, x, axes, options)
}

/** Smallest element; a NaN wins. */
export function amin<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D> {
  return extreme('amin', OP.amin, x, axes, options)
}

/** True where any element is not zero. */
export function any(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor<'bool'> {
  return reduce('any', OP.any, x, 'bool', axes, options).y
}

/** True where no element is zero. */
export function all(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor<'bool'> {
  return reduce('all', OP.all, x, 'bool', axes, options).y
}

/** Index of the largest element along `axis`, or into the flattened tensor; the first of equals. */
export function argmax(x: Tensor, axis?: number, options?: ReduceOptions): Tensor<'i64'> {
  return argExtreme('argmax', OP.argmax, x, axis, options)
}

/** Index of the smallest element along `axis`, or into the flattened tensor; the first of equals. */
export function argmin(x: Tensor, axis?: number, options?: ReduceOptions): Tensor<'i64'> {
  return argExtreme('argmin', OP.argmin, x, axis, options)
}

function argExtreme(name: string, op: number, x: Tensor, axis?: number, options?: ReduceOptions): Tensor<'i64'> {
  const mask = axesMask(name, axis, x.rank)
  if (x.numel === 0 && numelOf(reducedShape(x.shape, mask, false)) > 0) {
    throw new ShapeError(`${name}: ${show(x.shape)} has no elements to choose from`)
  }
  return reduce(name, op, x, 'i64', axis, options).y
}

/** Variance with Bessel's correction by default (`correction` 1); 0 gives the population variance. */
export function variance<D extends DType>(
  x: Tensor<D>,
  axes?: Axes,
  options?: ReduceOptions & { correction?: number },
): Tensor<D> {
  if (!isFloating(x.dtype)) throw new DTypeError(`variance: a ${x.dtype} tensor; convert it with .to('f32') first`)
  const correction = options?.correction ?? 1
  const { y, mask } = reduce('variance', OP.variance, x, x.dtype, axes, options, [correction])
  if (needsGrad(x)) {
    const n = x.numel / Math.max(1, y.numel)
    record('variance', y, [x], [save(x)], (g, [xs]) => {
      const x = xs as Tensor
      const axes = x.shape.map((_, i) => i).filter((i) => mask & (1 << i))
      const centred = sub(x, mean(x, axes, { keepDim: true }))
      return [mul(mul(centred, 2 / (n - correction)), spread(g, x.shape, mask))]
    })
  }
  return y
}

/** Standard deviation: the square root of `variance`. */
export function std<D extends DType>(
  x: Tensor<D>,
  axes?: Axes,
  options?: ReduceOptions & { correction?: number },
): Tensor<D> {
  // Half-precision variances overflow where their roots do not.
  const wide: Tensor = x.dtype === 'f16' || x.dtype === 'bf16' ? cast(x, 'f32') : x
  return cast(variance(wide, axes, options).sqrt(), x.dtype) as Tensor<D>
}

/** log(sum(exp(x))), computed without overflow. */
export function logsumexp<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D> {
  const f = cast(x, floatOf(x.dtype))
  const { y, mask } = reduce('logsumexp', OP.logsumexp, f, f.dtype, axes, options)
  if (needsGrad(f)) {
    record('logsumexp', y, [f], [save(f), save(y)], (g, [xs, ys]) => {
      const x = xs as Tensor
      return [mul(exp(sub(x, spread(ys as Tensor, x.shape, mask))), spread(g, x.shape, mask))]
    })
  }
  return y as Tensor<D>
}

/** Euclidean norm over all elements of all tensors, as one f32 number on the device (accumulated in f64). */
export function totalNorm(tensors: readonly Tensor[]): Tensor<'f32'> {
  const n = tensors.reduce((k, t) => k + t.numel, 0)
  const [squares] = makeMany('totalNorm', OP.sumSquares, [{ dtype: 'f32', shape: [] }], tensors, [], n * 0.15)
  return (squares as Tensor<'f32'>).sqrt()
}

/** A gradient summed over what broadcasting repeated, back to the operand's shape. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g
  const lead = g.rank - shape.length
  const axes: number[] = []
  for (let i = 0; i < g.rank; i++) if (i < lead || (shape[i - lead] === 1 && g.shape[i] !== 1)) axes.push(i)
  return reshape(sum(g, axes), shape)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    sum<E extends DType>(this: Tensor<E>): Tensor<E, readonly []>
    sum<E extends DType>(this: Tensor<E>, axes: Axes, options?: ReduceOptions): Tensor<E>
    mean<E extends DType>(this: Tensor<E>): Tensor<E, readonly []>
    mean<E extends DType>(this: Tensor<E>, axes: Axes, options?: ReduceOptions): Tensor<E>
    prod<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions): Tensor<E>
    amax<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions): Tensor<E>
    amin<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions): Tensor<E>
    any(axes?: Axes, options?: ReduceOptions): Tensor<'bool'>
    all(axes?: Axes, options?: ReduceOptions): Tensor<'bool'>
    argmax(axis?: number, options?: ReduceOptions): Tensor<'i64'>
    argmin(axis?: number, options?: ReduceOptions): Tensor<'i64'>
    variance<E extends DType>(
      this: Tensor<E>,
      axes?: Axes,
      options?: ReduceOptions & { correction?: number },
    ): Tensor<E>
    std<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions & { correction?: number }): Tensor<E>
    logsumexp<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions): Tensor<E>
  }
}
type Reduction = (x: Tensor, axes?: Axes, options?: ReduceOptions) => Tensor
const reductions: Record<string, Reduction> = { sum, mean, prod, amax, amin, any, all, variance, std, logsumexp }
for (const [name, f] of Object.entries(reductions)) {
  method(name, function (this: Tensor, axes?: Axes, options?: ReduceOptions) {
    return f(this, axes, options)
  })
}
method('argmax', function (this: Tensor, axis?: number, options?: ReduceOptions) {
  return argmax(this, axis, options)
})
method('argmin', function (this: Tensor, axis?: number, options?: ReduceOptions) {
  return argmin(this, axis, options)
})
