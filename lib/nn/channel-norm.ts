// What batch and instance normalisation share. Place in the whole: the base of the layers in norm.ts and group-norm.ts: a scale, a
// shift and running statistics of each channel, by PyTorch's names.

import { known, positive } from '../check.js'
import { ShapeError } from '../errors.js'
import { ones, zeros } from '../ops/creation.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { Buffer, Parameter } from './parameter.js'

export interface ChannelNormOptions {
  affine: boolean
  trackRunningStats: boolean
  bias?: boolean
  eps?: number
  momentum?: number | null
  dtype?: DType
}

/** Takes images of the ranks that `layout` describes. */
export abstract class ChannelNorm extends Module {
  weight: Parameter | null
  bias: Parameter | null
  runningMean: Buffer | null
  runningVar: Buffer | null
  /** How many batches the running statistics have seen. Instance normalisation does not count, as in PyTorch. */
  numBatchesTracked: Buffer | null
  readonly eps: number
  readonly momentum: number | null
  readonly #ranks: readonly number[]
  readonly #layout: string

  constructor(channels: number, options: ChannelNormOptions, ranks: readonly number[], layout: string) {
    super()
    positive(new.target.name, { channels })
    known(new.target.name, options, ['eps', 'momentum', 'affine', 'bias', 'trackRunningStats', 'dtype'])
    const { affine, trackRunningStats, bias = true, eps = 1e-5, momentum = 0.1, dtype = 'f32' } = options
    this.eps = eps
    this.momentum = momentum
    this.#ranks = ranks
    this.#layout = layout
    this.weight = affine ? new Parameter(ones([channels], { dtype })) : null
    this.bias = affine && bias ? new Parameter(zeros([channels], { dtype })) : null
    const statistics = { dtype: dtype === 'f64' ? ('f64' as const) : ('f32' as const) }
    this.runningMean = trackRunningStats ? new Buffer(zeros([channels], statistics)) : null
    this.runningVar = trackRunningStats ? new Buffer(ones([channels], statistics)) : null
    this.numBatchesTracked = trackRunningStats ? new Buffer(zeros([], { dtype: 'i64' })) : null
  }

  protected checkRank(x: Tensor): void {
    if (!this.#ranks.includes(x.rank))
      throw new ShapeError(`${this.constructor.name}: takes ${this.#layout}, found ${show(x.shape)}`)
  }
}
