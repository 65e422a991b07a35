// Softmax and its kin as layers. Place in the whole: operators of lib/ops as modules.
import { ShapeError } from '../errors.js'
import { logSoftmax, softmax, softmin } from '../ops/softmax.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

abstract class AlongAxis extends Module {
  readonly axis: number

  /** @param axis default -1, the last (PyTorch, without one, guesses by the rank) */
  constructor(axis = -1) {
    super()
    this.axis = axis
  }
}

/** e^x over its sum along an axis. */
export class Softmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return softmax(x, this.axis)
  }
}

/** ln(softmax(x)) along an axis. */
export class LogSoftmax extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.axis)
  }
}

/** softmax(-x) along an axis. */
export class Softmin extends AlongAxis {
  override forward(x: Tensor): Tensor {
    return softmin(x, this.axis)
  }
}

/** softmax over the channels of (N, C, H, W) or (C, H, W). */
export class Softmax2d extends Module {
  override forward(x: Tensor): Tensor {
    if (x.rank !== 3 && x.rank !== 4)
      throw new ShapeError(`Softmax2d: takes (n, c, h, w) or (c, h, w), found ${show(x.shape)}`)
    return softmax(x, -3)
  }
}
