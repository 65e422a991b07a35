// Pooling as layers. Place in the whole: operators of lib/ops as modules, for Sequential and for models that are configured by name.
// Shapes: N samples, C channels, then one to three spatial dimensions; a sample may come without N.

import { known } from '../check.js'
import {
  type AdaptivePair,
  type AdaptiveSingle,
  type AdaptiveTriple,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
  adaptiveMaxPool3dWithIndices,
  type FractionalMaxPoolOptions,
  fractionalMaxPool2d,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3d,
  fractionalMaxPool3dWithIndices,
} from '../ops/pool-adaptive.js'
import {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type LpPoolOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
} from '../ops/pooling.js'
import type { Pair, Single, Triple } from '../ops/spatial.js'
import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type UnpoolOptions } from '../ops/unpool.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** Windows of a size, with options. */
abstract class Sized<S, O extends object> extends Module {
  readonly size: S
  readonly options: O

  constructor(size: S, options: O, names: readonly string[]) {
    super()
    known(new.target.name, options, names)
    this.size = size
    this.options = options
  }
}

const MAX = ['stride', 'padding', 'dilation', 'ceilMode', 'returnIndices'] as const
const AVERAGE = ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride'] as const
const LP = ['stride', 'ceilMode'] as const
const FRACTIONAL = ['outputSize', 'outputRatio', 'samples', 'generator', 'returnIndices'] as const
const UNPOOL = ['stride', 'padding'] as const

/** Of layers that can tell where the maxima were, which the unpooling layers take. */
export interface ReturnsIndices<I extends boolean> {
  /** The result is [maxima, their indices (i64) in the sample's channel]. Default false. */
  returnIndices?: I
}

/** Maxima, or with them their indices. */
type Maxima<I extends boolean> = I extends true ? [Tensor, Tensor<'i64'>] : Tensor

/** The largest value of each window of (N, C, L). */
export class MaxPool1d<I extends boolean = false> extends Sized<Single, MaxPoolOptions<Single> & ReturnsIndices<I>> {
  constructor(size: Single, options: MaxPoolOptions<Single> & ReturnsIndices<I> = {}) {
    super(size, options, MAX)
  }

  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? maxPool1dWithIndices : maxPool1d
    return pool(x, this.size, this.options) as Maxima<I>
  }
}

/** The largest value of each window of (N, C, H, W). */
export class MaxPool2d<I extends boolean = false> extends Sized<Pair, MaxPoolOptions<Pair> & ReturnsIndices<I>> {
  constructor(size: Pair, options: MaxPoolOptions<Pair> & ReturnsIndices<I> = {}) {
    super(size, options, MAX)
  }

  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? maxPool2dWithIndices : maxPool2d
    return pool(x, this.size, this.options) as Maxima<I>
  }
}

/** The largest value of each window of (N, C, D, H, W). */
export class MaxPool3d<I extends boolean = false> extends Sized<Triple, MaxPoolOptions<Triple> & ReturnsIndices<I>> {
  constructor(size: Triple, options: MaxPoolOptions<Triple> & ReturnsIndices<I> = {}) {
    super(size, options, MAX)
  }

  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? maxPool3dWithIndices : maxPool3d
    return pool(x, this.size, this.options) as Maxima<I>
  }
}

/** The mean of each window of (N, C, L). */
export class AvgPool1d extends Sized<Single, AvgPoolOptions<Single>> {
  constructor(size: Single, options: AvgPoolOptions<Single> = {}) {
    super(size, options, AVERAGE)
  }

  override forward(x: Tensor): Tensor {
    return avgPool1d(x, this.size, this.options)
  }
}

/** The mean of each window of (N, C, H, W). */
export class AvgPool2d extends Sized<Pair, AvgPoolOptions<Pair>> {
  constructor(size: Pair, options: AvgPoolOptions<Pair> = {}) {
    super(size, options, AVERAGE)
  }

  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.size, this.options)
  }
}

/** The mean of each window of (N, C, D, H, W). */
export class AvgPool3d extends Sized<Triple, AvgPoolOptions<Triple>> {
  constructor(size: Triple, options: AvgPoolOptions<Triple> = {}) {
    super(size, options, AVERAGE)
  }

  override forward(x: Tensor): Tensor {
    return avgPool3d(x, this.size, this.options)
  }
}

/** (sum of x^power)^(1 / power) over each window of (N, C, L). */
export class LPPool1d extends Sized<Single, LpPoolOptions<Single>> {
  readonly power: number

  constructor(power: number, size: Single, options: LpPoolOptions<Single> = {}) {
    super(size, options, LP)
    this.power = power
  }

  override forward(x: Tensor): Tensor {
    return lpPool1d(x, this.power, this.size, this.options)
  }
}

/** (sum of x^power)^(1 / power) over each window of (N, C, H, W). */
export class LPPool2d extends Sized<Pair, LpPoolOptions<Pair>> {
  readonly power: number

  constructor(power: number, size: Pair, options: LpPoolOptions<Pair> = {}) {
    super(size, options, LP)
    this.power = power
  }

  override forward(x: Tensor): Tensor {
    return lpPool2d(x, this.power, this.size, this.options)
  }
}

/** (sum of x^power)^(1 / power) over each window of (N, C, D, H, W). */
export class LPPool3d extends Sized<Triple, LpPoolOptions<Triple>> {
  readonly power: number

  constructor(power: number, size: Triple, options: LpPoolOptions<Triple> = {}) {
    super(size, options, LP)
    this.power = power
  }

  override forward(x: Tensor): Tensor {
    return lpPool3d(x, this.power, this.size, this.options)
  }
}

/** The largest value of windows of (N, C, H, W) at pseudo-random places (Graham 2014), `outputSize` of them or `outputRatio` of the sizes. */
export class FractionalMaxPool2d<I extends boolean = false> extends Sized<
  Pair,
  FractionalMaxPoolOptions & ReturnsIndices<I>
> {
  constructor(size: Pair, options: FractionalMaxPoolOptions & ReturnsIndices<I>) {
    super(size, options, FRACTIONAL)
  }

  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? fractionalMaxPool2dWithIndices : fractionalMaxPool2d
    return pool(x, this.size, this.options) as Maxima<I>
  }
}

/** The largest value of windows of (N, C, D, H, W) at pseudo-random places (Graham 2014), `outputSize` of them or `outputRatio` of the sizes. */
export class FractionalMaxPool3d<I extends boolean = false> extends Sized<
  Triple,
  FractionalMaxPoolOptions<Triple> & ReturnsIndices<I>
> {
  constructor(size: Triple, options: FractionalMaxPoolOptions<Triple> & ReturnsIndices<I>) {
    super(size, options, FRACTIONAL)
  }

  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? fractionalMaxPool3dWithIndices : fractionalMaxPool3d
    return pool(x, this.size, this.options) as Maxima<I>
  }
}

/** Values of (N, C, L) back to where MaxPool1d found them, zeros elsewhere. */
export class MaxUnpool1d extends Sized<Single, Omit<UnpoolOptions<Single>, 'outputSize'>> {
  constructor(size: Single, options: Omit<UnpoolOptions<Single>, 'outputSize'> = {}) {
    super(size, options, UNPOOL)
  }

  /** @param outputSize the pooled image's size, or its shape, where pooling maps several to x's */
  override forward(x: Tensor, indices: Tensor, outputSize?: Shape): Tensor {
    return maxUnpool1d(x, indices, this.size, { ...this.options, ...(outputSize ? { outputSize } : {}) })
  }
}

/** Values of (N, C, H, W) back to where MaxPool2d found them, zeros elsewhere. */
export class MaxUnpool2d extends Sized<Pair, Omit<UnpoolOptions, 'outputSize'>> {
  constructor(size: Pair, options: Omit<UnpoolOptions, 'outputSize'> = {}) {
    super(size, options, UNPOOL)
  }

  /** @param outputSize the pooled image's size, or its shape, where pooling maps several to x's */
  override forward(x: Tensor, indices: Tensor, outputSize?: Shape): Tensor {
    return maxUnpool2d(x, indices, this.size, { ...this.options, ...(outputSize ? { outputSize } : {}) })
  }
}

/** Values of (N, C, D, H, W) back to where MaxPool3d found them, zeros elsewhere. */
export class MaxUnpool3d extends Sized<Triple, Omit<UnpoolOptions<Triple>, 'outputSize'>> {
  constructor(size: Triple, options: Omit<UnpoolOptions<Triple>, 'outputSize'> = {}) {
    super(size, options, UNPOOL)
  }

  /** @param outputSize the pooled image's size, or its shape, where pooling maps several to x's */
  override forward(x: Tensor, indices: Tensor, outputSize?: Shape): Tensor {
    return maxUnpool3d(x, indices, this.size, { ...this.options, ...(outputSize ? { outputSize } : {}) })
  }
}

/** As many windows as give the size. */
abstract class Adaptive<S> extends Module {
  readonly size: S

  constructor(size: S) {
    super()
    this.size = size
  }
}

abstract class AdaptiveMax<S, I extends boolean> extends Adaptive<S> {
  readonly options: ReturnsIndices<I>

  constructor(size: S, options: ReturnsIndices<I> = {}) {
    super(size)
    known(new.target.name, options, ['returnIndices'])
    this.options = options
  }
}

/** Means over as many windows as give (N, C, L) of `size`; null in it keeps a dimension. */
export class AdaptiveAvgPool1d extends Adaptive<AdaptiveSingle> {
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.size)
  }
}

/** Means over as many windows as give (N, C, H, W) of `size`; null in it keeps a dimension. */
export class AdaptiveAvgPool2d extends Adaptive<AdaptivePair> {
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.size)
  }
}

/** Means over as many windows as give (N, C, D, H, W) of `size`; null in it keeps a dimension. */
export class AdaptiveAvgPool3d extends Adaptive<AdaptiveTriple> {
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool3d(x, this.size)
  }
}

/** Maxima over as many windows as give (N, C, L) of `size`; null in it keeps a dimension. */
export class AdaptiveMaxPool1d<I extends boolean = false> extends AdaptiveMax<AdaptiveSingle, I> {
  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? adaptiveMaxPool1dWithIndices : adaptiveMaxPool1d
    return pool(x, this.size) as Maxima<I>
  }
}

/** Maxima over as many windows as give (N, C, H, W) of `size`; null in it keeps a dimension. */
export class AdaptiveMaxPool2d<I extends boolean = false> extends AdaptiveMax<AdaptivePair, I> {
  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? adaptiveMaxPool2dWithIndices : adaptiveMaxPool2d
    return pool(x, this.size) as Maxima<I>
  }
}

/** Maxima over as many windows as give (N, C, D, H, W) of `size`; null in it keeps a dimension. */
export class AdaptiveMaxPool3d<I extends boolean = false> extends AdaptiveMax<AdaptiveTriple, I> {
  override forward(x: Tensor): Maxima<I> {
    const pool = this.options.returnIndices ? adaptiveMaxPool3dWithIndices : adaptiveMaxPool3d
    return pool(x, this.size) as Maxima<I>
  }
}
