// Normalising layers. Place in the whole: names, layouts and defaults are PyTorch's. Shapes: N samples, C channels.
import { noGrad } from '../autograd/mode.js'
import { type AddNorm, addLayerNorm } from '../ops/addNorm.js'
import { ones, zeros } from '../ops/creation.js'
import { add_ } from '../ops/inplace.js'
import { type BatchNormOptions, batchNorm, layerNorm } from '../ops/norm.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { ChannelNorm } from './channel-norm.js'
import { positive } from './check.js'
import { Module } from './module.js'
import { Buffer, Parameter } from './parameter.js'

export interface BatchNormLayerOptions {
  eps?: number
  /** Weight of a batch's statistics in the running ones. Default 0.1. */
  momentum?: number
  /** Whether there are a learned scale and shift. Default true. */
  affine?: boolean
  /** Whether running statistics are kept for evaluation. Default true. */
  trackRunningStats?: boolean
  dtype?: DType
}

/** What follows the normalisation in the same pass. */
export type BatchNormEpilogue = Pick<BatchNormOptions, 'residual' | 'activation'>

abstract class BatchNorm extends ChannelNorm {
  numBatchesTracked: Buffer | null

  constructor(channels: number, options: BatchNormLayerOptions, ranks: readonly number[], layout: string) {
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, dtype = 'f32' } = options
    super(channels, { eps, momentum, affine, trackRunningStats, dtype }, ranks, layout)
    this.numBatchesTracked = trackRunningStats ? new Buffer(zeros([], { dtype: 'i64' })) : null
  }

  /** A residual of x's shape is added to the normalised x and relu follows, each where asked, in the same pass. */
  override forward(x: Tensor, then: BatchNormEpilogue = {}): Tensor {
    this.checkRank(x)
    const { runningMean, runningVar, numBatchesTracked, weight, bias, eps, momentum } = this
    const training = this.training || runningMean === null
    if (this.training && numBatchesTracked !== null) noGrad(() => add_(numBatchesTracked, 1))
    return batchNorm(x, runningMean, runningVar, weight, bias, { ...then, training, momentum, eps })
  }
}

/** Batch normalisation of (N, C) or (N, C, L): each channel over all the rest. */
export class BatchNorm1d extends BatchNorm {
  constructor(channels: number, options: BatchNormLayerOptions = {}) {
    super(channels, options, [2, 3], '(n, c) or (n, c, l)')
  }
}

/** Batch normalisation of (N, C, H, W): each channel over all the rest. */
export class BatchNorm2d extends BatchNorm {
  constructor(channels: number, options: BatchNormLayerOptions = {}) {
    super(channels, options, [4], '(n, c, h, w)')
  }
}

/** Batch normalisation of (N, C, D, H, W): each channel over all the rest. */
export class BatchNorm3d extends BatchNorm {
  constructor(channels: number, options: BatchNormLayerOptions = {}) {
    super(channels, options, [5], '(n, c, d, h, w)')
  }
}

export interface LayerNormOptions {
  eps?: number
  affine?: boolean
  bias?: boolean
  dtype?: DType
}

/** Layer normalisation over the trailing dimensions `shape`. */
export class LayerNorm extends Module {
  weight: Parameter | null
  bias: Parameter | null
  readonly shape: readonly number[]
  readonly eps: number

  constructor(shape: number | readonly number[], options: LayerNormOptions = {}) {
    super()
    const { eps = 1e-5, affine = true, bias = true, dtype = 'f32' } = options
    this.shape = typeof shape === 'number' ? [shape] : [...shape]
    positive('LayerNorm', Object.fromEntries(this.shape.map((dim, i) => [`shape[${i}]`, dim])))
    this.eps = eps
    this.weight = affine ? new Parameter(ones(this.shape, { dtype })) : null
    this.bias = affine && bias ? new Parameter(zeros(this.shape, { dtype })) : null
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.shape, this.weight, this.bias, this.eps)
  }

  /** x + residual, and its normalisation, in one pass: between the layers of a transformer's block. */
  addForward(x: Tensor, residual: Tensor): AddNorm {
    return addLayerNorm(x, residual, this.shape, this.weight, this.bias, this.eps)
  }
}
