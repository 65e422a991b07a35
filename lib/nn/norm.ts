// Normalising layers. Place in the whole: names, layouts and defaults are PyTorch's. Shapes: N samples, C channels.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { isRecomputing } from '../derivatives/checkpoint.js'
import { scope } from '../engine/lifetime.js'
import { type AddNorm, addLayerNorm } from '../ops/addNorm.js'
import { div, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { ones, zeros, zerosLike } from '../ops/creation.js'
import { add_ } from '../ops/inplace.js'
import { type BatchNormOptions, batchNorm, layerNorm } from '../ops/norm.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { ChannelNorm } from './channel-norm.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

export interface BatchNormLayerOptions {
  eps?: number
  /** Weight of a batch's statistics in the running ones; null: these are the mean of all batches' so far. Default 0.1. */
  momentum?: number | null
  /** Whether there are a learned scale and shift. Default true. */
  affine?: boolean
  /** Whether there is a shift where there is a scale. Default true. */
  bias?: boolean
  /** Whether running statistics are kept for evaluation. Default true. */
  trackRunningStats?: boolean
  dtype?: DType
}

/** What follows the normalisation in the same pass. */
export type BatchNormEpilogue = Pick<BatchNormOptions, 'residual' | 'activation'>

/** What the three have in common. */
export abstract class BatchNorm extends ChannelNorm {
  constructor(channels: number, options: BatchNormLayerOptions, ranks: readonly number[], layout: string) {
    super(
      channels,
      { ...options, affine: options.affine ?? true, trackRunningStats: options.trackRunningStats ?? true },
      ranks,
      layout,
    )
  }

  /** A residual of x's shape is added to the normalised x and relu follows, each where asked, in the same pass. */
  override forward(x: Tensor, then: BatchNormEpilogue = {}): Tensor {
    this.checkRank(x)
    const { runningMean, runningVar, numBatchesTracked, weight, bias, eps, momentum } = this
    const training = this.training || runningMean === null
    // A checkpoint's second run sees the same batch again.
    if (isRecomputing())
      return batchNorm(x, runningMean, runningVar, weight, bias, { ...then, training, momentum: 0, eps })
    if (this.training && numBatchesTracked !== null) noGrad(() => add_(numBatchesTracked, 1))
    if (momentum === null && this.training && runningMean && runningVar && numBatchesTracked) {
      const [batchMean, batchVar] = noGrad(() => [zerosLike(runningMean), zerosLike(runningVar)])
      const y = batchNorm(x, batchMean, batchVar, weight, bias, { ...then, training, momentum: 1, eps })
      average(runningMean, batchMean, numBatchesTracked)
      average(runningVar, batchVar, numBatchesTracked)
      return y
    }
    return batchNorm(x, runningMean, runningVar, weight, bias, { ...then, training, momentum: momentum ?? 0, eps })
  }
}

/** Makes `running` the mean of `count` values, of which `value`, freed here, is the last. Nothing waits for the count. */
function average(running: Tensor, value: Tensor, count: Tensor): void {
  noGrad(() => scope(() => void add_(running, div(sub(value, running), cast(count, running.dtype)))))
  value.dispose()
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
  /** Default 1e-5. */
  eps?: number
  /** Whether there is a learned scale. Default true. */
  affine?: boolean
  /** Whether there is a learned shift where there is a scale. Default true. */
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
    known('LayerNorm', options, ['eps', 'affine', 'bias', 'dtype'])
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
