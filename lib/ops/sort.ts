/** Sorting and choosing by order. NaN is greatest everywhere. Gradients go where the values came from. */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, eq, logicalAnd, logicalOr, mul } from './binary.js'
import { cast } from './convert.js'
import { make0, makeMany, method, refuseComplex } from './emit.js'
import { scatterAdd } from './gather.js'
import { sum } from './reduce.js'
import { isnan } from './unary.js'
import { reshape, squeeze } from './views.js'

/** Values and the i64 places along the axis that they were found at. */
export type Found<D extends DType> = [values: Tensor<D>, indices: Tensor<'i64'>]

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

export interface ChooseOptions {
  /** Keep the axis with size 1. */
  keepDim?: boolean
}

/** `size` elements along the axis, chosen by a kernel. */
function choose<D extends DType>(
  name: string,
  op: number,
  x: Tensor<D>,
  axis: number,
  size: number,
  attributes: readonly number[],
  nsPerElement: number,
): Found<D> {
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
  ) as Found<D>
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
function chooseOne<D extends DType>(
  name: string,
  op: number,
  x: Tensor<D>,
  [axis, length]: readonly [number, number],
  attributes: readonly number[],
  options: ChooseOptions | undefined,
  nsPerElement: number,
): Found<D> {
  if (length === 0 && x.shape.every((d, i) => d > 0 || i === axis))
    throw new ShapeError(`${name}: axis ${axis} of ${show(x.shape)} has no elements to choose from`)
  const [values, indices] = choose(name, op, x, axis, 1, attributes, nsPerElement)
  if (options?.keepDim || x.rank === 0) return [values, indices]
  return [squeeze(values, axis), squeeze(indices, axis)]
}

/** The elements along an axis in rising order, and their places (torch.sort). Stable; -0 and 0 are equal. */
export function sort<D extends DType>(x: Tensor<D>, axis = -1, options?: SortOptions): Found<D> {
  const [a, length] = lengthOf('sort', x, axis)
  return choose('sort', OP.sort, x, a, length, [options?.descending ? 1 : 0], 10)
}

/** The places of the elements along an axis in rising order (torch.argsort). */
export function argsort(x: Tensor, axis = -1, options?: SortOptions): Tensor<'i64'> {
  return sort(x.detach(), axis, options)[1]
}

/** Sorted along the first axis (torch.msort). */
export function msort<D extends DType>(x: Tensor<D>): Tensor<D> {
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
export function kthvalue<D extends DType>(x: Tensor<D>, k: number, axis = -1, options?: ChooseOptions): Found<D> {
  const line = lengthOf('kthvalue', x, axis)
  if (!Number.isInteger(k) || k < 1 || k > line[1])
    throw new ValueError(`kthvalue: k is ${k}; axis ${axis} of ${show(x.shape)} has ${line[1]} elements`)
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
 * The median: of an even number the lower one; NaN where there is one (torch.median). With an axis: along it, with its place;
 * without: of all elements, its value alone, whose gradient equal elements share.
 */
export function median<D extends DType>(x: Tensor<D>): Tensor<D>
export function median<D extends DType>(x: Tensor<D>, axis: number, options?: ChooseOptions): Found<D>
export function median<D extends DType>(x: Tensor<D>, axis?: number, options?: ChooseOptions): Tensor<D> | Found<D> {
  return middle('median', 1, x, axis, options)
}

/** As `median`, of what is not NaN (torch.nanmedian). */
export function nanmedian<D extends DType>(x: Tensor<D>): Tensor<D>
export function nanmedian<D extends DType>(x: Tensor<D>, axis: number, options?: ChooseOptions): Found<D>
export function nanmedian<D extends DType>(x: Tensor<D>, axis?: number, options?: ChooseOptions): Tensor<D> | Found<D> {
  return middle('nanmedian', 2, x, axis, options)
}

/** The most frequent element along an axis, the smallest of several, and where it is found last (torch.mode). */
export function mode<D extends DType>(x: Tensor<D>, axis = -1, options?: ChooseOptions): Found<D> {
  return chooseOne('mode', OP.mode, x, lengthOf('mode', x, axis), [], options, 10)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    sort<E extends DType>(this: Tensor<E>, axis?: number, options?: SortOptions): Found<E>
    argsort(axis?: number, options?: SortOptions): Tensor<'i64'>
    msort<E extends DType>(this: Tensor<E>): Tensor<E>
    topk<E extends DType>(this: Tensor<E>, k: number, axis?: number, options?: TopkOptions): Found<E>
    kthvalue<E extends DType>(this: Tensor<E>, k: number, axis?: number, options?: ChooseOptions): Found<E>
    median<E extends DType>(this: Tensor<E>): Tensor<E>
    median<E extends DType>(this: Tensor<E>, axis: number, options?: ChooseOptions): Found<E>
    nanmedian<E extends DType>(this: Tensor<E>): Tensor<E>
    nanmedian<E extends DType>(this: Tensor<E>, axis: number, options?: ChooseOptions): Found<E>
    mode<E extends DType>(this: Tensor<E>, axis?: number, options?: ChooseOptions): Found<E>
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
    return f(this, k, axis, options)
  })
}
