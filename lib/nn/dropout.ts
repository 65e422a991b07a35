// Dropout layers. Place in the whole: operators of lib/ops under the layer's training flag; in evaluation each is the identity.
// Shapes: N samples, C channels.

import { probability } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { div, mul } from '../ops/binary.js'
import { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from '../ops/dropout.js'
import { bernoulli } from '../ops/random.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

abstract class WithProbability extends Module {
  readonly p: number

  /** @throws ValueError unless p is a probability */
  constructor(p = 0.5) {
    super()
    probability(new.target.name, 'p', p)
    this.p = p
  }
}

/** Zeroes elements with probability p in training and scales the others by 1 / (1 - p) (Srivastava et al. 2014). */
export class Dropout extends WithProbability {
  override forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training })
  }
}

/** Zeroes whole channels of (N, C, L) or (C, L) (Tompson et al. 2015). */
export class Dropout1d extends WithProbability {
  override forward(x: Tensor): Tensor {
    return dropout1d(x, this.p, { training: this.training })
  }
}

/** Zeroes whole channels of (N, C, H, W). */
export class Dropout2d extends WithProbability {
  override forward(x: Tensor): Tensor {
    return dropout2d(x, this.p, { training: this.training })
  }
}

/** Zeroes whole channels of (N, C, D, H, W). */
export class Dropout3d extends WithProbability {
  override forward(x: Tensor): Tensor {
    return dropout3d(x, this.p, { training: this.training })
  }
}

/** Dropout that keeps mean 0 and variance 1, for SELU networks (Klambauer et al. 2017). */
export class AlphaDropout extends WithProbability {
  override forward(x: Tensor): Tensor {
    return alphaDropout(x, this.p, { training: this.training })
  }
}

/** AlphaDropout of whole channels of (N, C, ...). */
export class FeatureAlphaDropout extends WithProbability {
  override forward(x: Tensor): Tensor {
    return featureAlphaDropout(x, this.p, { training: this.training })
  }
}

/**
 * Drop path (Huang et al. 2016, "Deep Networks with Stochastic Depth"): zeroes a residual branch with probability p in training and
 * scales what is kept by 1 / (1 - p): each sample of (N, ...) by itself ('row') or all together ('batch'). Definition:
 * torchvision.ops.StochasticDepth.
 */
export class StochasticDepth extends WithProbability {
  readonly mode: 'row' | 'batch'

  /** @throws ValueError unless p is a probability and the mode one of the two */
  constructor(p: number, mode: 'row' | 'batch' = 'row') {
    super(p)
    if (mode !== 'row' && mode !== 'batch')
      throw new ValueError(`StochasticDepth: mode is ${String(mode)}, expected 'row' or 'batch'`)
    this.mode = mode
  }

  override forward(x: Tensor): Tensor {
    if (!this.training || this.p === 0) return x
    if (this.mode === 'row' && x.rank === 0)
      throw new ShapeError("StochasticDepth: a tensor of rank 0 has no samples; mode 'batch' takes it")
    const keep = 1 - this.p
    const shape = x.shape.map((d, i) => (this.mode === 'row' && i === 0 ? d : 1))
    const kept = bernoulli(shape, keep, { dtype: x.dtype, device: x.device }) as Tensor
    return mul(x, keep > 0 ? div(kept, keep) : kept)
  }
}
