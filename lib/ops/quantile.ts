/** Quantiles. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, type Shape, show } from '../tensor/shape.js'
import type { After, AxesFor } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { full, tensor } from './creation.js'
import { isTensor, method } from './emit.js'
import { gather } from './gather.js'
import { maskedFill } from './select.js'
import { sort } from './sort.js'
import { countNonzero } from './statistics.js'
import { ceil, clamp, floor, isnan, logicalNot, round } from './unary.js'
import { expand, permute, reshape } from './views.js'

export interface QuantileOptions<K extends boolean = boolean> {
  /** Keep the axis with size 1. */
  keepDim?: K
  /** Between two elements: default 'linear'. */
  interpolation?: 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'
}

type Ranks = number | readonly number[] | Tensor
/** One rank gives the reduced shape; several stand before it. */
type AtRanks<Q extends Ranks, S extends Shape> = Q extends number ? S : Shape

const INTERPOLATIONS: readonly string[] = ['linear', 'lower', 'higher', 'midpoint', 'nearest']

/**
 * Quantiles along an axis, or of all elements (torch.quantile): q (0 to 1) is a number, or a list or vector whose size becomes
 * the result's first dimension. Lines with a NaN give NaN.
 */
export function quantile<
  D extends DType,
  S extends Shape,
  Q extends Ranks,
  A extends number | undefined = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, q: Q, axis?: AxesFor<S, A>, options?: QuantileOptions<K>): Tensor<D, AtRanks<Q, After<S, A, K>>> {
  return quantiles('quantile', x, q, axis, options, false)
}

/** As `quantile`, of what is not NaN (torch.nanquantile). */
export function nanquantile<
  D extends DType,
  S extends Shape,
  Q extends Ranks,
  A extends number | undefined = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, q: Q, axis?: AxesFor<S, A>, options?: QuantileOptions<K>): Tensor<D, AtRanks<Q, After<S, A, K>>> {
  return quantiles('nanquantile', x, q, axis, options, true)
}

/** q as a tensor of x's dtype, of rank 0 or 1. */
function ranksOf(name: string, x: Tensor, q: Ranks): Tensor {
  if (isTensor(q)) {
    if (q.rank > 1) throw new ShapeError(`${name}: q is ${show(q.shape)}; it must be a number or a vector`)
    if (q.dtype !== x.dtype) throw new DTypeError(`${name}: q is ${q.dtype}, the tensor ${x.dtype}; convert one`)
    return q
  }
  for (const v of typeof q === 'number' ? [q] : q)
    if (!(v >= 0 && v <= 1)) throw new ValueError(`${name}: q is ${v}; it must lie between 0 and 1`)
  const options = { dtype: x.dtype, device: x.device }
  return typeof q === 'number' ? full([], q, options) : tensor(q as number[], { ...options, shape: [q.length] })
}

function quantiles<D extends DType, R extends Shape>(
  name: string,
  x: Tensor<D>,
  q: Ranks,
  axis: number | undefined,
  options: QuantileOptions | undefined,
  ignoreNaN: boolean,
): Tensor<D, R> {
  if (x.dtype !== 'f32' && x.dtype !== 'f64')
    throw new DTypeError(`${name}: a ${x.dtype} tensor; it takes f32 and f64, in which ranks are exact: convert it`)
  const how = options?.interpolation ?? 'linear'
  if (!INTERPOLATIONS.includes(how))
    throw new ValueError(`${name}: interpolation '${how}' is not one of ${INTERPOLATIONS.join(', ')}`)
  const qs = ranksOf(name, x, q)
  // The axis last: (..., n).
  const a = axis === undefined ? 0 : normalizeAxis(name, axis, x.rank)
  const line = axis === undefined || x.rank === 0 ? reshape(x, [-1]) : x
  const order = [...line.shape.map((_, i) => i).filter((i) => i !== a), a]
  const last = permute(line, order)
  if (x.numel === 0)
    throw new ShapeError(`${name}: ${show(x.shape)} has no elements; quantiles of nothing have no value`)
  const outer = last.shape.slice(0, -1)
  const values = pick(last, qs, how, ignoreNaN)
  // (..., k) to (k, ...); the axis comes back with size 1 where it is kept.
  const first = permute(values, [outer.length, ...outer.map((_, i) => i)])
  const lead = qs.rank === 0 ? [] : [qs.numel]
  let kept: Shape = outer
  if (options?.keepDim) kept = axis === undefined ? x.shape.map(() => 1) : x.shape.map((d, i) => (i === a ? 1 : d))
  return reshape(first, [...lead, ...kept]) as Tensor as Tensor<D, R>
}

function pick(x: Tensor, q: Tensor, how: string, ignoreNaN: boolean): Tensor {
  const n = x.shape.at(-1) as number
  const k = q.numel
  const shape = [...x.shape.slice(0, -1), k]
  const [sorted] = sort(x, -1)
  const fractions = expand(reshape(q, [k]), shape)
  let ranks: Tensor
  if (ignoreNaN) {
    const counts = countNonzero(logicalNot(isnan(x)), -1, { keepDim: true })
    ranks = mul(fractions, cast(clamp(sub(counts, 1), 0), x.dtype))
  } else {
    // NaN comes last: a line that ends with one is NaN.
    const none = isnan(sorted.narrow(-1, n - 1, 1))
    ranks = maskedFill(mul(fractions, n - 1), expand(none, shape), n - 1)
  }
  const at = (place: Tensor): Tensor => gather(sorted, sorted.rank - 1, cast(place, 'i64'))
  if (how === 'lower') return at(floor(ranks))
  if (how === 'higher') return at(ceil(ranks))
  if (how === 'nearest') return at(round(ranks))
  const below = floor(ranks)
  const [low, high] = [at(below), at(ceil(ranks))]
  const weight = how === 'midpoint' ? 0.5 : sub(ranks, below)
  return add(low, mul(sub(high, low), weight))
}

type QuantileMethod = <
  E extends DType,
  S extends Shape,
  Q extends Ranks,
  A extends number | undefined = undefined,
  K extends boolean = false,
>(
  this: Tensor<E, S>,
  q: Q,
  axis?: AxesFor<S, A>,
  options?: QuantileOptions<K>,
) => Tensor<E, AtRanks<Q, After<S, A, K>>>

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    quantile: QuantileMethod
    nanquantile: QuantileMethod
  }
}
for (const [name, f] of Object.entries({ quantile, nanquantile })) {
  method(name, function (this: Tensor, q: Ranks, axis?: number, options?: QuantileOptions) {
    return f(this, q, axis, options)
  })
}
