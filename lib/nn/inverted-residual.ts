// The inverted bottleneck: few channels widened, filtered each by itself, and narrowed again. Sandler et al. 2018, "MobileNetV2"; with
// squeeze and excitation Tan et al. 2018, "MnasNet" (MBConv) and Howard et al. 2019, "Searching for MobileNetV3". Place in the whole:
// the block of MobileNetV3 and EfficientNet and of users' networks; names are torchvision's of both.
// Shapes: N samples, C channels, H and W height and width.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { add } from '../ops/binary.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { Sequential } from './containers.js'
import { Conv2dNormActivation } from './conv-norm-activation.js'
import { StochasticDepth } from './dropout.js'
import { Module } from './module.js'
import type { ActivationName } from './named-activation.js'
import type { BatchNormLayerOptions } from './norm.js'
import { SqueezeExcitation } from './squeeze-excitation.js'

export interface InvertedResidualOptions {
  /** Channels between; where they are as many as come in, nothing widens. Default 6 inChannels. */
  hidden?: number
  /** Of the depthwise convolution. Default 3. */
  kernelSize?: number
  /** Of the depthwise convolution: 1 or 2. Default 1. */
  stride?: 1 | 2
  /** Of the depthwise convolution; above 1 its stride is 1. Default 1. */
  dilation?: number
  /** Default 'relu'. */
  activation?: ActivationName
  /** Squeezed channels of the squeeze and excitation of the hidden channels; 0: there is none. Default 0. */
  squeeze?: number
  /** Of the squeeze and excitation. Default 'relu'. */
  squeezeActivation?: ActivationName
  /** Of the squeeze and excitation. Default 'sigmoid'. */
  gate?: ActivationName
  /** Probability with which the branch of a sample is dropped in training, where the input is added. Default 0. */
  stochasticDepth?: number
  /** Of the batch norms. */
  norm?: BatchNormLayerOptions
  /** Default 'f32'. */
  dtype?: DType
}

const SQUEEZE = ['squeeze', 'squeezeActivation', 'gate']
const WINDOW = ['kernelSize', 'stride', 'dilation']
const KEYS = ['hidden', ...WINDOW, 'activation', ...SQUEEZE, 'stochasticDepth', 'norm', 'dtype']

/**
 * 1x1 convolution, depthwise convolution, squeeze and excitation, 1x1 convolution without activation; added to what came in where the
 * shapes are the same: (N, inChannels, H, W) to (N, outChannels, H / stride, W / stride), rounded up.
 * @throws ValueError for another stride, or what the parts refuse
 */
export class InvertedResidual extends Module {
  block: Sequential
  stochasticDepth: StochasticDepth
  /** Whether the input is added. */
  readonly residual: boolean

  constructor(inChannels: number, outChannels: number, options: InvertedResidualOptions = {}) {
    super()
    known('InvertedResidual', options, KEYS)
    const { hidden = 6 * inChannels, kernelSize = 3, stride = 1, dilation = 1, activation = 'relu' } = options
    const { squeeze = 0, squeezeActivation = 'relu', gate = 'sigmoid', norm = {}, dtype = 'f32' } = options
    if (stride !== 1 && stride !== 2)
      throw new ValueError(`InvertedResidual: stride is ${String(stride)}, expected 1 or 2`)
    const pointwise = { kernelSize: 1, norm, dtype }
    const layers: Module[] = []
    if (hidden !== inChannels) layers.push(new Conv2dNormActivation(inChannels, hidden, { ...pointwise, activation }))
    const step = dilation > 1 ? 1 : stride
    const depthwise = { kernelSize, stride: step, dilation, groups: hidden, norm, activation, dtype }
    layers.push(new Conv2dNormActivation(hidden, hidden, depthwise))
    if (squeeze > 0) {
      layers.push(new SqueezeExcitation(hidden, squeeze, { activation: squeezeActivation, gate, dtype }))
    }
    layers.push(new Conv2dNormActivation(hidden, outChannels, { ...pointwise, activation: null }))
    this.block = new Sequential(...layers)
    this.stochasticDepth = new StochasticDepth(options.stochasticDepth ?? 0, 'row')
    this.residual = stride === 1 && inChannels === outChannels
  }

  override forward(x_NCHW: Tensor): Tensor {
    const y = this.block.call(x_NCHW) as Tensor
    return this.residual ? add(this.stochasticDepth.call(y), x_NCHW) : y
  }
}
