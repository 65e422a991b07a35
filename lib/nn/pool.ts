// Pooling and windows as layers. Place in the whole: operators of lib/ops as modules, for Sequential and for models that are
// configured by name. Shapes: N samples, C channels, then one to three spatial dimensions; a sample may come without N.
import { type FoldOptions, fold, pixelShuffle, pixelUnshuffle, unfold } from '../ops/fold.js'
import {
  type AdaptivePair,
  type AdaptiveSingle,
  type AdaptiveTriple,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from '../ops/pool-adaptive.js'
import {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from '../ops/pooling.js'
import type { Pair, Single, Triple } from '../ops/spatial.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

/** Something of a size, with options. */
abstract class Sized<S, O> extends Module {
  readonly size: S
  readonly options: O

  constructor(size: S, options: O = {} as O) {
    super()
    this.size = size
    this.options = options
  }
}

/** The largest value of each window of (N, C, L). */
export class MaxPool1d extends Sized<Single, MaxPoolOptions<Single>> {
  override forward(x: Tensor): Tensor {
    return maxPool1d(x, this.size, this.options)
  }
}

/** The largest value of each window of (N, C, H, W). */
export class MaxPool2d extends Sized<Pair, MaxPoolOptions<Pair>> {
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.size, this.options)
  }
}

/** The largest value of each window of (N, C, D, H, W). */
export class MaxPool3d extends Sized<Triple, MaxPoolOptions<Triple>> {
  override forward(x: Tensor): Tensor {
    return maxPool3d(x, this.size, this.options)
  }
}

/** The mean of each window of (N, C, L). */
export class AvgPool1d extends Sized<Single, AvgPoolOptions<Single>> {
  override forward(x: Tensor): Tensor {
    return avgPool1d(x, this.size, this.options)
  }
}

/** The mean of each window of (N, C, H, W). */
export class AvgPool2d extends Sized<Pair, AvgPoolOptions<Pair>> {
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.size, this.options)
  }
}

/** The mean of each window of (N, C, D, H, W). */
export class AvgPool3d extends Sized<Triple, AvgPoolOptions<Triple>> {
  override forward(x: Tensor): Tensor {
    return avgPool3d(x, this.size, this.options)
  }
}

/** A number of windows. */
abstract class Adaptive<S> extends Module {
  readonly size: S

  constructor(size: S) {
    super()
    this.size = size
  }
}

/** Means over as many windows as give (N, C, L) of `size`. */
export class AdaptiveAvgPool1d extends Adaptive<AdaptiveSingle> {
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.size)
  }
}

/** Means over as many windows as give (N, C, H, W) of `size`. */
export class AdaptiveAvgPool2d extends Adaptive<AdaptivePair> {
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.size)
  }
}

/** Means over as many windows as give (N, C, D, H, W) of `size`. */
export class AdaptiveAvgPool3d extends Adaptive<AdaptiveTriple> {
  override forward(x: Tensor): Tensor {
    return adaptiveAvgPool3d(x, this.size)
  }
}

/** Maxima over as many windows as give (N, C, L) of `size`. */
export class AdaptiveMaxPool1d extends Adaptive<AdaptiveSingle> {
  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.size)
  }
}

/** Maxima over as many windows as give (N, C, H, W) of `size`. */
export class AdaptiveMaxPool2d extends Adaptive<AdaptivePair> {
  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.size)
  }
}

/** Maxima over as many windows as give (N, C, D, H, W) of `size`. */
export class AdaptiveMaxPool3d extends Adaptive<AdaptiveTriple> {
  override forward(x: Tensor): Tensor {
    return adaptiveMaxPool3d(x, this.size)
  }
}

/** Every window of (N, C, H, W) as a column: (N, C * kh * kw, windows). */
export class Unfold extends Sized<Pair, FoldOptions> {
  override forward(x: Tensor): Tensor {
    return unfold(x, this.size, this.options)
  }
}

/** Images of `outputSize` from columns; what windows share is added. */
export class Fold extends Sized<Pair, FoldOptions> {
  readonly outputSize: Pair

  constructor(outputSize: Pair, size: Pair, options: FoldOptions = {}) {
    super(size, options)
    this.outputSize = outputSize
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.size, this.options)
  }
}

/** (N, C * f * f, H, W) to (N, C, H * f, W * f). */
export class PixelShuffle extends Adaptive<number> {
  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.size)
  }
}

/** (N, C, H * f, W * f) to (N, C * f * f, H, W). */
export class PixelUnshuffle extends Adaptive<number> {
  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.size)
  }
}
