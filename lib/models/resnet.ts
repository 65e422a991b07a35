// Residual networks. He et al. 2015, "Deep Residual Learning for Image Recognition"; with groups, Xie et al. 2017 (ResNeXt). Place in
// the whole: a model like any user's, built from lib/nn alone; names are torchvision's, whose checkpoints load as they are.
// Shapes: N images, C channels, H and W height and width, K classes.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  type BatchNormEpilogue,
  Conv2d,
  Flatten,
  type Folds,
  foldNorms,
  fuseConvBn,
  init,
  Linear,
  MaxPool2d,
  Module,
  Sequential,
} from '../nn/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages } from './images.js'

/** What the named networks leave open. */
export interface ResNetOptions {
  /** Default 1000. */
  readonly classes?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /**
   * 'imagenet': a 7x7 convolution and a pooling, each of stride 2, for images of some 224 x 224; 'cifar': one 3x3 convolution, for images
   * of some 32 x 32. Default 'imagenet'.
   */
  readonly stem?: 'imagenet' | 'cifar'
  /** Residual branches begin as zero, so that a block begins as the identity (Goyal et al. 2017). Default false. */
  readonly zeroInitResidual?: boolean
}

export interface ResNetConfig extends ResNetOptions {
  readonly block: 'basic' | 'bottleneck'
  /** Blocks in each of the four stages. */
  readonly blocks: readonly [number, number, number, number]
  /** Of the stem and the first stage's 3x3 convolutions; each further stage has twice as many. Default 64. */
  readonly channels?: number
  /** Groups of the 3x3 convolutions; above 1 for bottlenecks only. Default 1. */
  readonly groups?: number
  /** Channels of a group in the first stage of bottlenecks. Default 64. */
  readonly widthPerGroup?: number
}

type Config = Required<ResNetConfig>

const OPTIONS = ['classes', 'inChannels', 'stem', 'zeroInitResidual']
const KEYS = [...OPTIONS, 'block', 'blocks', 'channels', 'groups', 'widthPerGroup']

/** A convolution, its norm, and what follows in the last one's pass; a norm that is null was folded into the convolution. */
const normed = (conv: Conv2d, norm: BatchNorm2d | null, x: Tensor, then: BatchNormEpilogue): Tensor =>
  norm ? norm.call(conv.call(x), then) : conv.call(x, then)

const folded = (conv: Conv2d, norm: BatchNorm2d | null): Conv2d => (norm ? fuseConvBn(conv, norm) : conv)

const conv3x3 = (inChannels: number, channels: number, stride: number, groups = 1): Conv2d =>
  new Conv2d(inChannels, channels, 3, { stride, padding: 1, groups, bias: false })

const conv1x1 = (inChannels: number, channels: number, stride = 1): Conv2d =>
  new Conv2d(inChannels, channels, 1, { stride, bias: false })

/**
 * Two or three convolutions, added to what came in: (N, C, H, W) to (N, C', H / stride, W / stride). Each norm does what follows it in
 * its own pass: half of the activations are never written.
 */
abstract class Block extends Module implements Folds {
  /** Of the input, where the result has another shape. */
  abstract downsample: Sequential | null
  /** The norm that ends the residual branch. */
  abstract readonly last: BatchNorm2d | null
  /** Ends with the sum and its relu. */
  protected abstract branch(x: Tensor, residual: Tensor): Tensor
  /** Puts the branch's norms into its convolutions: called by `foldNorms`. */
  abstract fold(): void

  override forward(x: Tensor): Tensor {
    return this.branch(x, this.downsample ? this.downsample.call(x) : x)
  }
}

const shortcut = (inChannels: number, channels: number, stride: number): Sequential | null =>
  stride === 1 && inChannels === channels
    ? null
    : new Sequential(conv1x1(inChannels, channels, stride), new BatchNorm2d(channels))

class BasicBlock extends Block {
  conv1: Conv2d
  bn1: BatchNorm2d | null
  conv2: Conv2d
  bn2: BatchNorm2d | null
  downsample: Sequential | null

  constructor(inChannels: number, channels: number, stride: number) {
    super()
    this.conv1 = conv3x3(inChannels, channels, stride)
    this.bn1 = new BatchNorm2d(channels)
    this.conv2 = conv3x3(channels, channels, 1)
    this.bn2 = new BatchNorm2d(channels)
    this.downsample = shortcut(inChannels, channels, stride)
  }

  get last(): BatchNorm2d | null {
    return this.bn2
  }

  protected branch(x: Tensor, residual: Tensor): Tensor {
    const y = normed(this.conv1, this.bn1, x, { activation: 'relu' })
    return normed(this.conv2, this.bn2, y, { residual, activation: 'relu' })
  }

  fold(): void {
    this.conv1 = folded(this.conv1, this.bn1)
    this.conv2 = folded(this.conv2, this.bn2)
    this.bn1 = this.bn2 = null
  }
}

/** The stride is the 3x3 convolution's, as in torchvision and in Goyal et al. 2017; He et al. have it in the first 1x1. */
class Bottleneck extends Block {
  conv1: Conv2d
  bn1: BatchNorm2d | null
  conv2: Conv2d
  bn2: BatchNorm2d | null
  conv3: Conv2d
  bn3: BatchNorm2d | null
  downsample: Sequential | null

  constructor(inChannels: number, channels: number, stride: number, width: number, groups: number) {
    super()
    this.conv1 = conv1x1(inChannels, width)
    this.bn1 = new BatchNorm2d(width)
    this.conv2 = conv3x3(width, width, stride, groups)
    this.bn2 = new BatchNorm2d(width)
    this.conv3 = conv1x1(width, channels)
    this.bn3 = new BatchNorm2d(channels)
    this.downsample = shortcut(inChannels, channels, stride)
  }

  get last(): BatchNorm2d | null {
    return this.bn3
  }

  protected branch(x: Tensor, residual: Tensor): Tensor {
    const y = normed(this.conv1, this.bn1, x, { activation: 'relu' })
    const z = normed(this.conv2, this.bn2, y, { activation: 'relu' })
    return normed(this.conv3, this.bn3, z, { residual, activation: 'relu' })
  }

  fold(): void {
    this.conv1 = folded(this.conv1, this.bn1)
    this.conv2 = folded(this.conv2, this.bn2)
    this.conv3 = folded(this.conv3, this.bn3)
    this.bn1 = this.bn2 = this.bn3 = null
  }
}

/** How many times as many channels a bottleneck gives as its stage's number says. */
const EXPANSION = 4

/** Images (N, C, H, W) to logits (N, K). Initial weights are He et al.'s (normal, by the fan-out), as torchvision's. */
export class ResNet extends Module implements Folds {
  readonly config: Config
  conv1: Conv2d
  bn1: BatchNorm2d | null
  maxpool: MaxPool2d | null
  layer1: Sequential
  layer2: Sequential
  layer3: Sequential
  layer4: Sequential
  avgpool: AdaptiveAvgPool2d
  flatten: Flatten
  fc: Linear

  /** @throws ValueError for another block or stem, or for groups, or a width of groups, in basic blocks */
  constructor(config: ResNetConfig) {
    super()
    known('ResNet', config, KEYS)
    const defaults = { classes: 1000, inChannels: 3, stem: 'imagenet', zeroInitResidual: false } as const
    this.config = { channels: 64, groups: 1, widthPerGroup: 64, ...defaults, ...config }
    const { block, blocks, classes, inChannels, stem, channels: first, groups, widthPerGroup } = this.config
    if (block !== 'basic' && block !== 'bottleneck')
      throw new ValueError(`ResNet: block is '${String(block)}', expected 'basic' or 'bottleneck'`)
    if (block === 'basic' && (groups !== 1 || widthPerGroup !== 64)) {
      throw new ValueError(
        'ResNet: basic blocks have one group of 64 channels; groups and widthPerGroup are bottlenecks’',
      )
    }
    if (stem !== 'imagenet' && stem !== 'cifar')
      throw new ValueError(`ResNet: stem is '${String(stem)}', expected 'imagenet' or 'cifar'`)
    const imagenet = stem === 'imagenet'
    const stemOptions = imagenet ? { stride: 2, padding: 3, bias: false } : { padding: 1, bias: false }
    this.conv1 = new Conv2d(inChannels, first, imagenet ? 7 : 3, stemOptions)
    this.bn1 = new BatchNorm2d(first)
    this.maxpool = imagenet ? new MaxPool2d(3, { stride: 2, padding: 1 }) : null
    let channels = first
    const stage = (i: number): Sequential => {
      const base = first << i
      const out = block === 'basic' ? base : base * EXPANSION
      const width = Math.floor((base * widthPerGroup) / 64) * groups
      const made: Block[] = []
      for (let n = 0; n < (blocks[i] as number); n++) {
        const stride = n === 0 && i > 0 ? 2 : 1
        made.push(
          block === 'basic'
            ? new BasicBlock(channels, out, stride)
            : new Bottleneck(channels, out, stride, width, groups),
        )
        channels = out
      }
      return new Sequential(...made)
    }
    this.layer1 = stage(0)
    this.layer2 = stage(1)
    this.layer3 = stage(2)
    this.layer4 = stage(3)
    this.avgpool = new AdaptiveAvgPool2d(1)
    this.flatten = new Flatten()
    this.fc = new Linear(channels, classes)
    this.#initialize()
  }

  override forward(x_NCHW: Tensor): Tensor {
    checkImages('ResNet', x_NCHW, this.config.inChannels)
    let x = normed(this.conv1, this.bn1, x_NCHW, { activation: 'relu' })
    if (this.maxpool) x = this.maxpool.call(x)
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) x = stage.call(x)
    return this.fc.call(this.flatten.call(this.avgpool.call(x)))
  }

  /** For inference: see `foldNorms`. A convolution, its norm, the sum and relu are one pass afterwards. */
  fuse(): this {
    return foldNorms(this)
  }

  /** The stem's part of `fuse`. */
  fold(): void {
    this.conv1 = folded(this.conv1, this.bn1)
    this.bn1 = null
  }

  #initialize(): void {
    for (const module of this.modules()) {
      if (module instanceof Conv2d) init.kaimingNormal(module.weight, { mode: 'fanOut', nonlinearity: 'relu' })
      else if (module instanceof Block && this.config.zeroInitResidual && module.last?.weight)
        init.zeros(module.last.weight)
    }
  }
}

type Named = (options?: ResNetOptions) => ResNet

const named =
  (config: Omit<ResNetConfig, keyof ResNetOptions>): Named =>
  (options = {}) =>
    new ResNet({ ...options, ...config })

const R50 = { block: 'bottleneck', blocks: [3, 4, 6, 3] } as const
const R101 = { block: 'bottleneck', blocks: [3, 4, 23, 3] } as const

/** 11,689,512 parameters. */
export const resnet18: Named = named({ block: 'basic', blocks: [2, 2, 2, 2] })
/** 21,797,672 parameters. */
export const resnet34: Named = named({ block: 'basic', blocks: [3, 4, 6, 3] })
/** 25,557,032 parameters. */
export const resnet50: Named = named(R50)
/** 44,549,160 parameters. */
export const resnet101: Named = named(R101)
/** 60,192,808 parameters. */
export const resnet152: Named = named({ block: 'bottleneck', blocks: [3, 8, 36, 3] })
/** 25,028,904 parameters. */
export const resnext50_32x4d: Named = named({ ...R50, groups: 32, widthPerGroup: 4 })
/** 88,791,336 parameters. */
export const resnext101_32x8d: Named = named({ ...R101, groups: 32, widthPerGroup: 8 })
/** 83,455,272 parameters. */
export const resnext101_64x4d: Named = named({ ...R101, groups: 64, widthPerGroup: 4 })
/** Zagoruyko and Komodakis 2016, "Wide Residual Networks": 68,883,240 parameters. */
export const wideResnet50_2: Named = named({ ...R50, widthPerGroup: 128 })
/** 126,886,696 parameters. */
export const wideResnet101_2: Named = named({ ...R101, widthPerGroup: 128 })
