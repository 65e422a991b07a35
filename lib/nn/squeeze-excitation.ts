// Squeeze and excitation. Hu et al. 2017, "Squeeze-and-Excitation Networks". Place in the whole: a block of MobileNetV3, EfficientNet
// and of users' networks; names are those of torchvision.ops.SqueezeExcitation.
// Shapes: N samples, C channels, H and W height and width, S squeezed channels.

import { known } from '../check.js'
import { mul } from '../ops/binary.js'
import { adaptiveAvgPool2d } from '../ops/pool-adaptive.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { Conv2d } from './conv.js'
import { Module } from './module.js'
import { type ActivationName, applyActivation, checkActivation, fusedActivation } from './named-activation.js'

export interface SqueezeExcitationOptions {
  /** Of the squeezed channels. Default 'relu'. */
  activation?: ActivationName
  /** What makes factors of the second layer's results. Default 'sigmoid'; MobileNetV3 has 'hardsigmoid'. */
  gate?: ActivationName
  /** Default 'f32'. */
  dtype?: DType
}

/**
 * Scales each channel by a factor that is computed from the means of all channels: (N, C, H, W) to the same shape.
 * @throws ValueError for channels that are not positive, or an unknown activation
 */
export class SqueezeExcitation extends Module {
  fc1: Conv2d
  fc2: Conv2d
  readonly activation: ActivationName
  readonly gate: ActivationName

  constructor(channels: number, squeezeChannels: number, options: SqueezeExcitationOptions = {}) {
    super()
    known('SqueezeExcitation', options, ['activation', 'gate', 'dtype'])
    const { activation = 'relu', gate = 'sigmoid', dtype = 'f32' } = options
    for (const name of [activation, gate]) checkActivation('SqueezeExcitation', name)
    this.activation = activation
    this.gate = gate
    this.fc1 = new Conv2d(channels, squeezeChannels, 1, { dtype })
    this.fc2 = new Conv2d(squeezeChannels, channels, 1, { dtype })
  }

  override forward(x_NCHW: Tensor): Tensor {
    const fused = fusedActivation(this.activation)
    const squeezed_NS11 = this.fc1.call(adaptiveAvgPool2d(x_NCHW, 1), { activation: fused })
    const active_NS11 = fused === null ? applyActivation(this.activation, squeezed_NS11) : squeezed_NS11
    return mul(x_NCHW, applyActivation(this.gate, this.fc2.call(active_NS11)))
  }
}
