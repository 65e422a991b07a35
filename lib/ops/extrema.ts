/** The largest and smallest elements, with their places. */
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, type Shape } from '../tensor/shape.js'
import type { After, AxesFor } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { maximum, minimum } from './binary.js'
import { isTensor, method } from './emit.js'
import { gather } from './gather.js'
import { type Axes, amax, amin, argmax, argmin, type PairMethod, type ReduceOptions } from './reduce.js'
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
export function max<D extends DType>(x: Tensor<D>): Tensor<D, readonly []>
export function max<D extends DType, S extends Shape, A extends number, K extends boolean = false>(
  x: Tensor<D, S>,
  axis: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Found<D, After<S, A, K>>
export function max(x: Tensor, other: Tensor): Tensor
export function max(x: Tensor, by?: number | Tensor, options?: ReduceOptions): Tensor | Found<DType> {
  if (by === undefined) return amax(x)
  return isTensor(by) ? maximum(x, by) : found('max', argmax, x, by, options)
}

/** The smallest element, as `max` the largest. Definition: torch.min. */
export function min<D extends DType>(x: Tensor<D>): Tensor<D, readonly []>
export function min<D extends DType, S extends Shape, A extends number, K extends boolean = false>(
  x: Tensor<D, S>,
  axis: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Found<D, After<S, A, K>>
export function min(x: Tensor, other: Tensor): Tensor
export function min(x: Tensor, by?: number | Tensor, options?: ReduceOptions): Tensor | Found<DType> {
  if (by === undefined) return amin(x)
  return isTensor(by) ? minimum(x, by) : found('min', argmin, x, by, options)
}

/** Smallest and largest element (torch.aminmax); equal ones share the gradient. */
export function aminmax<D extends DType, S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<D, S>,
  axis?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): [Tensor<D, After<S, A, K>>, Tensor<D, After<S, A, K>>] {
  return [amin(x, axis, options), amax(x, axis, options)]
}

interface ExtremeMethod {
  <E extends DType>(this: Tensor<E>): Tensor<E, readonly []>
  <E extends DType, S extends Shape, A extends number, K extends boolean = false>(
    this: Tensor<E, S>,
    axis: AxesFor<S, A>,
    options?: ReduceOptions<K>,
  ): Found<E, After<S, A, K>>
  (other: Tensor): Tensor
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    max: ExtremeMethod
    min: ExtremeMethod
    aminmax: PairMethod
  }
}
type Method = (x: Tensor, by?: number | Tensor | Axes, options?: ReduceOptions) => unknown
for (const [name, f] of Object.entries({ max, min, aminmax })) {
  method(name, function (this: Tensor, by?: number | Tensor, options?: ReduceOptions) {
    return (f as Method)(this, by, options)
  })
}
