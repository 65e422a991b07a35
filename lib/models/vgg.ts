// VGG. Simonyan and Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition". Place in the whole: a model
// like any user's, built from lib/nn alone; names are torchvision's, whose checkpoints load as they are.
// Shapes: N images, C channels, H and W height and width, K classes.
import { known } from '../check.js'
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  foldNorms,
  init,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from '../nn/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages, initializeImageModel } from './images.js'

/** What the named networks leave open. */
export interface VGGOptions {
  /** Default 1000. */
  readonly classes?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /** Of the classifier. Default 0.5. */
  readonly dropout?: number
}

export interface VGGConfig extends VGGOptions {
  /** Channels of each stage's 3x3 convolutions; a pooling that halves the image follows each stage. */
  readonly stages: readonly (readonly number[])[]
  /** Whether a batch norm follows each convolution. Default false. */
  readonly batchNorm?: boolean
  /** Height and width that the classifier is given. Default 7. */
  readonly pooled?: number
  /** Width of the classifier's two hidden layers. Default 4096. */
  readonly hidden?: number
}

const KEYS = ['classes', 'inChannels', 'dropout', 'stages', 'batchNorm', 'pooled', 'hidden']

/** Images (N, C, H, W), of some 224 x 224, to logits (N, K). */
export class VGG extends Module {
  readonly config: Required<VGGConfig>
  features: Sequential
  avgpool: AdaptiveAvgPool2d
  flatten: Flatten
  classifier: Sequential

  constructor(config: VGGConfig) {
    super()
    known('VGG', config, KEYS)
    const defaults = { classes: 1000, inChannels: 3, dropout: 0.5, batchNorm: false, pooled: 7, hidden: 4096 }
    this.config = { ...defaults, ...config }
    const { stages, batchNorm, classes, inChannels, dropout, pooled, hidden } = this.config
    const layers: Module[] = []
    let channels = inChannels
    for (const stage of stages) {
      for (const out of stage) {
        layers.push(new Conv2d(channels, out, 3, { padding: 1 }))
        if (batchNorm) layers.push(new BatchNorm2d(out))
        layers.push(new ReLU())
        channels = out
      }
      layers.push(new MaxPool2d(2))
    }
    this.features = new Sequential(...layers)
    this.avgpool = new AdaptiveAvgPool2d(pooled)
    this.flatten = new Flatten()
    this.classifier = new Sequential(
      new Linear(channels * pooled ** 2, hidden),
      new ReLU(),
      new Dropout(dropout),
      new Linear(hidden, hidden),
      new ReLU(),
      new Dropout(dropout),
      new Linear(hidden, classes),
    )
    initializeImageModel(this, (weight) => init.normal(weight, 0, 0.01))
  }

  override forward(x_NCHW: Tensor): Tensor {
    checkImages('VGG', x_NCHW, this.config.inChannels)
    return this.classifier.call(this.flatten.call(this.avgpool.call(this.features.call(x_NCHW))))
  }

  /** For inference: see `foldNorms`, which says what becomes of norms and activations. */
  fuse(): this {
    return foldNorms(this)
  }
}

/** The paper's configurations (its table 1). */
const A = [[64], [128], [256, 256], [512, 512], [512, 512]]
const B = [
  [64, 64],
  [128, 128],
  [256, 256],
  [512, 512],
  [512, 512],
]
const D = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
]
const E = [
  [64, 64],
  [128, 128],
  [256, 256, 256, 256],
  [512, 512, 512, 512],
  [512, 512, 512, 512],
]

type Named = (options?: VGGOptions) => VGG

const named =
  (stages: VGGConfig['stages'], batchNorm = false): Named =>
  (options = {}) =>
    new VGG({ ...options, stages, batchNorm })

/** 132,863,336 parameters. */
export const vgg11: Named = named(A)
/** 132,868,840 parameters. */
export const vgg11BatchNorm: Named = named(A, true)
/** 133,047,848 parameters. */
export const vgg13: Named = named(B)
/** 133,053,736 parameters. */
export const vgg13BatchNorm: Named = named(B, true)
/** 138,357,544 parameters. */
export const vgg16: Named = named(D)
/** 138,365,992 parameters. */
export const vgg16BatchNorm: Named = named(D, true)
/** 143,667,240 parameters. */
export const vgg19: Named = named(E)
/** 143,678,248 parameters. */
export const vgg19BatchNorm: Named = named(E, true)
