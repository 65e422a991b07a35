/** Pooling over windows of a fixed size: maxima, averages, power means. Adaptive windows and others have files of their own. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isFloating } from '../tensor/dtype.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul, pow } from './binary.js'
import { checkDTypes } from './conv.js'
import { numeric, refuseComplex } from './emit.js'
import { average, maxima, maximaAlone } from './pool-rules.js'
import {
  checkReach,
  type Pair,
  type Single,
  type Sizes,
  sizesOf,
  spatialOf,
  type Triple,
  withSpatial,
} from './spatial.js'
import { reshape } from './views.js'

export interface PoolOptions<P extends Sizes = Pair> {
  /** Default: the window's size. */
  stride?: P
  /** At most half of the window. */
  padding?: P
  /** Round the number of windows up: the last one may hang over the end, but starts inside of the image or its padding. */
  ceilMode?: boolean
}

export interface MaxPoolOptions<P extends Sizes = Pair> extends PoolOptions<P> {
  /** Distance of the window's elements. */
  dilation?: P
}

export interface AvgPoolOptions<P extends Sizes = Pair> extends PoolOptions<P> {
  /** Divide by the window's size even where it covers padding. Default: true. */
  countIncludePad?: boolean
  /** Divide by this instead; not 0. */
  divisorOverride?: number
}

interface Window {
  kernel: number[]
  stride: number[]
  padding: number[]
  dilation: number[]
  /** Number of windows along each axis. */
  out: number[]
}

function windowOf(op: string, x: Tensor, r: number, size: Sizes, options: MaxPoolOptions<Sizes>): Window {
  const spatial = spatialOf(op, x, r)
  if (spatial.includes(0)) throw new ShapeError(`${op}: nothing to pool in ${show(x.shape)}: a spatial dimension is 0`)
  const kernel = sizesOf(op, 'window', size, r, 1)
  const stride = sizesOf(op, 'stride', options.stride ?? kernel, r, 1)
  const padding = sizesOf(op, 'padding', options.padding ?? 0, r, 0)
  const dilation = sizesOf(op, 'dilation', options.dilation ?? 1, r, 1)
  const reaches = kernel.map((k, i) => (dilation[i] as number) * (k - 1) + 1)
  checkReach(op, reaches, padding)
  const out = spatial.map((d, i) => {
    const [p, s, reach] = [padding[i] as number, stride[i] as number, reaches[i] as number]
    if (p * 2 > reach) throw new ValueError(`${op}: padding ${p} exceeds half of the window ${reach}`)
    const room = d + 2 * p - reach
    const n = Math.floor((room + (options.ceilMode ? s - 1 : 0)) / s) + 1
    const count = options.ceilMode && (n - 1) * s >= d + p ? n - 1 : n
    if (room < 0 && count < 1)
      throw new ShapeError(
        `${op}: a window of ${reach} exceeds dimension ${x.rank - r + i} of ${show(x.shape)} with padding ${p}`,
      )
    return count
  })
  return { kernel, stride, padding, dilation, out }
}

const cost = (shape: Shape, kernel: readonly number[]): number => numelOf(shape) * numelOf(kernel) * 0.3

/** What both forms ask for: shape, attributes, cost. */
function maxWindows(op: string, r: number, x: Tensor, size: Sizes, options: MaxPoolOptions<Sizes>) {
  refuseComplex(op, x)
  numeric(op, x.dtype)
  const w = windowOf(op, x, r, size, options)
  const shape = withSpatial(x, w.out)
  return { shape, attributes: [...w.kernel, ...w.stride, ...w.padding, ...w.dilation], ns: cost(shape, w.kernel) }
}

function maxPool(op: string, r: number, x: Tensor, size: Sizes, options: MaxPoolOptions<Sizes>): Tensor {
  const { shape, attributes, ns } = maxWindows(op, r, x, size, options)
  return maximaAlone(op, x, shape, r, attributes, ns)
}

function maxPoolWithIndices(
  op: string,
  r: number,
  x: Tensor,
  size: Sizes,
  options: MaxPoolOptions<Sizes>,
): [Tensor, Tensor<'i64'>] {
  const { shape, attributes, ns } = maxWindows(op, r, x, size, options)
  return maxima(op, OP.maxPool, x, null, shape, r, attributes, ns)
}

/**
 * Largest element of each window of x (n, c, l) or (c, l); a NaN wins. Padding counts as minus infinity. Definition: torch
 * max_pool1d.
 */
export function maxPool1d(x: Tensor, size: Single, options: MaxPoolOptions<Single> = {}): Tensor {
  return maxPool('maxPool1d', 1, x, size, options)
}

/** `maxPool1d`, and where in l each maximum was (i64). */
export function maxPool1dWithIndices(
  x: Tensor,
  size: Single,
  options: MaxPoolOptions<Single> = {},
): [Tensor, Tensor<'i64'>] {
  return maxPoolWithIndices('maxPool1d', 1, x, size, options)
}

/** Largest element of each window of x (n, c, h, w) or (c, h, w); see `maxPool1d`. */
export function maxPool2d(x: Tensor, size: Pair, options: MaxPoolOptions = {}): Tensor {
  return maxPool('maxPool2d', 2, x, size, options)
}

/** `maxPool2d`, and where in h * w each maximum was (i64). */
export function maxPool2dWithIndices(x: Tensor, size: Pair, options: MaxPoolOptions = {}): [Tensor, Tensor<'i64'>] {
  return maxPoolWithIndices('maxPool2d', 2, x, size, options)
}

/** Largest element of each window of x (n, c, d, h, w) or (c, d, h, w); see `maxPool1d`. */
export function maxPool3d(x: Tensor, size: Triple, options: MaxPoolOptions<Triple> = {}): Tensor {
  return maxPool('maxPool3d', 3, x, size, options)
}

/** `maxPool3d`, and where in d * h * w each maximum was (i64). */
export function maxPool3dWithIndices(
  x: Tensor,
  size: Triple,
  options: MaxPoolOptions<Triple> = {},
): [Tensor, Tensor<'i64'>] {
  return maxPoolWithIndices('maxPool3d', 3, x, size, options)
}

/** Averages over the last one or two dimensions. */
function averageOf(x: Tensor, w: Window, count: boolean, divisor: number): Tensor {
  const shape = withSpatial(x, w.out)
  return average(
    {
      forward: OP.avgPool,
      backward: OP.avgPoolBackward,
      x: x.shape,
      y: shape,
      attributes: [...w.kernel, ...w.stride, ...w.padding, count ? 1 : 0, divisor],
      ns: cost(shape, w.kernel),
    },
    x,
  )
}

function avgPool(op: string, r: number, x: Tensor, size: Sizes, options: AvgPoolOptions<Sizes>): Tensor {
  checkDTypes(op, x)
  const divisor = options.divisorOverride ?? 0
  if (options.divisorOverride === 0 || !Number.isFinite(divisor))
    throw new ValueError(`${op}: divisorOverride ${divisor} is not a finite number other than 0`)
  const w = windowOf(op, x, r, size, options)
  const count = options.countIncludePad ?? true
  if (r < 3) return averageOf(x, w, count, divisor)
  // A window's sum is the sum along its depth of sums over its planes, and so is the number of its elements a product.
  const axes = (of: (list: number[]) => number[]): Window => ({
    kernel: of(w.kernel),
    stride: of(w.stride),
    padding: of(w.padding),
    dilation: of(w.dilation),
    out: of(w.out),
  })
  const planes = averageOf(
    x,
    axes((list) => list.slice(1)),
    count,
    divisor,
  )
  const [depth, h, v] = planes.shape.slice(-3) as [number, number, number]
  const deep = axes((list) => [list[0] as number, 1])
  deep.padding[1] = 0
  deep.out[1] = h * v
  const lead = x.shape.slice(0, x.rank - 3)
  return reshape(averageOf(reshape(planes, [...lead, depth, h * v]), deep, count, divisor === 0 ? 0 : 1), [
    ...lead,
    ...w.out,
  ])
}

/** Mean of each window of x (n, c, l) or (c, l). Definition: torch avg_pool1d. */
export function avgPool1d(x: Tensor, size: Single, options: AvgPoolOptions<Single> = {}): Tensor {
  return avgPool('avgPool1d', 1, x, size, options)
}

/** Mean of each window of x (n, c, h, w) or (c, h, w). Definition: torch avg_pool2d. */
export function avgPool2d(x: Tensor, size: Pair, options: AvgPoolOptions = {}): Tensor {
  return avgPool('avgPool2d', 2, x, size, options)
}

/** Mean of each window of x (n, c, d, h, w) or (c, d, h, w). Definition: torch avg_pool3d. */
export function avgPool3d(x: Tensor, size: Triple, options: AvgPoolOptions<Triple> = {}): Tensor {
  return avgPool('avgPool3d', 3, x, size, options)
}

export interface LpPoolOptions<P extends Sizes = Pair> {
  /** Default: the window's size. */
  stride?: P
  /** Round the number of windows up. */
  ceilMode?: boolean
}

function lpPool(op: string, r: number, x: Tensor, p: number, size: Sizes, options: LpPoolOptions<Sizes>): Tensor {
  if (!isFloating(x.dtype)) throw new DTypeError(`${op}: takes floating-point tensors, got ${x.dtype}`)
  if (!(Number.isFinite(p) && p !== 0)) throw new ValueError(`${op}: power ${p} is not a finite number other than 0`)
  const elements = numelOf(sizesOf(op, 'window', size, r, 1))
  return pow(mul(avgPool(op, r, pow(x, p), size, options), elements), 1 / p)
}

/** (sum of x^p)^(1/p) over each window of x (n, c, l) or (c, l). Definition: torch lp_pool1d. */
export function lpPool1d(x: Tensor, p: number, size: Single, options: LpPoolOptions<Single> = {}): Tensor {
  return lpPool('lpPool1d', 1, x, p, size, options)
}

/** (sum of x^p)^(1/p) over each window of x (n, c, h, w) or (c, h, w). Definition: torch lp_pool2d. */
export function lpPool2d(x: Tensor, p: number, size: Pair, options: LpPoolOptions = {}): Tensor {
  return lpPool('lpPool2d', 2, x, p, size, options)
}

/** (sum of x^p)^(1/p) over each window of x (n, c, d, h, w) or (c, d, h, w). Definition: torch lp_pool3d. */
export function lpPool3d(x: Tensor, p: number, size: Triple, options: LpPoolOptions<Triple> = {}): Tensor {
  return lpPool('lpPool3d', 3, x, p, size, options)
}
