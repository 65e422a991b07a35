// Normalisation over groups of channels, and by the root mean square. Place in the whole: beside norm.ts; names and defaults are
// PyTorch's. Shapes: N samples, C channels.

import { known, positive } from '../check.js'
import { isRecomputing } from '../derivatives/checkpoint.js'
import { ValueError } from '../errors.js'
import { type AddNorm, addRmsNorm } from '../ops/addNorm.js'
import { ones, zeros } from '../ops/creation.js'
import { groupNorm, instanceNorm, rmsNorm } from '../ops/groupNorm.js'
import { squeeze, unsqueeze } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { ChannelNorm } from './channel-norm.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

export interface GroupNormOptions {
  eps?: number
  /** Whether there are a learned scale and shift of each channel. Default true. */
  affine?: boolean
  /** Whether there is a shift where there is a scale. Default true. */
  bias?: boolean
  dtype?: DType
}

/** Group normalisation (Wu and He 2018) of (N, C, ...): each sample's channels in `groups` groups of neighbours. */
export class GroupNorm extends Module {
  weight: Parameter | null
  bias: Parameter | null
  readonly groups: number
  readonly eps: number

  constructor(groups: number, channels: number, options: GroupNormOptions = {}) {
    super()
    positive('GroupNorm', { groups, channels })
    if (channels % groups !== 0)
      throw new ValueError(`GroupNorm: ${channels} channels do not divide into ${groups} groups`)
    known('GroupNorm', options, ['eps', 'affine', 'bias', 'dtype'])
    const { eps = 1e-5, affine = true, bias = true, dtype = 'f32' } = options
    this.groups = groups
    this.eps = eps
    this.weight = affine ? new Parameter(ones([channels], { dtype })) : null
    this.bias = affine && bias ? new Parameter(zeros([channels], { dtype })) : null
  }

  override forward(x: Tensor): Tensor {
    return groupNorm(x, this.groups, this.weight, this.bias, this.eps)
  }
}

export interface InstanceNormLayerOptions {
  eps?: number
  /** Weight of a batch's statistics in the running ones. Default 0.1. */
  momentum?: number
  /** Whether there are a learned scale and shift. Default false. */
  affine?: boolean
  /** Whether there is a shift where there is a scale. Default true. */
  bias?: boolean
  /** Whether running statistics are kept for evaluation. Default false. */
  trackRunningStats?: boolean
  dtype?: DType
}

abstract class InstanceNorm extends ChannelNorm {
  readonly #rank: number

  constructor(channels: number, options: InstanceNormLayerOptions, rank: number, layout: string) {
    super(
      channels,
      { ...options, affine: options.affine ?? false, trackRunningStats: options.trackRunningStats ?? false },
      [rank, rank - 1],
      layout,
    )
    this.#rank = rank
  }

  override forward(x: Tensor): Tensor {
    this.checkRank(x)
    if (x.rank < this.#rank) return squeeze(this.forward(unsqueeze(x, 0)), 0)
    const { runningMean, runningVar, weight, bias, momentum, eps } = this
    const useInputStats = this.training || runningMean === null
    // A checkpoint's second run sees the same batch again.
    const weightOfBatch = isRecomputing() ? 0 : (momentum ?? 0)
    return instanceNorm(x, runningMean, runningVar, weight, bias, { useInputStats, momentum: weightOfBatch, eps })
  }
}

/** Instance normalisation (Ulyanov et al. 2016) of (N, C, L): every channel of every sample over its positions. */
export class InstanceNorm1d extends InstanceNorm {
  constructor(channels: number, options: InstanceNormLayerOptions = {}) {
    super(channels, options, 3, '(n, c, l) or (c, l)')
  }
}

/** Instance normalisation of (N, C, H, W): every channel of every sample over its positions. */
export class InstanceNorm2d extends InstanceNorm {
  constructor(channels: number, options: InstanceNormLayerOptions = {}) {
    super(channels, options, 4, '(n, c, h, w) or (c, h, w)')
  }
}

/** Instance normalisation of (N, C, D, H, W): every channel of every sample over its positions. */
export class InstanceNorm3d extends InstanceNorm {
  constructor(channels: number, options: InstanceNormLayerOptions = {}) {
    super(channels, options, 5, '(n, c, d, h, w) or (c, d, h, w)')
  }
}

export interface RMSNormOptions {
  /** Default: the spacing of the computing dtype at 1. */
  eps?: number
  affine?: boolean
  dtype?: DType
}

/** x / sqrt(mean(x^2) + eps) * weight over the trailing dimensions `shape` (Zhang and Sennrich 2019). */
export class RMSNorm extends Module {
  weight: Parameter | null
  readonly shape: readonly number[]
  readonly eps: number | undefined

  constructor(shape: number | readonly number[], options: RMSNormOptions = {}) {
    super()
    known('RMSNorm', options, ['eps', 'affine', 'dtype'])
    const { eps, affine = true, dtype = 'f32' } = options
    this.shape = typeof shape === 'number' ? [shape] : [...shape]
    positive('RMSNorm', Object.fromEntries(this.shape.map((dim, i) => [`shape[${i}]`, dim])))
    this.eps = eps
    this.weight = affine ? new Parameter(ones(this.shape, { dtype })) : null
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.shape, this.weight, this.eps)
  }

  /** x + residual, and its normalisation, in one pass. */
  addForward(x: Tensor, residual: Tensor): AddNorm {
    return addRmsNorm(x, residual, this.shape, this.weight, this.eps)
  }
}
