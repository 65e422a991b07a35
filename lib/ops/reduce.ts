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
import { prodGradient } from './scan.js'
import { maskedFill } from './select.js'
import { exp } from './unary.js'
import { expand, permute, reshape } from './views.js'

export interface ReduceOptions {
  /** Keep reduced dimensions with size 1. */
  keepDim?: boolean
}

export interface SumOptions<E extends DType = DType> extends ReduceOptions {
  /** The elements are cast to this first. */
  dtype?: E
}

export type Axes = number | readonly number[] | undefined

/** A tensor of the reduced shape, spread over the shape it was reduced from. */
export function spread(g: Tensor, shape: Shape, mask: number): Tensor {
  return expand(reshape(g, reducedShape(shape, mask, true)), shape)
}

export function reduce<D extends DType>(
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

/** Sum, of complex numbers too. Integers and bool give i64, as in PyTorch, unless `dtype` says otherwise. */
export function sum<D extends DType, E extends DType = D>(
  x: Tensor<D>,
  axes?: Axes,
  options?: SumOptions<E>,
): Tensor<E> {
  const f = typed('sum', x, options)
  if (isComplex(f.dtype)) return byParts('sum', sum, f, axes, keepDimOf(options)) as Tensor as Tensor<E>
  const { y, mask } = reduce('sum', OP.sum, f, options?.dtype ?? wide(f.dtype), axes, options)
  if (needsGrad(f)) {
    const from = f.shape
    record('sum', y, [f], null, (g) => [spread(g, from, mask)])
  }
  return y as unknown as Tensor<E>
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
  const which = axesOf(mask, x.rank)
  return viewAsComplex(which.length > 0 ? f(viewAsReal(x), which, options) : viewAsReal(x)) as Tensor as Tensor<D>
}

/** The elements in the dtype that a reduction is asked for. */
export function typed(name: string, x: Tensor, options: SumOptions | undefined): Tensor {
  if (options?.dtype === undefined) return x
  if (isComplex(x.dtype) && !isComplex(options.dtype))
    throw new DTypeError(`${name}: ${x.dtype} as ${options.dtype} would lose the imaginary part`)
  return cast(x, options.dtype)
}

export const keepDimOf = (options: ReduceOptions | undefined): ReduceOptions => ({ keepDim: options?.keepDim ?? false })

const wide = (d: DType): DType => (isIntegral(d) ? 'i64' : d)

/** Mean of floating-point or complex elements; NaN when there are none. Others need a `dtype`. */
export function mean<D extends DType, E extends DType = D>(
  x: Tensor<D>,
  axes?: Axes,
  options?: SumOptions<E>,
): Tensor<E> {
  const f = typed('mean', x, options)
  if (isComplex(f.dtype)) return byParts('mean', mean, f, axes, keepDimOf(options)) as Tensor as Tensor<E>
  if (!isFloating(f.dtype)) throw new DTypeError(`mean: a ${f.dtype} tensor; convert it with .to('f32') first`)
  const { y, mask } = reduce('mean', OP.mean, f, f.dtype, axes, options)
  if (needsGrad(f)) {
    const from = f.shape
    const n = f.numel / Math.max(1, y.numel)
    record('mean', y, [f], null, (g) => [spread(mul(g, 1 / n), from, mask)])
  }
  return y as unknown as Tensor<E>
}

/** Product. Its gradients are exact where factors are zero, at any order. */
export function prod<D extends DType, E extends DType = D>(
  x: Tensor<D>,
  axes?: Axes,
  options?: SumOptions<E>,
): Tensor<E> {
  const f = typed('prod', x, options)
  const { y, mask } = reduce('prod', OP.prod, f, options?.dtype ?? wide(f.dtype), axes, options)
  if (needsGrad(f)) record('prod', y, [f], [save(f)], (g, [x]) => [prodGrad(g, x as Tensor, mask)])
  return y as unknown as Tensor<E>
}

/** The axes of a bit mask. */
export const axesOf = (mask: number, rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => mask & (1 << i))

// Along one axis: the reduced ones, moved behind the others and joined.
function prodGrad(g: Tensor, x: Tensor, mask: number): Tensor {
  const axes = axesOf(mask, x.rank)
  if (axes.length === 0) return reshape(g, x.shape)
  const kept = axesOf(2 ** x.rank - 1 - mask, x.rank)
  const order = [...kept, ...axes]
  const moved = permute(x, order)
  const outer = kept.map((i) => x.shape[i] as number)
  const line = reshape(moved, [...outer, numelOf(axes.map((i) => x.shape[i] as number))])
  const grads = prodGradient(reshape(g, [...outer, 1]), line, outer.length)
  return permute(
    reshape(grads, moved.shape),
    order.map((_, i) => order.indexOf(i)),
  )
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
      const axes = axesOf(mask, x.rank)
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

/** log(sum(exp(x))), computed without overflow. */
export function logsumexp<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D> {
  const f = cast(x, floatOf(x.dtype))
  const { y, mask } = reduce('logsumexp', OP.logsumexp, f, f.dtype, axes, options)
  if (needsGrad(f)) {
    record('logsumexp', y, [f], [save(f), save(y)], (g, [xs, ys]) => {
      const x = xs as Tensor
      // Where all elements are -inf, their weights are to be 0, not exp(-inf + inf).
      const top = maskedFill(ys as Tensor, eq(ys as Tensor, Number.NEGATIVE_INFINITY), 0)
      return [mul(exp(sub(x, spread(top, x.shape, mask))), spread(g, x.shape, mask))]
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

/** The sum over the axes along which `shape` would be broadcast to x's shape (Tensor.sum_to_size). */
export function sumToSize<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  const fits = shape.length <= x.rank && shape.every((d, i) => d === 1 || d === x.shape[x.rank - shape.length + i])
  if (!fits) throw new ShapeError(`sumToSize: ${show(shape)} does not broadcast to ${show(x.shape)}`)
  if (isComplex(x.dtype))
    throw new DTypeError(`sumToSize: ${x.dtype} is not supported; take the real and imaginary parts`)
  return sumTo(x, shape) as Tensor<D>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    sum<E extends DType>(this: Tensor<E>): Tensor<E, readonly []>
    sum<E extends DType, F extends DType = E>(this: Tensor<E>, axes: Axes, options?: SumOptions<F>): Tensor<F>
    mean<E extends DType>(this: Tensor<E>): Tensor<E, readonly []>
    mean<E extends DType, F extends DType = E>(this: Tensor<E>, axes: Axes, options?: SumOptions<F>): Tensor<F>
    prod<E extends DType, F extends DType = E>(this: Tensor<E>, axes?: Axes, options?: SumOptions<F>): Tensor<F>
    amax<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions): Tensor<E>
    amin<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions): Tensor<E>
    any(axes?: Axes, options?: ReduceOptions): Tensor<'bool'>
    all(axes?: Axes, options?: ReduceOptions): Tensor<'bool'>
    argmax(axis?: number, options?: ReduceOptions): Tensor<'i64'>
    argmin(axis?: number, options?: ReduceOptions): Tensor<'i64'>
    logsumexp<E extends DType>(this: Tensor<E>, axes?: Axes, options?: ReduceOptions): Tensor<E>
    sumToSize<E extends DType>(this: Tensor<E>, shape: Shape): Tensor<E>
  }
}
type Reduction = (x: Tensor, axes?: Axes, options?: ReduceOptions) => Tensor
const reductions: Record<string, Reduction> = { sum, mean, prod, amax, amin, any, all, logsumexp }
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
method('sumToSize', function (this: Tensor, shape: Shape) {
  return sumToSize(this, shape)
})
