/** Sorting and choosing by order. NaN is greatest everywhere. Gradients go where the values came from. */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { normalizeAxis, type Shape, show } from '../tensor/shape.js'
import type { After, AxesFor } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, logicalAnd, logicalOr, mul } from './binary.js'
import { cast } from './convert.js'
import { make0, makeMany, method, refuseComplex } from './emit.js'
import { scatterAdd } from './gather.js'
import { sum } from './reduce.js'
import { isnan } from './unary.js'
import { reshape, squeeze } from './views.js'

/** Values and the i64 places along the axis that they were found at. */
export type Found<D extends DType, S extends Shape = Shape> = [values: Tensor<D, S>, indices: Tensor<'i64', S>]

export interface SortOptions {
  /** The largest first. */
  descending?: boolean
  /** Equal elements keep their order. They always do; accepted for PyTorch's sake. */
  stable?: boolean
}

export interface TopkOptions {
  /** Default true; false: the smallest. */
  largest?: boolean
  /** Default true. false leaves the order open (they come in order all the same). */
  sorted?: boolean
}

export interface ChooseOptions<K extends boolean = boolean> {
  /** Keep the axis with size 1. */
  keepDim?: K
}

/** `size` elements along the axis, chosen by a kernel. */
function choose<D extends DType, R extends Shape>(
  name: string,
  op: number,
  x: Tensor<D>,
  axis: number,
  size: number,
  attributes: readonly number[],
  nsPerElement: number,
): Found<D, R> {
  const shape = x.shape.map((d, i) => (i === axis ? size : d))
  const [values, indices] = makeMany(
    name,
    op,
    [
      { dtype: x.dtype, shape },
      { dtype: 'i64', shape },
    ],
    [x],
    [axis, ...attributes],
    x.numel * nsPerElement,
  ) as Found<D, R>
  if (needsGrad(x)) {
    const from = x.shape
    record(name, values, [x], [save(indices)], (g, [i]) => [
      scatterAdd(make0(OP.fill, g.device, g.dtype, from, [0]), axis, i as Tensor, g),
    ])
  }
  return [values, indices]
}

function lengthOf(name: string, x: Tensor, axis: number): [axis: number, length: number] {
  refuseComplex(name, x)
  const a = normalizeAxis(name, axis, x.rank)
  return [a, x.rank === 0 ? 1 : (x.shape[a] as number)]
}

/** One element along the axis, which disappears unless it is kept. */
function chooseOne<D extends DType, R extends Shape>(
  name: string,
  op: number,
  x: Tensor<D>,
  [axis, length]: readonly [number, number],
  attributes: readonly number[],
  options: ChooseOptions | undefined,
  nsPerElement: number,
): Found<D, R> {
  if (length === 0 && x.shape.every((d, i) => d > 0 || i === axis))
    throw new ShapeError(`${name}: axis ${axis} of ${show(x.shape)} has no elements to choose from`)
  const [values, indices] = choose(name, op, x, axis, 1, attributes, nsPerElement)
  if (options?.keepDim || x.rank === 0) return [values, indices] as Found<D, R>
  return [squeeze(values, axis), squeeze(indices, axis)] as Found<D, R>
}

/** The elements along an axis in rising order, and their places (torch.sort). Stable; -0 and 0 are equal. */
export function sort<D extends DType, S extends Shape>(x: Tensor<D, S>, axis = -1, options?: SortOptions): Found<D, S> {
  const [a, length] = lengthOf('sort', x, axis)
  return choose('sort', OP.sort, x, a, length, [options?.descending ? 1 : 0], 10)
}

/** The places of the elements along an axis in rising order (torch.argsort). */
export function argsort<S extends Shape>(x: Tensor<DType, S>, axis = -1, options?: SortOptions): Tensor<'i64', S> {
  return sort(x.detach(), axis, options)[1]
}

/** Sorted along the first axis (torch.msort). */
export function msort<D extends DType, S extends Shape>(x: Tensor<D, S>): Tensor<D, S> {
  return sort(x, 0)[0]
}

/** The k largest (or smallest) elements along an axis in order, and their places (torch.topk): of equals the first. */
export function topk<D extends DType>(x: Tensor<D>, k: number, axis = -1, options?: TopkOptions): Found<D> {
  const [a, length] = lengthOf('topk', x, axis)
  if (!Number.isInteger(k) || k < 0 || k > length)
    throw new ValueError(`topk: k is ${k}; axis ${axis} of ${show(x.shape)} has ${length} elements`)
  return choose('topk', OP.topk, x, a, k, [k, options?.largest === false ? 0 : 1], 3)
}

/** The k-th smallest element along an axis, counted from 1, and its place (torch.kthvalue). */
export function kthvalue<D extends DType, S extends Shape, A extends number = -1, K extends boolean = false>(
  x: Tensor<D, S>,
  k: number,
  axis?: AxesFor<S, A>,
  options?: ChooseOptions<K>,
): Found<D, After<S, A, K>> {
  const line = lengthOf('kthvalue', x, axis ?? -1)
  if (!Number.isInteger(k) || k < 1 || k > line[1])
    throw new ValueError(`kthvalue: k is ${k}; axis ${axis ?? -1} of ${show(x.shape)} has ${line[1]} elements`)
  return chooseOne('kthvalue', OP.kthvalue, x, line, [k - 1, 0], options, 3)
}

function middle<D extends DType>(
  name: string,
  which: number,
  x: Tensor<D>,
  axis: number | undefined,
  options: ChooseOptions | undefined,
): Tensor<D> | Found<D> {
  if (axis !== undefined) return chooseOne(name, OP.kthvalue, x, lengthOf(name, x, axis), [0, which], options, 3)
  // Of nothing it is NaN; its gradient, of nothing too, still belongs to x.
  if (x.numel === 0 && isFloating(x.dtype)) return add(sum(x), Number.NaN) as Tensor<D>
  const flat = reshape(x.detach(), [-1])
  const [y] = chooseOne(name, OP.kthvalue, flat, lengthOf(name, flat, 0), [0, which], undefined, 3)
  if (needsGrad(x)) {
    record(name, y, [x], [save(x), save(y)], (g, [xs, ys]) => {
      const [x, y] = [xs as Tensor, ys as Tensor]
      const at = cast(logicalOr(eq(x, y), logicalAnd(isnan(x), isnan(y))), x.dtype)
      return [mul(at, div(g, sum(at)))]
    })
  }
  return y
}

/**
 * The median: of an even number the lower one; NaN where there is one, and of no elements (torch.median). With an axis: along it, with its place;
 * without: of all elements, its value alone, whose gradient equal elements share.
 */
export function median<D extends DType>(x: Tensor<D>): Tensor<D, readonly []>
export function median<D extends DType, S extends Shape, A extends number, K extends boolean = false>(
  x: Tensor<D, S>,
  axis: AxesFor<S, A>,
  options?: ChooseOptions<K>,
): Found<D, After<S, A, K>>
export function median<D extends DType>(x: Tensor<D>, axis?: number, options?: ChooseOptions): Tensor<D> | Found<D> {
  return middle('median', 1, x, axis, options)
}

/** As `median`, of what is not NaN (torch.nanmedian). */
export function nanmedian<D extends DType>(x: Tensor<D>): Tensor<D, readonly []>
export function nanmedian<D extends DType, S extends Shape, A extends number, K extends boolean = false>(
  x: Tensor<D, S>,
  axis: AxesFor<S, A>,
  options?: ChooseOptions<K>,
): Found<D, After<S, A, K>>
export function nanmedian<D extends DType>(x: Tensor<D>, axis?: number, options?: ChooseOptions): Tensor<D> | Found<D> {
  return middle('nanmedian', 2, x, axis, options)
}

/** The most frequent element along an axis, the smallest of several, and where it is found last (torch.mode). */
export function mode<D extends DType, S extends Shape, A extends number = -1, K extends boolean = false>(
  x: Tensor<D, S>,
  axis?: AxesFor<S, A>,
  options?: ChooseOptions<K>,
): Found<D, After<S, A, K>> {
  return chooseOne('mode', OP.mode, x, lengthOf('mode', x, axis ?? -1), [], options, 10)
}

interface MedianMethod {
  <E extends DType>(this: Tensor<E>): Tensor<E, readonly []>
  <E extends DType, S extends Shape, A extends number, K extends boolean = false>(
    this: Tensor<E, S>,
    axis: AxesFor<S, A>,
    options?: ChooseOptions<K>,
  ): Found<E, After<S, A, K>>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    sort<E extends DType, A extends Shape>(this: Tensor<E, A>, axis?: number, options?: SortOptions): Found<E, A>
    argsort<A extends Shape>(this: Tensor<DType, A>, axis?: number, options?: SortOptions): Tensor<'i64', A>
    msort<E extends DType, A extends Shape>(this: Tensor<E, A>): Tensor<E, A>
    topk<E extends DType>(this: Tensor<E>, k: number, axis?: number, options?: TopkOptions): Found<E>
    kthvalue<E extends DType, A extends Shape, B extends number = -1, K extends boolean = false>(
      this: Tensor<E, A>,
      k: number,
      axis?: AxesFor<A, B>,
      options?: ChooseOptions<K>,
    ): Found<E, After<A, B, K>>
    median: MedianMethod
    nanmedian: MedianMethod
    mode<E extends DType, A extends Shape, B extends number = -1, K extends boolean = false>(
      this: Tensor<E, A>,
      axis?: AxesFor<A, B>,
      options?: ChooseOptions<K>,
    ): Found<E, After<A, B, K>>
  }
}
for (const [name, f] of Object.entries({ sort, argsort, mode, median, nanmedian })) {
  method(name, function (this: Tensor, axis?: number, options?: object) {
    return (f as (x: Tensor, axis?: number, options?: object) => unknown)(this, axis, options)
  })
}
method('msort', function (this: Tensor) {
  return msort(this)
})
for (const [name, f] of Object.entries({ topk, kthvalue })) {
  method(name, function (this: Tensor, k: number, axis?: number, options?: object) {
    return (f as (x: Tensor, k: number, axis?: number, options?: object) => unknown)(this, k, axis, options)
  })
}
