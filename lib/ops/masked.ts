/**
 * The namespace `masked`: reductions, scans and normalisations of what a mask selects: the functions of torch.masked. Elements where the mask (bool,
 * broadcast to the tensor) is false take no part: they are replaced by what leaves the result unchanged. A result of nothing is
 * that identity, or NaN where there is none (mean, median, variance). Gradients of masked elements are 0.
 */
import { DTypeError } from '../errors.js'
import { type DType, floatOf, isFloating } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { After, AxesFor } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, maximum, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { full } from './creation.js'
import { stack } from './join.js'
import type { Axes, SumOptions } from './reduce.js'
import * as plain from './reduce.js'
import * as scans from './scan.js'
import { maskedFill } from './select.js'
import * as soft from './softmax.js'
import { nanmedian } from './sort.js'
import { countNonzero } from './statistics.js'
import { logicalNot, sqrt } from './unary.js'
import { vectorNorm } from './vector-norm.js'
import { expand } from './views.js'

export interface MaskOptions {
  /** Which elements take part; all by default. */
  mask?: Tensor
  /** The elements are cast to this first. */
  dtype?: DType
}

export interface MaskedOptions<K extends boolean = boolean> extends MaskOptions {
  keepDim?: K
}

const INFINITY = Number.POSITIVE_INFINITY

/** x with `value` where the mask is false. */
function filled(x: Tensor, { mask, dtype }: MaskOptions, value: number): Tensor {
  const f = dtype === undefined ? x : cast(x, dtype)
  return mask === undefined ? f : maskedFill(f, logicalNot(mask), value)
}

const keep = ({ keepDim = false }: MaskedOptions): SumOptions => ({ keepDim })

function floating(name: string, x: Tensor, { dtype }: MaskOptions): void {
  const d = dtype ?? x.dtype
  if (!isFloating(d)) throw new DTypeError(`masked.${name}: a ${d} tensor; pass {dtype: 'f32'}`)
}

export type MaskedReduction<More extends object = object> = <
  D extends DType,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  x: Tensor<D, S>,
  axes?: AxesFor<S, A>,
  options?: MaskedOptions<K> & More,
) => Tensor<DType, After<S, A, K>>
interface Correction {
  /** What is taken off the number of elements. Default 1. */
  correction?: number
}
export type MaskedPlace = (x: Tensor, axis?: number, options?: MaskedOptions) => Tensor<'i64'>
export type MaskedAlong = (x: Tensor, axis: number, options?: MaskOptions) => Tensor

/** The function with the shape of its result at type level. */
const shaped = <More extends object = object>(
  f: (x: Tensor, axes: Axes, options: MaskedOptions & More) => Tensor,
): MaskedReduction<More> =>
  ((x: Tensor, axes: Axes, options?: MaskedOptions & More) =>
    f(x, axes, options ?? ({} as MaskedOptions & More))) as unknown as MaskedReduction<More>

/** A reduction that leaves `identity` out of account. */
const reduction = (f: (x: Tensor, axes?: Axes, options?: SumOptions) => Tensor, identity: number): MaskedReduction =>
  shaped((x, axes, options) => f(filled(x, options, identity), axes, keep(options)))

/** A function along one axis. */
const along =
  (f: (x: Tensor, axis: number) => Tensor, identity: number): MaskedAlong =>
  (x, axis, options = {}) =>
    f(filled(x, options, identity), axis)

const place =
  (f: typeof plain.argmax, identity: number): MaskedPlace =>
  (x, axis, options = {}) => {
    floating('argmax and argmin', x, options)
    return f(filled(x, options, identity), axis, { keepDim: options.keepDim ?? false })
  }

/** How many elements take part: a number, or a tensor of the reduced shape. */
function count(x: Tensor, axes: Axes, { mask, keepDim = false }: MaskedOptions, total: Tensor): Tensor | number {
  if (mask === undefined) return x.numel / Math.max(1, total.numel)
  return countNonzero(expand(mask, x.shape), axes, { keepDim })
}

/** Mean; NaN of nothing. */
export const mean: MaskedReduction = shaped((x, axes, options) => {
  floating('mean', x, options)
  const total = plain.sum(filled(x, options, 0), axes, keep(options))
  return div(total, count(x, axes, options, total))
})

/** Variance with Bessel's correction by default; NaN of nothing. */
export const variance: MaskedReduction<Correction> = shaped((x, axes, options) => {
  const f = cast(x, options.dtype ?? floatOf(x.dtype))
  const { mask } = options
  const centred = sub(f, mean(f, axes, { ...(mask ? { mask } : {}), keepDim: true }))
  const total = plain.sum(filled(mul(centred, centred), mask ? { mask } : {}, 0), axes, keep(options))
  const n = count(f, axes, options, total)
  const correction = options.correction ?? 1
  if (typeof n === 'number') return div(total, Math.max(0, n - correction))
  return div(total, maximum(sub(cast(n, f.dtype), correction), full([], 0, { dtype: f.dtype, device: f.device })))
})

/** The vector norm of order p. */
export function norm<
  D extends DType,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, p = 2, axes?: AxesFor<S, A>, options: MaskedOptions<K> = {}): Tensor<DType, After<S, A, K>> {
  const y = vectorNorm(filled(x, options, p < 0 ? INFINITY : 0), p, axes as Axes, keep(options))
  return y as Tensor as Tensor<DType, After<S, A, K>>
}

/** The lower median along an axis; NaN of nothing. */
export function median(x: Tensor, axis = -1, options: MaskedOptions = {}): Tensor {
  floating('median', x, options)
  return nanmedian(filled(x, options, Number.NaN), axis, { keepDim: options.keepDim ?? false })[0]
}

/** log(exp(a) + exp(b)), each with a mask of its own. */
export function logaddexp(a: Tensor, b: Tensor, options: { inputMask?: Tensor; otherMask?: Tensor } = {}): Tensor {
  const masked = (x: Tensor, mask: Tensor | undefined): Tensor => filled(x, mask ? { mask } : {}, -INFINITY)
  return plain.logsumexp(stack([masked(a, options.inputMask), masked(b, options.otherMask)]), 0)
}

/** x divided by its norm of order p along the axis, or by eps where that is larger; 0 where masked. */
export function normalize(x: Tensor, p: number, axis: number, options: MaskOptions & { eps?: number } = {}): Tensor {
  const norms = norm(x, p, axis, { ...options, keepDim: true })
  const eps = full([], options.eps ?? 1e-12, { dtype: norms.dtype, device: x.device })
  return div(filled(x, options, 0), maximum(norms, eps))
}

/** Sum; 0 of nothing. */
export const sum: MaskedReduction = reduction(plain.sum, 0)
/** Product; 1 of nothing. */
export const prod: MaskedReduction = reduction(plain.prod, 1)
/** Largest element; -Infinity of nothing. */
export const amax: MaskedReduction = reduction(plain.amax, -INFINITY)
/** Smallest element; Infinity of nothing. */
export const amin: MaskedReduction = reduction(plain.amin, INFINITY)
/** log(sum(exp(x))); -Infinity of nothing. */
export const logsumexp: MaskedReduction = reduction(plain.logsumexp, -INFINITY)
/** Place of the largest element. */
export const argmax: MaskedPlace = place(plain.argmax, -INFINITY)
/** Place of the smallest element. */
export const argmin: MaskedPlace = place(plain.argmin, INFINITY)
/** Running sum. */
export const cumsum: MaskedAlong = along(scans.cumsum, 0)
/** Running product. */
export const cumprod: MaskedAlong = along(scans.cumprod, 1)
/** Softmax; 0 where masked, NaN where everything is. */
export const softmax: MaskedAlong = along(soft.softmax, -INFINITY)
/** Its logarithm; -Infinity where masked. */
export const logSoftmax: MaskedAlong = along(soft.logSoftmax, -INFINITY)
/** Softmin; 0 where masked. */
export const softmin: MaskedAlong = along(soft.softmin, INFINITY)

/** Standard deviation: the square root of `variance`. */
export const std: MaskedReduction<Correction> = shaped((x, axes, options) => {
  return sqrt(variance(x, axes, options))
})
