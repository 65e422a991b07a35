// Exchanges between channels and space as layers. Place in the whole: operators of lib/ops as modules. Shapes: N samples, C
// channels, H and W height and width; the pixel shuffles take any leading dimensions, also none.

import { positive } from '../check.js'
import { channelShuffle, pixelShuffle, pixelUnshuffle } from '../ops/fold.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

abstract class ByFactor extends Module {
  readonly factor: number

  /** @throws ValueError unless the factor is a whole number of at least 1 */
  constructor(factor: number) {
    super()
    positive(new.target.name, { factor })
    this.factor = factor
  }
}

/** (N, C f f, H, W) to (N, C, H f, W f) (Shi et al. 2016). */
export class PixelShuffle extends ByFactor {
  override forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.factor)
  }
}

/** (N, C, H f, W f) to (N, C f f, H, W): undoes PixelShuffle. */
export class PixelUnshuffle extends ByFactor {
  override forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.factor)
  }
}

/** Channels of (N, C, ...), seen as (groups, C / groups), exchanged (Zhang et al. 2017). */
export class ChannelShuffle extends Module {
  readonly groups: number

  constructor(groups: number) {
    super()
    positive('ChannelShuffle', { groups })
    this.groups = groups
  }

  override forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups)
  }
}
