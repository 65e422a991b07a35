// LeNet-5. LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition". Place in the whole: a model like any user's,
// built from lib/nn alone. It is the form that is common today: the paper's subsampling has a trained scale and shift a map, its C3
// leaves out some connections, its tanh is scaled, and its output layer measures distances; here they are average pooling, a whole
// convolution, tanh, and a linear layer.
// Shapes: N images, K classes.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, Module } from '../nn/index.js'
import { type ActivationName, applyActivation, checkActivation } from '../nn/named-activation.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface LeNetConfig {
  /** Default 10. */
  readonly classes?: number
  /** Channels of the images. Default 1. */
  readonly inChannels?: number
  /** 32, the paper's, or 28, which C1 pads to 32. Default 28. */
  readonly imageSize?: 28 | 32
  /** Maps of C1, C3 and C5, and units of F6. Default [6, 16, 120, 84]. */
  readonly widths?: readonly [c1: number, c3: number, c5: number, f6: number]
  /** Default 'tanh'. */
  readonly activation?: ActivationName
  /** Default 'average'. */
  readonly pooling?: 'average' | 'max'
}

/** Images (N, C, 28, 28) or (N, C, 32, 32) to logits (N, K): by default 61,706 parameters. */
export class LeNet extends Module {
  readonly config: Required<LeNetConfig>
  c1: Conv2d
  s2: AvgPool2d | MaxPool2d
  c3: Conv2d
  s4: AvgPool2d | MaxPool2d
  c5: Conv2d
  flatten: Flatten
  f6: Linear
  output: Linear

  /** @throws ValueError for another size of images, or an unknown activation or pooling */
  constructor(config: LeNetConfig = {}) {
    super()
    known('LeNet', config, ['classes', 'inChannels', 'imageSize', 'widths', 'activation', 'pooling'])
    const { classes = 10, inChannels = 1, imageSize = 28, widths = [6, 16, 120, 84] } = config
    const { activation = 'tanh', pooling = 'average' } = config
    if (imageSize !== 28 && imageSize !== 32)
      throw new ValueError(`LeNet: imageSize is ${String(imageSize)}, expected 28 or 32`)
    if (pooling !== 'average' && pooling !== 'max')
      throw new ValueError(`LeNet: pooling is '${String(pooling)}', expected 'average' or 'max'`)
    checkActivation('LeNet', activation)
    this.config = { classes, inChannels, imageSize, widths, activation, pooling }
    const halved = (): AvgPool2d | MaxPool2d => (pooling === 'max' ? new MaxPool2d(2) : new AvgPool2d(2))
    const [c1, c3, c5, f6] = widths
    this.c1 = new Conv2d(inChannels, c1, 5, { padding: (32 - imageSize) / 2 })
    this.s2 = halved()
    this.c3 = new Conv2d(c1, c3, 5)
    this.s4 = halved()
    this.c5 = new Conv2d(c3, c5, 5)
    this.flatten = new Flatten()
    this.f6 = new Linear(c5, f6)
    this.output = new Linear(f6, classes)
  }

  /** @throws ShapeError for images of another size */
  override forward(x: Tensor): Tensor {
    const { inChannels, imageSize, activation } = this.config
    if (x.rank !== 4 || x.shape[1] !== inChannels || x.shape[2] !== imageSize || x.shape[3] !== imageSize) {
      const wanted = `(n, ${inChannels}, ${imageSize}, ${imageSize})`
      throw new ShapeError(`LeNet: takes images ${wanted}, found ${show(x.shape)}; see imageSize and inChannels`)
    }
    const active = (y: Tensor): Tensor => applyActivation(activation, y)
    const s2 = this.s2.call(active(this.c1.call(x)))
    const s4 = this.s4.call(active(this.c3.call(s2)))
    const c5 = active(this.c5.call(s4))
    return this.output.call(active(this.f6.call(this.flatten.call(c5))))
  }
}
