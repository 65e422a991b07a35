/** The largest and smallest elements, with their places. */
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { maximum, minimum } from './binary.js'
import { isTensor, method } from './emit.js'
import { gather } from './gather.js'
import { type Axes, amax, amin, argmax, argmin, type ReduceOptions } from './reduce.js'
import type { Found } from './sort.js'
import { squeeze } from './views.js'

function found<D extends DType>(
  name: string,
  arg: typeof argmax,
  x: Tensor<D>,
  axis: number,
  options: ReduceOptions | undefined,
): Found<D> {
  const a = normalizeAxis(name, axis, x.rank)
  const at = arg(x, a, { keepDim: true })
  const values = gather(x, a, at)
  if (options?.keepDim || x.rank === 0) return [values, at]
  return [squeeze(values, a), squeeze(at, a)]
}

/**
 * Without an axis the largest element (`amax`: equal ones share the gradient); with one the largest along it and its place,
 * the first of equals; with a tensor `maximum`. A NaN wins. Definition: torch.max.
 */
export function max<D extends DType>(x: Tensor<D>): Tensor<D>
export function max<D extends DType>(x: Tensor<D>, axis: number, options?: ReduceOptions): Found<D>
export function max(x: Tensor, other: Tensor): Tensor
export function max(x: Tensor, by?: number | Tensor, options?: ReduceOptions): Tensor | Found<DType> {
  if (by === undefined) return amax(x)
  return isTensor(by) ? maximum(x, by) : found('max', argmax, x, by, options)
}

/** The smallest element, as `max` the largest. Definition: torch.min. */
export function min<D extends DType>(x: Tensor<D>): Tensor<D>
export function min<D extends DType>(x: Tensor<D>, axis: number, options?: ReduceOptions): Found<D>
export function min(x: Tensor, other: Tensor): Tensor
export function min(x: Tensor, by?: number | Tensor, options?: ReduceOptions): Tensor | Found<DType> {
  if (by === undefined) return amin(x)
  return isTensor(by) ? minimum(x, by) : found('min', argmin, x, by, options)
}

/** Smallest and largest element (torch.aminmax); equal ones share the gradient. */
export function aminmax<D extends DType>(x: Tensor<D>, axis?: Axes, options?: ReduceOptions): [Tensor<D>, Tensor<D>] {
  return [amin(x, axis, options), amax(x, axis, options)]
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    max<E extends DType>(this: Tensor<E>): Tensor<E>
    max<E extends DType>(this: Tensor<E>, axis: number, options?: ReduceOptions): Found<E>
    max(other: Tensor): Tensor
    min<E extends DType>(this: Tensor<E>): Tensor<E>
    min<E extends DType>(this: Tensor<E>, axis: number, options?: ReduceOptions): Found<E>
    min(other: Tensor): Tensor
    aminmax<E extends DType>(this: Tensor<E>, axis?: Axes, options?: ReduceOptions): [Tensor<E>, Tensor<E>]
  }
}
type Method = (x: Tensor, by?: number | Tensor | Axes, options?: ReduceOptions) => unknown
for (const [name, f] of Object.entries({ max, min, aminmax })) {
  method(name, function (this: Tensor, by?: number | Tensor, options?: ReduceOptions) {
    return (f as Method)(this, by, options)
  })
}
