// ConvNeXt. Liu et al. 2022, "A ConvNet for the 2020s". Place in the whole: a model like any user's, built from lib/nn alone; names are
// torchvision's, whose checkpoints load as they are.
// Shapes: N images, C channels, H and W height and width, K classes.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import {
  AdaptiveAvgPool2d,
  Conv2d,
  Flatten,
  init,
  LayerNorm,
  LayerNorm2d,
  Linear,
  Module,
  Parameter,
  Sequential,
  StochasticDepth,
} from '../nn/index.js'
import { add, mul } from '../ops/binary.js'
import { full } from '../ops/creation.js'
import { permute, reshape } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages } from './images.js'

/** What the named networks leave open. */
export interface ConvNeXtOptions {
  /** Default 1000. */
  readonly classes?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /** Probability with which the last block's branch is dropped in training; it grows linearly from 0 at the first. */
  readonly stochasticDepth?: number
  /** What the factor of each branch's channels begins as. Default 1e-6. */
  readonly layerScale?: number
}

export interface ConvNeXtConfig extends ConvNeXtOptions {
  /** Of each stage; between stages the image is halved. */
  readonly channels: readonly number[]
  /** Blocks of each stage. */
  readonly blocks: readonly number[]
}

const KEYS = ['classes', 'inChannels', 'stochasticDepth', 'layerScale', 'channels', 'blocks']

/** Of all norms. */
const EPS = 1e-6

/** Depthwise convolution, norm, and an MLP a position: (N, C, H, W) to (N, H, W, C). */
class Branch extends Module {
  static override readonly stateNames = { depthwise: '0', norm: '2', widen: '3', narrow: '5' }
  depthwise: Conv2d
  norm: LayerNorm
  widen: Linear
  narrow: Linear

  constructor(channels: number) {
    super()
    this.depthwise = new Conv2d(channels, channels, 7, { padding: 3, groups: channels })
    this.norm = new LayerNorm(channels, { eps: EPS })
    this.widen = new Linear(channels, 4 * channels)
    this.narrow = new Linear(4 * channels, channels)
  }

  override forward(x_NCHW: Tensor): Tensor {
    const y_NHWC = this.norm.call(permute(this.depthwise.call(x_NCHW), [0, 2, 3, 1]))
    return this.narrow.call(this.widen.call(y_NHWC, { activation: 'gelu' }))
  }
}

/** A branch, scaled a channel, added to what came in. */
class Block extends Module {
  block: Branch
  layerScale: Parameter
  stochasticDepth: StochasticDepth

  constructor(channels: number, layerScale: number, drop: number) {
    super()
    this.block = new Branch(channels)
    this.layerScale = new Parameter(full([channels, 1, 1], layerScale))
    this.stochasticDepth = new StochasticDepth(drop, 'row')
  }

  override forward(x_NCHW: Tensor): Tensor {
    const y_NHWC = mul(this.block.call(x_NCHW) as Tensor, reshape(this.layerScale, [-1]))
    return add(this.stochasticDepth.call(permute(y_NHWC, [0, 3, 1, 2])), x_NCHW)
  }
}

/** Images (N, C, H, W), of some 224 x 224, to logits (N, K). */
export class ConvNeXt extends Module {
  readonly config: Required<ConvNeXtConfig>
  features: Sequential
  avgpool: AdaptiveAvgPool2d
  classifier: Sequential

  /** @throws ValueError unless each stage has its channels and blocks */
  constructor(config: ConvNeXtConfig) {
    super()
    known('ConvNeXt', config, KEYS)
    this.config = { classes: 1000, inChannels: 3, stochasticDepth: 0, layerScale: 1e-6, ...config }
    const { channels, blocks, classes, inChannels, stochasticDepth, layerScale } = this.config
    if (channels.length === 0 || channels.length !== blocks.length) {
      const found = `${channels.length} and ${blocks.length}`
      throw new ValueError(`ConvNeXt: channels and blocks are one number a stage each, found ${found}`)
    }
    const [first, last] = [channels[0] as number, channels.at(-1) as number]
    const norm = (width: number): LayerNorm2d => new LayerNorm2d(width, { eps: EPS })
    const layers: Module[] = [new Sequential(new Conv2d(inChannels, first, 4, { stride: 4 }), norm(first))]
    const all = blocks.reduce((sum, count) => sum + count, 0)
    let made = 0
    for (const [s, width] of channels.entries()) {
      if (s > 0) {
        const before = channels[s - 1] as number
        layers.push(new Sequential(norm(before), new Conv2d(before, width, 2, { stride: 2 })))
      }
      const stage: Block[] = []
      for (let i = 0; i < (blocks[s] as number); i++) {
        stage.push(new Block(width, layerScale, all > 1 ? (stochasticDepth * made++) / (all - 1) : 0))
      }
      layers.push(new Sequential(...stage))
    }
    this.features = new Sequential(...layers)
    this.avgpool = new AdaptiveAvgPool2d(1)
    this.classifier = new Sequential(norm(last), new Flatten(), new Linear(last, classes))
    for (const module of this.modules()) {
      if (!(module instanceof Conv2d || module instanceof Linear)) continue
      init.truncNormal(module.weight, 0, 0.02)
      if (module.bias) init.zeros(module.bias)
    }
  }

  override forward(x_NCHW: Tensor): Tensor {
    checkImages('ConvNeXt', x_NCHW, this.config.inChannels)
    return this.classifier.call(this.avgpool.call(this.features.call(x_NCHW)))
  }
}

type Named = (options?: ConvNeXtOptions) => ConvNeXt

const named =
  (channels: number, third: number, stochasticDepth: number): Named =>
  (options = {}) =>
    new ConvNeXt({
      stochasticDepth,
      ...options,
      channels: [1, 2, 4, 8].map((factor) => factor * channels),
      blocks: [3, 3, third, 3],
    })

/** 28,589,128 parameters. */
export const convnextTiny: Named = named(96, 9, 0.1)
/** 50,223,688 parameters. */
export const convnextSmall: Named = named(96, 27, 0.4)
/** 88,591,464 parameters. */
export const convnextBase: Named = named(128, 27, 0.5)
/** 197,767,336 parameters. */
export const convnextLarge: Named = named(192, 27, 0.5)
