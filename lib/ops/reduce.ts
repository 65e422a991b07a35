/** Reductions over any axes. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf, isComplex, isFloating, isIntegral } from '../tensor/dtype.js'
import { axesMask, numelOf, reducedShape, type Shape, sameShape, show } from '../tensor/shape.js'
import type { After, AxesFor } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, eq, mul, ne, sub } from './binary.js'
import { viewAsComplex, viewAsReal } from './complex.js'
import { treeProduct } from './complex-products.js'
import { cast } from './convert.js'
import { make, method } from './emit.js'
import { prodGradient } from './scan.js'
import { maskedFill } from './select.js'
import { exp } from './unary.js'
import { expand, permute, reshape } from './views.js'

export interface ReduceOptions<K extends boolean = boolean> {
  /** Keep reduced dimensions with size 1. */
  keepDim?: K
}

export interface SumOptions<E extends DType = DType, K extends boolean = boolean> extends ReduceOptions<K> {
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
export function sum<
  D extends DType,
  E extends DType = D,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, axes?: AxesFor<S, A>, options?: SumOptions<E, K>): Tensor<E, After<S, A, K>> {
  const f = typed('sum', x, options)
  if (isComplex(f.dtype)) return byParts('sum', sum, f, axes, keepDimOf(options)) as Tensor as Tensor<E, After<S, A, K>>
  const { y, mask } = reduce('sum', OP.sum, f, options?.dtype ?? wide(f.dtype), axes, options)
  if (needsGrad(f)) {
    const from = f.shape
    record('sum', y, [f], null, (g) => [spread(g, from, mask)])
  }
  return y as Tensor as Tensor<E, After<S, A, K>>
}

/** What kernels that only ask for zeros take: complex numbers as truth values. */
export const truths = (x: Tensor): Tensor => (isComplex(x.dtype) ? ne(x, 0) : x)

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

export const keepDimOf = <K extends boolean>(options: ReduceOptions<K> | undefined): ReduceOptions<K> => ({
  keepDim: options?.keepDim ?? (false as K),
})

const wide = (d: DType): DType => (isIntegral(d) ? 'i64' : d)

/** Mean of floating-point or complex elements; NaN when there are none. Others need a `dtype`. */
export function mean<
  D extends DType,
  E extends DType = D,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, axes?: AxesFor<S, A>, options?: SumOptions<E, K>): Tensor<E, After<S, A, K>> {
  const f = typed('mean', x, options)
  if (isComplex(f.dtype))
    return byParts('mean', mean, f, axes, keepDimOf(options)) as Tensor as Tensor<E, After<S, A, K>>
  if (!isFloating(f.dtype)) throw new DTypeError(`mean: a ${f.dtype} tensor; convert it with .to('f32') first`)
  const { y, mask } = reduce('mean', OP.mean, f, f.dtype, axes, options)
  if (needsGrad(f)) {
    const from = f.shape
    const n = f.numel / Math.max(1, y.numel)
    record('mean', y, [f], null, (g) => [spread(mul(g, 1 / n), from, mask)])
  }
  return y as Tensor as Tensor<E, After<S, A, K>>
}

/** Product, of complex numbers too. Its gradients are exact where factors are zero, at any order. */
export function prod<
  D extends DType,
  E extends DType = D,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, axes?: AxesFor<S, A>, options?: SumOptions<E, K>): Tensor<E, After<S, A, K>> {
  const f = typed('prod', x, options)
  if (isComplex(f.dtype)) {
    const mask = axesMask('prod', axes, f.rank)
    const y = treeProduct(joined(f, mask).line)
    return reshape(y, reducedShape(f.shape, mask, options?.keepDim ?? false)) as Tensor as Tensor<E, After<S, A, K>>
  }
  const { y, mask } = reduce('prod', OP.prod, f, options?.dtype ?? wide(f.dtype), axes, options)
  if (needsGrad(f)) record('prod', y, [f], [save(f)], (g, [x]) => [prodGrad(g, x as Tensor, mask)])
  return y as Tensor as Tensor<E, After<S, A, K>>
}

/** The axes of a bit mask. */
export const axesOf = (mask: number, rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => i).filter((i) => mask & (1 << i))

/** The axes of the mask moved behind the others, and joined: (outer..., n). */
function joined(x: Tensor, mask: number): { moved: Tensor; line: Tensor; outer: number[]; order: number[] } {
  const axes = axesOf(mask, x.rank)
  const kept = axesOf(2 ** x.rank - 1 - mask, x.rank)
  const order = [...kept, ...axes]
  const moved = permute(x, order)
  const outer = kept.map((i) => x.shape[i] as number)
  return { moved, line: reshape(moved, [...outer, numelOf(axes.map((i) => x.shape[i] as number))]), outer, order }
}

// Along one axis.
function prodGrad(g: Tensor, x: Tensor, mask: number): Tensor {
  if (mask === 0) return reshape(g, x.shape)
  const { moved, line, outer, order } = joined(x, mask)
  const grads = prodGradient(reshape(g, [...outer, 1]), line, outer.length)
  return permute(
    reshape(grads, moved.shape),
    order.map((_, i) => order.indexOf(i)),
  )
}

function extreme<D extends DType, R extends Shape>(
  name: string,
  op: number,
  x: Tensor<D>,
  axes: Axes,
  options?: ReduceOptions,
): Tensor<D, R> {
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
  return y as Tensor<D, R>
}

/** Largest element; a NaN wins. Equal ones share the gradient. */
export function amax<D extends DType, S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<D, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Tensor<D, After<S, A, K>> {
  return extreme('amax', OP.amax, x, axes, options)
}

/** Smallest element; a NaN wins. */
export function amin<D extends DType, S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<D, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Tensor<D, After<S, A, K>> {
  return extreme('amin', OP.amin, x, axes, options)
}

/** True where any element is not zero. */
export function any<S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<DType, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Tensor<'bool', After<S, A, K>> {
  return reduce('any', OP.any, truths(x), 'bool', axes, options).y as Tensor<'bool', After<S, A, K>>
}

/** True where no element is zero; of complex numbers too. */
export function all<S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<DType, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Tensor<'bool', After<S, A, K>> {
  return reduce('all', OP.all, truths(x), 'bool', axes, options).y as Tensor<'bool', After<S, A, K>>
}

/** Index of the largest element along `axis`, or into the flattened tensor; the first of equals. */
export function argmax<S extends Shape, A extends number | undefined = undefined, K extends boolean = false>(
  x: Tensor<DType, S>,
  axis?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Tensor<'i64', After<S, A, K>> {
  return argExtreme('argmax', OP.argmax, x, axis, options)
}

/** Index of the smallest element along `axis`, or into the flattened tensor; the first of equals. */
export function argmin<S extends Shape, A extends number | undefined = undefined, K extends boolean = false>(
  x: Tensor<DType, S>,
  axis?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Tensor<'i64', After<S, A, K>> {
  return argExtreme('argmin', OP.argmin, x, axis, options)
}

function argExtreme<R extends Shape>(
  name: string,
  op: number,
  x: Tensor,
  axis?: number,
  options?: ReduceOptions,
): Tensor<'i64', R> {
  const mask = axesMask(name, axis, x.rank)
  if (x.numel === 0 && numelOf(reducedShape(x.shape, mask, false)) > 0) {
    throw new ShapeError(`${name}: ${show(x.shape)} has no elements to choose from`)
  }
  return reduce(name, op, x, 'i64', axis, options).y as Tensor<'i64', R>
}

/** log(sum(exp(x))), computed without overflow. */
export function logsumexp<
  D extends DType,
  S extends Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, axes?: AxesFor<S, A>, options?: ReduceOptions<K>): Tensor<D, After<S, A, K>> {
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
  return y as Tensor as Tensor<D, After<S, A, K>>
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
  return sumTo(x, shape) as Tensor<D>
}

/** A reduction that keeps the dtype. Literal axes and a literal `keepDim` give a literal shape. */
export type ReduceMethod<Options extends object = object> = <
  E extends DType,
  S extends Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  this: Tensor<E, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K> & Options,
) => Tensor<E, After<S, A, K>>

/** A reduction that can be asked for another dtype. */
export type SumMethod = <
  E extends DType,
  S extends Shape,
  F extends DType = E,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  this: Tensor<E, S>,
  axes?: AxesFor<S, A>,
  options?: SumOptions<F, K>,
) => Tensor<F, After<S, A, K>>

/** Two reductions at once. */
export type PairMethod<Options extends object = object> = <
  E extends DType,
  S extends Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  this: Tensor<E, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K> & Options,
) => [Tensor<E, After<S, A, K>>, Tensor<E, After<S, A, K>>]

/** A reduction to a dtype of its own. */
export type CountMethod<F extends DType> = <
  S extends Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  this: Tensor<DType, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
) => Tensor<F, After<S, A, K>>

/** A place along one axis. */
export type ArgMethod = <S extends Shape, A extends number | undefined = undefined, K extends boolean = false>(
  this: Tensor<DType, S>,
  axis?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
) => Tensor<'i64', After<S, A, K>>

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    sum: SumMethod
    mean: SumMethod
    prod: SumMethod
    amax: ReduceMethod
    amin: ReduceMethod
    any: CountMethod<'bool'>
    all: CountMethod<'bool'>
    argmax: ArgMethod
    argmin: ArgMethod
    logsumexp: ReduceMethod
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
