// U-Net. Ronneberger, Fischer and Brox 2015, "U-Net: Convolutional Networks for Biomedical Image Segmentation". Place in the whole: a
// model like any user's, built from lib/nn alone. There is no reference implementation whose checkpoints everybody has; names are those
// of the PyTorch implementation that is used most (milesial's), whose form is `padding: 'same', batchNorm: true`.
// Shapes: N images, C channels, H and W height and width, K classes.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import {
  BatchNorm2d,
  Conv2d,
  ConvTranspose2d,
  foldNorms,
  init,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from '../nn/index.js'
import { concat } from '../ops/join.js'
import { pad } from '../ops/pad.js'
import { interpolate } from '../ops/resample.js'
import { narrow } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages } from './images.js'

export interface UNetConfig {
  /** Default 2. */
  readonly classes?: number
  /** Channels of the images. Default 1. */
  readonly inChannels?: number
  /** Of the first of five levels; each further one has twice as many. Default 64. */
  readonly channels?: number
  /**
   * 'valid', the paper's: convolutions lose their borders, what is joined is cropped, and the result is smaller than the image (388 of
   * 572); 'same': the result has the image's size. Default 'valid'.
   */
  readonly padding?: 'valid' | 'same'
  /** Whether a batch norm follows each 3x3 convolution, which then has no bias. Default false. */
  readonly batchNorm?: boolean
  /** How images are doubled: by the paper's 2x2 transposed convolution, or bilinearly and with half of the channels. Default 'transposed'. */
  readonly upsampling?: 'transposed' | 'bilinear'
}

/** Smallest images of which something is left at the lowest level, and of which something comes out. */
const LEAST_SAME = 16
const LEAST_VALID = 188

const KEYS = ['classes', 'inChannels', 'channels', 'padding', 'batchNorm', 'upsampling']

type Config = Required<UNetConfig>

/** Two 3x3 convolutions with their activations: (N, C, H, W) to (N, C', H, W), or 4 rows and columns less. */
class DoubleConv extends Module {
  doubleConv: Sequential

  constructor(inChannels: number, channels: number, config: Config, between: number = channels) {
    super()
    const [padding, bias] = [config.padding === 'same' ? 1 : 0, !config.batchNorm]
    const step = (from: number, to: number): Module[] => [
      new Conv2d(from, to, 3, { padding, bias }),
      ...(config.batchNorm ? [new BatchNorm2d(to)] : []),
      new ReLU(),
    ]
    this.doubleConv = new Sequential(...step(inChannels, between), ...step(between, channels))
  }

  override forward(x_NCHW: Tensor): Tensor {
    return this.doubleConv.call(x_NCHW)
  }
}

/** A level of the contracting path: half the image, more channels. */
class Down extends Module {
  maxpoolConv: Sequential

  constructor(inChannels: number, channels: number, config: Config) {
    super()
    this.maxpoolConv = new Sequential(new MaxPool2d(2), new DoubleConv(inChannels, channels, config))
  }

  override forward(x_NCHW: Tensor): Tensor {
    return this.maxpoolConv.call(x_NCHW)
  }
}

/** x with `size` rows or columns along an axis: cropped, or with zeros around it. */
function centred(x: Tensor, axis: 2 | 3, size: number): Tensor {
  const spare = (x.shape[axis] as number) - size
  if (spare === 0) return x
  if (spare > 0) return narrow(x, axis, Math.floor(spare / 2), size)
  const before = Math.floor(-spare / 2)
  const widths = axis === 2 ? [0, 0, before, -spare - before] : [before, -spare - before]
  return pad(x, widths)
}

/** A level of the expanding path: twice the image, joined with what the contracting path kept. */
class Up extends Module {
  up: ConvTranspose2d | null
  conv: DoubleConv
  readonly #padding: Config['padding']

  constructor(inChannels: number, channels: number, config: Config) {
    super()
    const transposed = config.upsampling === 'transposed'
    this.up = transposed ? new ConvTranspose2d(inChannels, inChannels / 2, 2, { stride: 2 }) : null
    this.conv = new DoubleConv(inChannels, channels, config, transposed ? channels : inChannels / 2)
    this.#padding = config.padding
  }

  override forward(x_NCHW: Tensor, kept_NCHW: Tensor): Tensor {
    const up = this.up
      ? this.up.call(x_NCHW)
      : interpolate(x_NCHW, { scaleFactor: 2, mode: 'bilinear', alignCorners: true })
    // Of sizes that are odd the smaller half was pooled: it is filled up, in 'valid' the larger one is cropped.
    const sized = (x: Tensor, like: Tensor): Tensor =>
      centred(centred(x, 2, like.shape[2] as number), 3, like.shape[3] as number)
    const joined = this.#padding === 'valid' ? [sized(kept_NCHW, up), up] : [kept_NCHW, sized(up, kept_NCHW)]
    return this.conv.call(concat(joined, 1))
  }
}

/** The 1x1 convolution that gives logits. */
class OutConv extends Module {
  conv: Conv2d

  constructor(inChannels: number, classes: number) {
    super()
    this.conv = new Conv2d(inChannels, classes, 1)
  }

  override forward(x_NCHW: Tensor): Tensor {
    return this.conv.call(x_NCHW)
  }
}

/**
 * Images (N, C, H, W) to logits a pixel (N, K, H', W'). The paper's, of one channel and two classes, has 31,030,658 parameters;
 * milesial's, of three channels and one class, 31,037,633. Initial weights of convolutions are the paper's: normal with the variance
 * 2 / fan-in.
 */
export class UNet extends Module {
  readonly config: Config
  inc: DoubleConv
  down1: Down
  down2: Down
  down3: Down
  down4: Down
  up1: Up
  up2: Up
  up3: Up
  up4: Up
  outc: OutConv

  /** @throws ValueError for another padding or upsampling, or channels that are not positive */
  constructor(config: UNetConfig = {}) {
    super()
    known('UNet', config, KEYS)
    const defaults = { classes: 2, inChannels: 1, channels: 64, padding: 'valid', batchNorm: false } as const
    this.config = { upsampling: 'transposed', ...defaults, ...config }
    const { classes, inChannels, channels: c, padding, upsampling } = this.config
    if (padding !== 'valid' && padding !== 'same')
      throw new ValueError(`UNet: padding is '${String(padding)}', expected 'valid' or 'same'`)
    if (upsampling !== 'transposed' && upsampling !== 'bilinear')
      throw new ValueError(`UNet: upsampling is '${String(upsampling)}', expected 'transposed' or 'bilinear'`)
    // Bilinear upsampling does not halve the channels: they are fewer where they come from.
    const share = upsampling === 'bilinear' ? 2 : 1
    this.inc = new DoubleConv(inChannels, c, this.config)
    this.down1 = new Down(c, 2 * c, this.config)
    this.down2 = new Down(2 * c, 4 * c, this.config)
    this.down3 = new Down(4 * c, 8 * c, this.config)
    this.down4 = new Down(8 * c, (16 * c) / share, this.config)
    this.up1 = new Up(16 * c, (8 * c) / share, this.config)
    this.up2 = new Up(8 * c, (4 * c) / share, this.config)
    this.up3 = new Up(4 * c, (2 * c) / share, this.config)
    this.up4 = new Up(2 * c, c, this.config)
    this.outc = new OutConv(c, classes)
    for (const module of this.modules()) {
      if (!(module instanceof Conv2d)) continue
      init.kaimingNormal(module.weight, { nonlinearity: 'relu' })
      if (module.bias) init.zeros(module.bias)
    }
  }

  /** @throws ShapeError for other images, or ones that are too small for the valid convolutions */
  override forward(x_NCHW: Tensor): Tensor {
    checkImages('UNet', x_NCHW, this.config.inChannels)
    const least = this.config.padding === 'valid' ? LEAST_VALID : LEAST_SAME
    if ((x_NCHW.shape[2] as number) < least || (x_NCHW.shape[3] as number) < least) {
      const wanted = `at least ${least} x ${least} with padding '${this.config.padding}'`
      throw new ShapeError(`UNet: takes images of ${wanted}, found ${show(x_NCHW.shape)}`)
    }
    const level1 = this.inc.call(x_NCHW)
    const level2 = this.down1.call(level1)
    const level3 = this.down2.call(level2)
    const level4 = this.down3.call(level3)
    let y = this.down4.call(level4)
    y = this.up1.call(y, level4)
    y = this.up2.call(y, level3)
    y = this.up3.call(y, level2)
    y = this.up4.call(y, level1)
    return this.outc.call(y)
  }

  /** For inference: see `foldNorms`, which says what becomes of norms and activations. */
  fuse(): this {
    return foldNorms(this)
  }
}
