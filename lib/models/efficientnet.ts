// EfficientNet. Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", and 2021, "EfficientNetV2:
// Smaller Models and Faster Training". Place in the whole: a model like any user's, built from lib/nn alone; names are torchvision's,
// whose checkpoints load as they are.
// Shapes: N images, C channels, H and W height and width, K classes.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import {
  AdaptiveAvgPool2d,
  type BatchNormLayerOptions,
  Conv2dNormActivation,
  Dropout,
  Flatten,
  foldNorms,
  InvertedResidual,
  init,
  Linear,
  Module,
  Sequential,
  StochasticDepth,
} from '../nn/index.js'
import { add } from '../ops/binary.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages, initializeImageModel, roundChannels } from './images.js'

/** What the named networks leave open. */
export interface EfficientNetOptions {
  /** Default 1000. */
  readonly classes?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /** Of the classifier. Default 0.2; of the named networks as published. */
  readonly dropout?: number
  /** Probability with which the last block's branch is dropped in training; it grows linearly from 0 at the first. Default 0.2. */
  readonly stochasticDepth?: number
}

/** Blocks of one kind; the first has the stride, and takes what the stage before gives. */
export interface EfficientNetStage {
  /** Whether widening and filtering are one convolution, and there is no squeeze and excitation. Default false. */
  readonly fused?: boolean
  readonly expansion: number
  readonly kernelSize: number
  readonly stride: 1 | 2
  readonly channels: number
  readonly blocks: number
}

export interface EfficientNetConfig extends EfficientNetOptions {
  readonly stages: readonly EfficientNetStage[]
  /** Channels of the first convolution. */
  readonly stem: number
  /** Channels of the last convolution. Default 4 times the last stage's. */
  readonly last?: number
  /** Factor of the channels of stem and stages. Default 1. */
  readonly width?: number
  /** Factor of the stages' blocks, rounded up. Default 1. */
  readonly depth?: number
  readonly norm?: BatchNormLayerOptions
}

const KEYS = ['classes', 'inChannels', 'dropout', 'stochasticDepth', 'stages', 'stem', 'last', 'width', 'depth', 'norm']

interface BlockOptions {
  readonly stage: EfficientNetStage
  readonly stride: 1 | 2
  readonly drop: number
  readonly norm: BatchNormLayerOptions
}

/** One convolution widens and filters, another narrows; without expansion there is but one: as `InvertedResidual` in shapes. */
class FusedMBConv extends Module {
  block: Sequential
  readonly residual: boolean
  stochasticDepth: StochasticDepth

  constructor(inChannels: number, channels: number, { stage, stride, drop, norm }: BlockOptions) {
    super()
    const hidden = roundChannels(inChannels * stage.expansion)
    const widened = hidden !== inChannels
    const { kernelSize } = stage
    const first = { kernelSize, stride, norm, activation: 'silu' } as const
    this.block = new Sequential(
      new Conv2dNormActivation(inChannels, widened ? hidden : channels, first),
      ...(widened ? [new Conv2dNormActivation(hidden, channels, { kernelSize: 1, norm, activation: null })] : []),
    )
    this.residual = stride === 1 && inChannels === channels
    this.stochasticDepth = new StochasticDepth(drop, 'row')
  }

  override forward(x_NCHW: Tensor): Tensor {
    const y = this.block.call(x_NCHW) as Tensor
    return this.residual ? add(this.stochasticDepth.call(y), x_NCHW) : y
  }
}

function mbConv(inChannels: number, channels: number, { stage, stride, drop, norm }: BlockOptions): InvertedResidual {
  return new InvertedResidual(inChannels, channels, {
    hidden: roundChannels(inChannels * stage.expansion),
    kernelSize: stage.kernelSize,
    stride,
    activation: 'silu',
    squeeze: Math.max(1, Math.floor(inChannels / 4)),
    squeezeActivation: 'silu',
    norm,
    stochasticDepth: drop,
  })
}

/** Images (N, C, H, W), of 224 x 224 (b0) to 600 x 600 (b7), to logits (N, K). */
export class EfficientNet extends Module {
  readonly config: Required<EfficientNetConfig>
  features: Sequential
  avgpool: AdaptiveAvgPool2d
  flatten: Flatten
  classifier: Sequential

  /** @throws ValueError for no stages, or what its layers refuse */
  constructor(config: EfficientNetConfig) {
    super()
    known('EfficientNet', config, KEYS)
    const { width = 1, depth = 1, stem, stages, norm = {}, inChannels = 3, classes = 1000 } = config
    const { dropout = 0.2, stochasticDepth = 0.2 } = config
    const scaled = (channels: number): number => roundChannels(channels * width)
    const end = stages.at(-1)
    if (end === undefined) throw new ValueError('EfficientNet: stages are one at least, found none')
    const { last = 4 * scaled(end.channels) } = config
    this.config = { width, depth, stem, stages, norm, inChannels, classes, dropout, stochasticDepth, last }

    let channels = scaled(stem)
    const activation = 'silu'
    const layers: Module[] = [new Conv2dNormActivation(inChannels, channels, { stride: 2, norm, activation })]
    const counts = stages.map(({ blocks }) => Math.ceil(blocks * depth))
    const all = counts.reduce((sum, count) => sum + count, 0)
    let made = 0
    for (const [s, stage] of stages.entries()) {
      const blocks: Module[] = []
      const out = scaled(stage.channels)
      for (let i = 0; i < (counts[s] as number); i++) {
        const options = {
          stage,
          stride: i === 0 ? stage.stride : 1,
          drop: (stochasticDepth * made++) / all,
          norm,
        } as const
        blocks.push(stage.fused ? new FusedMBConv(channels, out, options) : mbConv(channels, out, options))
        channels = out
      }
      layers.push(new Sequential(...blocks))
    }
    layers.push(new Conv2dNormActivation(channels, last, { kernelSize: 1, norm, activation }))
    this.features = new Sequential(...layers)
    this.avgpool = new AdaptiveAvgPool2d(1)
    this.flatten = new Flatten()
    this.classifier = new Sequential(new Dropout(dropout), new Linear(last, classes))
    const bound = 1 / Math.sqrt(classes)
    initializeImageModel(this, (weight) => init.uniform(weight, -bound, bound))
  }

  override forward(x_NCHW: Tensor): Tensor {
    checkImages('EfficientNet', x_NCHW, this.config.inChannels)
    return this.classifier.call(this.flatten.call(this.avgpool.call(this.features.call(x_NCHW))))
  }

  /** For inference: see `foldNorms`, which says what becomes of norms and activations. */
  fuse(): this {
    return foldNorms(this)
  }
}

type Row = readonly [expansion: number, kernelSize: number, stride: 1 | 2, channels: number, blocks: number]

const stage = ([expansion, kernelSize, stride, channels, blocks]: Row, fused = false): EfficientNetStage => ({
  expansion,
  kernelSize,
  stride,
  channels,
  blocks,
  fused,
})

const mb = (...row: Row): EfficientNetStage => stage(row)
const fusedMb = (...row: Row): EfficientNetStage => stage(row, true)

/** EfficientNet's table 1. */
const B0: readonly EfficientNetStage[] = [
  mb(1, 3, 1, 16, 1),
  mb(6, 3, 2, 24, 2),
  mb(6, 5, 2, 40, 2),
  mb(6, 3, 2, 80, 3),
  mb(6, 5, 1, 112, 3),
  mb(6, 5, 2, 192, 4),
  mb(6, 3, 1, 320, 1),
]
/** EfficientNetV2's table 4, and as its authors' code has the larger ones. */
const V2_S: readonly EfficientNetStage[] = [
  fusedMb(1, 3, 1, 24, 2),
  fusedMb(4, 3, 2, 48, 4),
  fusedMb(4, 3, 2, 64, 4),
  mb(4, 3, 2, 128, 6),
  mb(6, 3, 1, 160, 9),
  mb(6, 3, 2, 256, 15),
]
const V2_M: readonly EfficientNetStage[] = [
  fusedMb(1, 3, 1, 24, 3),
  fusedMb(4, 3, 2, 48, 5),
  fusedMb(4, 3, 2, 80, 5),
  mb(4, 3, 2, 160, 7),
  mb(6, 3, 1, 176, 14),
  mb(6, 3, 2, 304, 18),
  mb(6, 3, 1, 512, 5),
]
const V2_L: readonly EfficientNetStage[] = [
  fusedMb(1, 3, 1, 32, 4),
  fusedMb(4, 3, 2, 64, 7),
  fusedMb(4, 3, 2, 96, 7),
  mb(4, 3, 2, 192, 10),
  mb(6, 3, 1, 224, 19),
  mb(6, 3, 2, 384, 25),
  mb(6, 3, 1, 640, 7),
]

type Named = (options?: EfficientNetOptions) => EfficientNet

/** As torchvision's checkpoints of the larger networks have them. */
const SLOW_NORM: BatchNormLayerOptions = { eps: 1e-3, momentum: 0.01 }

const scaledB0 =
  (width: number, depth: number, dropout: number, norm: BatchNormLayerOptions = {}): Named =>
  (options = {}) =>
    new EfficientNet({ dropout, ...options, stages: B0, stem: 32, width, depth, norm })

const v2 =
  (stages: readonly EfficientNetStage[], stem: number, dropout: number): Named =>
  (options = {}) =>
    new EfficientNet({ dropout, ...options, stages, stem, last: 1280, norm: { eps: 1e-3 } })

/** 5,288,548 parameters. */
export const efficientnetB0: Named = scaledB0(1, 1, 0.2)
/** 7,794,184 parameters. */
export const efficientnetB1: Named = scaledB0(1, 1.1, 0.2)
/** 9,109,994 parameters. */
export const efficientnetB2: Named = scaledB0(1.1, 1.2, 0.3)
/** 12,233,232 parameters. */
export const efficientnetB3: Named = scaledB0(1.2, 1.4, 0.3)
/** 19,341,616 parameters. */
export const efficientnetB4: Named = scaledB0(1.4, 1.8, 0.4)
/** 30,389,784 parameters. */
export const efficientnetB5: Named = scaledB0(1.6, 2.2, 0.4, SLOW_NORM)
/** 43,040,704 parameters. */
export const efficientnetB6: Named = scaledB0(1.8, 2.6, 0.5, SLOW_NORM)
/** 66,347,960 parameters. */
export const efficientnetB7: Named = scaledB0(2, 3.1, 0.5, SLOW_NORM)
/** 21,458,488 parameters. */
export const efficientnetV2S: Named = v2(V2_S, 24, 0.2)
/** 54,139,356 parameters. */
export const efficientnetV2M: Named = v2(V2_M, 24, 0.3)
/** 118,515,272 parameters. */
export const efficientnetV2L: Named = v2(V2_L, 32, 0.4)
