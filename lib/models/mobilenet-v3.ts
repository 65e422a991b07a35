// MobileNetV3. Howard et al. 2019, "Searching for MobileNetV3". Place in the whole: a model like any user's, built from lib/nn alone;
// names are torchvision's, whose checkpoints load as they are.
// Shapes: N images, C channels, H and W height and width, K classes.
import { known } from '../check.js'
import {
  AdaptiveAvgPool2d,
  Conv2dNormActivation,
  Dropout,
  Flatten,
  foldNorms,
  Hardswish,
  InvertedResidual,
  init,
  Linear,
  Module,
  Sequential,
} from '../nn/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages, initializeImageModel, roundChannels } from './images.js'

/** What the named networks leave open. */
export interface MobileNetV3Options {
  /** Default 1000. */
  readonly classes?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /** Factor of all numbers of channels. Default 1. */
  readonly width?: number
  /** Of the classifier. Default 0.2. */
  readonly dropout?: number
}

/** A row of the paper's tables 1 and 2: window, expanded channels, channels, squeeze and excitation, nonlinearity, stride. */
export type MobileNetV3Block = readonly [
  kernelSize: number,
  expanded: number,
  channels: number,
  squeeze: boolean,
  activation: 'relu' | 'hardswish',
  stride: 1 | 2,
]

export interface MobileNetV3Config extends MobileNetV3Options {
  readonly blocks: readonly MobileNetV3Block[]
  /** Channels of the first convolution, before scaling. Default 16. */
  readonly stem?: number
  /** Width of the classifier's hidden layer, before scaling. */
  readonly last: number
}

const KEYS = ['classes', 'inChannels', 'width', 'dropout', 'blocks', 'stem', 'last']

/** As the paper trained, and torchvision's checkpoints. */
const NORM = { eps: 1e-3, momentum: 0.01 }

/** Images (N, C, H, W), of some 224 x 224, to logits (N, K). */
export class MobileNetV3 extends Module {
  readonly config: Required<MobileNetV3Config>
  features: Sequential
  avgpool: AdaptiveAvgPool2d
  flatten: Flatten
  classifier: Sequential

  constructor(config: MobileNetV3Config) {
    super()
    known('MobileNetV3', config, KEYS)
    this.config = { classes: 1000, inChannels: 3, width: 1, dropout: 0.2, stem: 16, ...config }
    const { blocks, classes, inChannels, width, dropout, stem, last } = this.config
    const scaled = (channels: number): number => roundChannels(channels * width)
    const ends = { norm: NORM, activation: 'hardswish' } as const
    let channels = scaled(stem)
    const layers: Module[] = [new Conv2dNormActivation(inChannels, channels, { stride: 2, ...ends })]
    for (const [kernelSize, expanded, base, squeezes, activation, stride] of blocks) {
      const [hidden, out] = [scaled(expanded), scaled(base)]
      const squeeze = squeezes ? roundChannels(Math.floor(hidden / 4)) : 0
      const options = { hidden, kernelSize, stride, activation, squeeze, gate: 'hardsigmoid', norm: NORM } as const
      layers.push(new InvertedResidual(channels, out, options))
      channels = out
    }
    layers.push(new Conv2dNormActivation(channels, 6 * channels, { kernelSize: 1, ...ends }))
    this.features = new Sequential(...layers)
    this.avgpool = new AdaptiveAvgPool2d(1)
    this.flatten = new Flatten()
    const hidden = scaled(last)
    this.classifier = new Sequential(
      new Linear(6 * channels, hidden),
      new Hardswish(),
      new Dropout(dropout),
      new Linear(hidden, classes),
    )
    initializeImageModel(this, (weight) => init.normal(weight, 0, 0.01))
  }

  override forward(x_NCHW: Tensor): Tensor {
    checkImages('MobileNetV3', x_NCHW, this.config.inChannels)
    return this.classifier.call(this.flatten.call(this.avgpool.call(this.features.call(x_NCHW))))
  }

  /** For inference: see `foldNorms`, which says what becomes of norms and activations. */
  fuse(): this {
    return foldNorms(this)
  }
}

/** The paper's table 1. */
const LARGE: readonly MobileNetV3Block[] = [
  [3, 16, 16, false, 'relu', 1],
  [3, 64, 24, false, 'relu', 2],
  [3, 72, 24, false, 'relu', 1],
  [5, 72, 40, true, 'relu', 2],
  [5, 120, 40, true, 'relu', 1],
  [5, 120, 40, true, 'relu', 1],
  [3, 240, 80, false, 'hardswish', 2],
  [3, 200, 80, false, 'hardswish', 1],
  [3, 184, 80, false, 'hardswish', 1],
  [3, 184, 80, false, 'hardswish', 1],
  [3, 480, 112, true, 'hardswish', 1],
  [3, 672, 112, true, 'hardswish', 1],
  [5, 672, 160, true, 'hardswish', 2],
  [5, 960, 160, true, 'hardswish', 1],
  [5, 960, 160, true, 'hardswish', 1],
]

/** The paper's table 2. */
const SMALL: readonly MobileNetV3Block[] = [
  [3, 16, 16, true, 'relu', 2],
  [3, 72, 24, false, 'relu', 2],
  [3, 88, 24, false, 'relu', 1],
  [5, 96, 40, true, 'hardswish', 2],
  [5, 240, 40, true, 'hardswish', 1],
  [5, 240, 40, true, 'hardswish', 1],
  [5, 120, 48, true, 'hardswish', 1],
  [5, 144, 48, true, 'hardswish', 1],
  [5, 288, 96, true, 'hardswish', 2],
  [5, 576, 96, true, 'hardswish', 1],
  [5, 576, 96, true, 'hardswish', 1],
]

/** 5,483,032 parameters. */
export const mobilenetV3Large = (options: MobileNetV3Options = {}): MobileNetV3 =>
  new MobileNetV3({ ...options, blocks: LARGE, last: 1280 })
/** 2,542,856 parameters. */
export const mobilenetV3Small = (options: MobileNetV3Options = {}): MobileNetV3 =>
  new MobileNetV3({ ...options, blocks: SMALL, last: 1024 })
