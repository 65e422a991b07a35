/** Pooling to a given number of windows: adaptive ones, which divide the image evenly, and fractional ones, drawn at random. */
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkDTypes } from './conv.js'
import { NO_ATTRIBUTES, sameDevice } from './emit.js'
import { average, maxima } from './pool-rules.js'
import { type Generator, uniform } from './random.js'
import { type Pair, type Sizes, sizesOf, spatialOf, type Triple, withSpatial } from './spatial.js'
import { reshape } from './views.js'

type Kept = number | null
/** Numbers of windows along one axis; null keeps the axis' size. */
export type AdaptiveSingle = number | readonly [Kept]
/** Numbers of windows along both axes; null keeps an axis' size. */
export type AdaptivePair = number | readonly [Kept, Kept]
/** Numbers of windows along the three axes; null keeps an axis' size. */
export type AdaptiveTriple = number | readonly [Kept, Kept, Kept]

function adaptiveSizes(op: string, x: Tensor, r: number, size: number | readonly Kept[]): number[] {
  const spatial = spatialOf(op, x, r)
  checkDTypes(op, x)
  if (spatial.includes(0)) throw new ShapeError(`${op}: nothing to pool in ${show(x.shape)}: a spatial dimension is 0`)
  const given = typeof size === 'number' ? size : size.map((n, i) => n ?? (spatial[i] as number))
  return sizesOf(op, 'size', given, r, 1)
}

/** Averages over the last two dimensions. */
function adaptiveAverage(x: Tensor, size: readonly number[]): Tensor {
  return average(
    {
      forward: OP.adaptiveAvgPool2d,
      backward: OP.adaptiveAvgPool2dBackward,
      x: x.shape,
      y: withSpatial(x, size),
      attributes: NO_ATTRIBUTES,
      ns: x.numel * 0.3,
    },
    x,
  )
}

/** Mean over windows that divide x (n, c, l) or (c, l) into `size` cells. Definition: torch adaptive_avg_pool1d. */
export function adaptiveAvgPool1d(x: Tensor, size: AdaptiveSingle): Tensor {
  const [n] = adaptiveSizes('adaptiveAvgPool1d', x, 1, size) as [number]
  const lead = x.shape.slice(0, -1)
  return reshape(adaptiveAverage(reshape(x, [...lead, 1, x.shape[x.rank - 1] as number]), [1, n]), [...lead, n])
}

/** Mean over windows that divide x (n, c, h, w) or (c, h, w) into `size` cells. Definition: torch adaptive_avg_pool2d. */
export function adaptiveAvgPool2d(x: Tensor, size: AdaptivePair): Tensor {
  return adaptiveAverage(x, adaptiveSizes('adaptiveAvgPool2d', x, 2, size))
}

/** Mean over windows that divide x (n, c, d, h, w) or (c, d, h, w) into `size` cells. Definition: torch adaptive_avg_pool3d. */
export function adaptiveAvgPool3d(x: Tensor, size: AdaptiveTriple): Tensor {
  const [d, h, w] = adaptiveSizes('adaptiveAvgPool3d', x, 3, size) as [number, number, number]
  // Along the planes, then along the depth.
  const planes = adaptiveAverage(x, [h, w])
  const lead = x.shape.slice(0, -3)
  const depth = x.shape[x.rank - 3] as number
  return reshape(adaptiveAverage(reshape(planes, [...lead, depth, h * w]), [d, h * w]), [...lead, d, h, w])
}

function adaptiveMax(op: string, r: number, x: Tensor, size: number | readonly Kept[]): [Tensor, Tensor<'i64'>] {
  const shape = withSpatial(x, adaptiveSizes(op, x, r, size))
  return maxima(op, OP.adaptiveMaxPool, x, null, shape, r, [r], x.numel * 0.5 + numelOf(shape) * 2)
}

/** Largest element of windows that divide x (n, c, l) or (c, l) into `size` cells. Definition: torch adaptive_max_pool1d. */
export function adaptiveMaxPool1d(x: Tensor, size: AdaptiveSingle): Tensor {
  return adaptiveMax('adaptiveMaxPool1d', 1, x, size)[0]
}

/** `adaptiveMaxPool1d`, and where in l each maximum was (i64). */
export function adaptiveMaxPool1dWithIndices(x: Tensor, size: AdaptiveSingle): [Tensor, Tensor<'i64'>] {
  return adaptiveMax('adaptiveMaxPool1d', 1, x, size)
}

/** Largest element of windows that divide x (n, c, h, w) or (c, h, w) into `size` cells. Definition: torch adaptive_max_pool2d. */
export function adaptiveMaxPool2d(x: Tensor, size: AdaptivePair): Tensor {
  return adaptiveMax('adaptiveMaxPool2d', 2, x, size)[0]
}

/** `adaptiveMaxPool2d`, and where in h * w each maximum was (i64). */
export function adaptiveMaxPool2dWithIndices(x: Tensor, size: AdaptivePair): [Tensor, Tensor<'i64'>] {
  return adaptiveMax('adaptiveMaxPool2d', 2, x, size)
}

/** Largest element of windows that divide x (n, c, d, h, w) or (c, d, h, w) into cells. Definition: torch adaptive_max_pool3d. */
export function adaptiveMaxPool3d(x: Tensor, size: AdaptiveTriple): Tensor {
  return adaptiveMax('adaptiveMaxPool3d', 3, x, size)[0]
}

/** `adaptiveMaxPool3d`, and where in d * h * w each maximum was (i64). */
export function adaptiveMaxPool3dWithIndices(x: Tensor, size: AdaptiveTriple): [Tensor, Tensor<'i64'>] {
  return adaptiveMax('adaptiveMaxPool3d', 3, x, size)
}

export interface FractionalMaxPoolOptions<P extends Sizes = Pair> {
  /** Numbers of windows: this or `outputRatio`. */
  outputSize?: P
  /** Their shares of the image's sizes, between 0 and 1. */
  outputRatio?: number | readonly number[]
  /** Uniform numbers from 0 to 1 that place the windows, (n, c, axes) of x's dtype; of two axes the horizontal one is first. */
  samples?: Tensor
  /** Draws the samples where none are given. */
  generator?: Generator
}

function fractionalMax(
  op: string,
  r: number,
  x: Tensor,
  size: Sizes,
  options: FractionalMaxPoolOptions<Sizes>,
): [Tensor, Tensor<'i64'>] {
  const spatial = spatialOf(op, x, r)
  checkDTypes(op, x, options.samples)
  const kernel = sizesOf(op, 'window', size, r, 1)
  const { outputSize, outputRatio } = options
  if ((outputSize === undefined) === (outputRatio === undefined))
    throw new ValueError(`${op}: takes either outputSize or outputRatio`)
  const out = sizesOf(op, 'outputSize', outputSize ?? shares(op, spatial, outputRatio as number), r, 1)
  out.forEach((n, i) => {
    if (n + (kernel[i] as number) - 1 > (spatial[i] as number))
      throw new ShapeError(
        `${op}: ${n} windows of ${kernel[i]} do not fit dimension ${x.rank - r + i} of ${show(x.shape)}`,
      )
  })
  const lead = x.shape.slice(0, x.rank - r)
  const { dtype, device } = x
  const generator = options.generator ? { generator: options.generator } : {}
  const samples = options.samples ?? uniform([...lead, r], 0, 1, { dtype, device, ...generator })
  sameDevice(op, x, samples)
  if (samples.numel !== numelOf(lead) * r || samples.shape[samples.rank - 1] !== r)
    throw new ShapeError(`${op}: samples ${show(samples.shape)}, expected ${show([...lead, r])}`)
  const shape = withSpatial(x, out)
  return maxima(op, OP.fractionalMaxPool, x, samples, shape, r, kernel, x.numel * 0.5 + numelOf(shape) * 2)
}

function shares(op: string, spatial: readonly number[], ratio: number | readonly number[]): number[] {
  return spatial.map((d, i) => {
    const share = typeof ratio === 'number' ? ratio : (ratio[i] ?? Number.NaN)
    if (!(share > 0 && share < 1)) throw new ValueError(`${op}: outputRatio ${share} is not between 0 and 1`)
    return Math.floor(d * share)
  })
}

/**
 * Largest element of windows of one size at pseudo-random places (Graham 2014), of x (n, c, h, w) or (c, h, w). Definition:
 * torch fractional_max_pool2d.
 */
export function fractionalMaxPool2d(x: Tensor, size: Pair, options: FractionalMaxPoolOptions): Tensor {
  return fractionalMax('fractionalMaxPool2d', 2, x, size, options)[0]
}

/** `fractionalMaxPool2d`, and where in h * w each maximum was (i64). */
export function fractionalMaxPool2dWithIndices(
  x: Tensor,
  size: Pair,
  options: FractionalMaxPoolOptions,
): [Tensor, Tensor<'i64'>] {
  return fractionalMax('fractionalMaxPool2d', 2, x, size, options)
}

/** The same of x (n, c, d, h, w) or (c, d, h, w). Definition: torch fractional_max_pool3d. */
export function fractionalMaxPool3d(x: Tensor, size: Triple, options: FractionalMaxPoolOptions<Triple>): Tensor {
  return fractionalMax('fractionalMaxPool3d', 3, x, size, options)[0]
}

/** `fractionalMaxPool3d`, and where in d * h * w each maximum was (i64). */
export function fractionalMaxPool3dWithIndices(
  x: Tensor,
  size: Triple,
  options: FractionalMaxPoolOptions<Triple>,
): [Tensor, Tensor<'i64'>] {
  return fractionalMax('fractionalMaxPool3d', 3, x, size, options)
}
