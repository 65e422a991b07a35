// A convolution, its batch norm and its activation: the unit that most convolutional networks are made of. Place in the whole: names
// ('0' the convolution, '1' the norm) and defaults are those of torchvision.ops.Conv2dNormActivation and Conv3dNormActivation.
// Shapes: N samples, C channels, then the spatial dimensions.

import { known } from '../check.js'
import type { Pair, Triple } from '../ops/spatial.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { Conv2d, Conv3d } from './conv.js'
import { fuseConvBn } from './fuse-conv-bn.js'
import { Module } from './module.js'
import { type ActivationName, applyActivation, checkActivation, fusedActivation } from './named-activation.js'
import { BatchNorm2d, BatchNorm3d, type BatchNormLayerOptions } from './norm.js'

export interface ConvNormActivationOptions<P extends Pair | Triple> {
  /** Default 3. */
  kernelSize?: P
  /** Default 1. */
  stride?: P
  /** Default: what keeps the size of odd kernels at stride 1, dilation * floor((kernelSize - 1) / 2). */
  padding?: P
  /** Default 1. */
  dilation?: P
  /** Default 1. */
  groups?: number
  /** Of the batch norm; null: there is none. */
  norm?: BatchNormLayerOptions | null
  /** Default 'relu'; null: there is none. */
  activation?: ActivationName | null
  /** Whether the convolution has a bias. Default: where no norm follows. */
  bias?: boolean
  /** Default 'f32'. */
  dtype?: DType
}

/** The sizes of a dimension each. */
const each = (sizes: Pair | Triple, r: number): readonly number[] =>
  typeof sizes === 'number' ? new Array<number>(r).fill(sizes) : sizes

/** The convolution's own options, defaults filled in. */
function convOptions<P extends Pair | Triple>(options: ConvNormActivationOptions<P>, r: number) {
  const { kernelSize = 3, stride = 1, dilation = 1, groups = 1, norm, bias = norm === null, dtype = 'f32' } = options
  const gaps = each(dilation, r)
  const centred = each(kernelSize, r).map((k, i) => Math.floor((k - 1) / 2) * (gaps[i] as number))
  return { stride, dilation, groups, bias, dtype, padding: options.padding ?? centred } as {
    stride: P
    dilation: P
    padding: P
    groups: number
    bias: boolean
    dtype: DType
  }
}

const CONV = ['kernelSize', 'stride', 'padding', 'dilation', 'groups', 'bias']
const KEYS = [...CONV, 'norm', 'activation', 'dtype']

abstract class ConvNormActivation extends Module {
  static override readonly stateNames = { conv: '0', norm: '1' }
  abstract conv: Conv2d | Conv3d
  /** Null where there is none, or where it was folded into the convolution. */
  abstract norm: BatchNorm2d | BatchNorm3d | null
  readonly activation: ActivationName | null

  constructor(options: { activation?: ActivationName | null }) {
    super()
    known(new.target.name, options, KEYS)
    const { activation = 'relu' } = options
    checkActivation(new.target.name, activation)
    this.activation = activation
  }

  /**
   * activation(norm(conv(x)) + residual), in as few passes as the kernels can.
   * @throws ShapeError for images of other channels, or a residual that is not of the result's shape
   */
  override forward(x: Tensor, residual: Tensor | null = null): Tensor {
    const { conv, norm, activation } = this
    if (norm === null) {
      const fused = fusedActivation(activation)
      const y = conv.call(x, { residual, activation: fused })
      return fused === null ? applyActivation(activation, y) : y
    }
    const rectified = activation === 'relu'
    const y = norm.call(conv.call(x), { residual, activation: rectified ? activation : null })
    return rectified ? y : applyActivation(activation, y)
  }

  /** For inference: a norm with running statistics becomes part of the convolution, which then has a bias. See `foldNorms`. */
  fold(): void {
    if (!this.norm?.runningMean) return
    this.conv = fuseConvBn(this.conv, this.norm as BatchNorm2d)
    this.norm = null
  }
}

/**
 * Convolution, batch norm and activation of images: (N, inChannels, H, W) to (N, outChannels, H', W'). Definition:
 * torchvision.ops.Conv2dNormActivation.
 * @throws ValueError for sizes that are not positive, channels that do not divide into the groups, or an unknown activation
 */
export class Conv2dNormActivation extends ConvNormActivation {
  conv: Conv2d
  norm: BatchNorm2d | null

  constructor(inChannels: number, outChannels: number, options: ConvNormActivationOptions<Pair> = {}) {
    super(options)
    const { kernelSize = 3, norm = {}, dtype = 'f32' } = options
    this.conv = new Conv2d(inChannels, outChannels, kernelSize, convOptions(options, 2))
    this.norm = norm && new BatchNorm2d(outChannels, { dtype, ...norm })
  }
}

/** The same of volumes: (N, inChannels, D, H, W) to (N, outChannels, D', H', W'); see `Conv2dNormActivation`. */
export class Conv3dNormActivation extends ConvNormActivation {
  conv: Conv3d
  norm: BatchNorm3d | null

  constructor(inChannels: number, outChannels: number, options: ConvNormActivationOptions<Triple> = {}) {
    super(options)
    const { kernelSize = 3, norm = {}, dtype = 'f32' } = options
    this.conv = new Conv3d(inChannels, outChannels, kernelSize, convOptions(options, 3))
    this.norm = norm && new BatchNorm3d(outChannels, { dtype, ...norm })
  }
}
