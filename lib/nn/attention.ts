// Self-attention for language models. Place in the whole: built from Linear and the fused attention operator.
// Shapes: B batch, T positions, C channels, H heads, D = C / H.
import { ShapeError, ValueError } from '../errors.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { unbind } from '../ops/split.js'
import { reshape, transpose } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { known, positive } from './check.js'
import { Dropout } from './dropout.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

export interface CausalSelfAttentionOptions {
  bias?: boolean
  /** Of the result, before the residual sum. Default 0. */
  dropout?: number
  dtype?: DType
}

/** Attention of queries, keys and values (B, H, T, D), in place of that within the sequence: to a cache, or not to padding. */
export type Attend = (q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor) => Tensor

const within: Attend = (q, k, v) => scaledDotProductAttention(q, k, v, { causal: true })

/** Multi-head attention in which a position sees itself and those before it: (B, T, C) to (B, T, C). */
export class CausalSelfAttention extends Module {
  /** Query, key and value, one after the other: (3C, C). */
  cAttn: Linear
  cProj: Linear
  residDropout: Dropout
  readonly heads: number

  constructor(channels: number, heads: number, options: CausalSelfAttentionOptions = {}) {
    super()
    positive('CausalSelfAttention', { channels, heads })
    if (channels % heads !== 0) {
      throw new ValueError(`CausalSelfAttention: ${channels} channels do not divide into ${heads} heads`)
    }
    known('CausalSelfAttention', options, ['bias', 'dropout', 'dtype'])
    const { bias = true, dropout = 0, dtype = 'f32' } = options
    this.heads = heads
    this.cAttn = new Linear(channels, 3 * channels, { bias, dtype })
    this.cProj = new Linear(channels, channels, { bias, dtype })
    this.residDropout = new Dropout(dropout)
  }

  /** @param residual_BTC added to the result, in the same pass */
  override forward(x_BTC: Tensor, residual_BTC: Tensor | null = null, attend: Attend = within): Tensor {
    if (x_BTC.rank !== 3) throw new ShapeError(`CausalSelfAttention: takes (b, t, c), found ${show(x_BTC.shape)}`)
    const [b, t, c] = x_BTC.shape as [number, number, number]
    // Their gradients are put together as the product gave them, in one pass.
    const qkv_BTHD = unbind(reshape(this.cAttn.call(x_BTC), [b, t, 3, this.heads, c / this.heads]), 2)
    const [q, k, v] = qkv_BTHD.map((part) => transpose(part, 1, 2)) as [Tensor, Tensor, Tensor]
    const y_BHTD = attend(q, k, v)
    return this.cProj.call(reshape(transpose(y_BHTD, 1, 2), [b, t, c]), {
      dropout: this.training ? this.residDropout.p : 0,
      residual: residual_BTC,
    })
  }
}
