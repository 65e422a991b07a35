// MobileNetV2. Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks". Place in the whole: a model like any
// user's, built from lib/nn alone; names are torchvision's, whose checkpoints load as they are.
// Shapes: N images, C channels, H and W height and width, K classes.
import { known } from '../check.js'
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Conv2dNormActivation,
  Dropout,
  Flatten,
  foldNorms,
  init,
  Linear,
  Module,
  Sequential,
} from '../nn/index.js'
import { add } from '../ops/binary.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages, initializeImageModel, roundChannels } from './images.js'

export interface MobileNetV2Config {
  /** Default 1000. */
  readonly classes?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /** Factor of all numbers of channels; the last layer's is never below 1. Default 1. */
  readonly width?: number
  /** Scaled numbers of channels are rounded to multiples of it. Default 8. */
  readonly divisor?: number
  /** Of the classifier. Default 0.2. */
  readonly dropout?: number
  /** Channels of the first convolution, before scaling. Default 32. */
  readonly stem?: number
  /** Channels of the last convolution, before scaling. Default 1280. */
  readonly last?: number
  /** Expansion, channels, blocks and stride of each stage: the paper's table 2, by default. */
  readonly stages?: readonly (readonly [expansion: number, channels: number, blocks: number, stride: 1 | 2])[]
}

const TABLE_2: Required<MobileNetV2Config>['stages'] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
]

const KEYS = ['classes', 'inChannels', 'width', 'divisor', 'dropout', 'stem', 'last', 'stages']

/** Widened, filtered, narrowed again without an activation: (N, C, H, W) to (N, C', H / stride, W / stride), rounded up. */
class InvertedResidual extends Module {
  conv: Sequential
  readonly residual: boolean

  constructor(inChannels: number, channels: number, stride: 1 | 2, expansion: number) {
    super()
    const hidden = Math.round(inChannels * expansion)
    const widened = { kernelSize: 1, activation: 'relu6' } as const
    this.conv = new Sequential(
      ...(expansion === 1 ? [] : [new Conv2dNormActivation(inChannels, hidden, widened)]),
      new Conv2dNormActivation(hidden, hidden, { stride, groups: hidden, activation: 'relu6' }),
      new Conv2d(hidden, channels, 1, { bias: false }),
      new BatchNorm2d(channels),
    )
    this.residual = stride === 1 && inChannels === channels
  }

  override forward(x_NCHW: Tensor): Tensor {
    const y = this.conv.call(x_NCHW) as Tensor
    return this.residual ? add(x_NCHW, y) : y
  }
}

/** Images (N, C, H, W), of some 224 x 224, to logits (N, K). */
export class MobileNetV2 extends Module {
  readonly config: Required<MobileNetV2Config>
  features: Sequential
  avgpool: AdaptiveAvgPool2d
  flatten: Flatten
  classifier: Sequential

  constructor(config: MobileNetV2Config = {}) {
    super()
    known('MobileNetV2', config, KEYS)
    const defaults = { classes: 1000, inChannels: 3, width: 1, divisor: 8, dropout: 0.2, stem: 32, last: 1280 }
    this.config = { ...defaults, stages: TABLE_2, ...config }
    const { classes, inChannels, width, divisor, dropout, stem, last, stages } = this.config
    let channels = roundChannels(stem * width, divisor)
    const lastChannels = roundChannels(last * Math.max(1, width), divisor)
    const layers: Module[] = [new Conv2dNormActivation(inChannels, channels, { stride: 2, activation: 'relu6' })]
    for (const [expansion, base, blocks, stride] of stages) {
      const out = roundChannels(base * width, divisor)
      for (let i = 0; i < blocks; i++) {
        layers.push(new InvertedResidual(channels, out, i === 0 ? stride : 1, expansion))
        channels = out
      }
    }
    layers.push(new Conv2dNormActivation(channels, lastChannels, { kernelSize: 1, activation: 'relu6' }))
    this.features = new Sequential(...layers)
    this.avgpool = new AdaptiveAvgPool2d(1)
    this.flatten = new Flatten()
    this.classifier = new Sequential(new Dropout(dropout), new Linear(lastChannels, classes))
    initializeImageModel(this, (weight) => init.normal(weight, 0, 0.01))
  }

  override forward(x_NCHW: Tensor): Tensor {
    checkImages('MobileNetV2', x_NCHW, this.config.inChannels)
    return this.classifier.call(this.flatten.call(this.avgpool.call(this.features.call(x_NCHW))))
  }

  /** For inference: see `foldNorms`, which says what becomes of norms and activations. */
  fuse(): this {
    return foldNorms(this)
  }
}

/** 3,504,872 parameters. */
export const mobilenetV2 = (config: MobileNetV2Config = {}): MobileNetV2 => new MobileNetV2(config)
