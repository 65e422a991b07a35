// Self-attention for language models. Place in the whole: built from linear layers and the fused attention operator.
// Shapes: B batch, T positions, C channels, H heads, D = C / H.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { selfAttention } from '../ops/attention.js'
import { unbind } from '../ops/split.js'
import { reshape, transpose } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Past } from './attention-cache.js'
import { Dropout } from './dropout.js'
import { Linear, type LinearEitherWay, LinearInOut } from './linear.js'
import { Module } from './module.js'

export interface CausalSelfAttentionOptions {
  bias?: boolean
  /** Weights lie (in, out), as in GPT-2's checkpoints: the layers are LinearInOut. Default false. */
  inOut?: boolean
  /** Of the result, before the residual sum. Default 0. */
  dropout?: number
  /** Of attention's weights, where there is no cache. Default 0. */
  attentionDropout?: number
  dtype?: DType
}

export interface CausalSelfAttentionInputs {
  /** (B, T, C), added to the result in the same pass. */
  readonly residual?: Tensor | null
  /** For decoding: earlier positions, whose keys and values a cache holds. */
  readonly past?: Past | null
  /** What scaledDotProductAttention takes beside causality, such as (B, 1, 1, T), true for keys that are seen. Not beside a cache. */
  readonly mask?: Tensor | null
}

/** Multi-head attention in which a position sees itself and those before it: (B, T, C) to (B, T, C). */
export class CausalSelfAttention extends Module {
  /** Query, key and value, one after the other: (3C, C). */
  cAttn: LinearEitherWay
  cProj: LinearEitherWay
  residDropout: Dropout
  readonly heads: number
  readonly attentionDropout: number

  /** @throws ValueError for options that are not known, and channels that do not divide into the heads */
  constructor(channels: number, heads: number, options: CausalSelfAttentionOptions = {}) {
    super()
    positive('CausalSelfAttention', { channels, heads })
    if (channels % heads !== 0) {
      throw new ValueError(`CausalSelfAttention: ${channels} channels do not divide into ${heads} heads`)
    }
    known('CausalSelfAttention', options, ['bias', 'inOut', 'dropout', 'attentionDropout', 'dtype'])
    const { bias = true, inOut = false, dropout = 0, attentionDropout = 0, dtype = 'f32' } = options
    const Layer = inOut ? LinearInOut : Linear
    this.heads = heads
    this.attentionDropout = attentionDropout
    this.cAttn = new Layer(channels, 3 * channels, { bias, dtype })
    this.cProj = new Layer(channels, channels, { bias, dtype })
    this.residDropout = new Dropout(dropout)
  }

  /** @throws ShapeError for other shapes */
  override forward(x_BTC: Tensor, inputs: CausalSelfAttentionInputs = {}): Tensor {
    if (x_BTC.rank !== 3) throw new ShapeError(`CausalSelfAttention: takes (b, t, c), found ${show(x_BTC.shape)}`)
    const { residual = null, past = null, mask = null } = inputs
    const [b, t, c] = x_BTC.shape as [number, number, number]
    const qkv_BT3HD = reshape(this.cAttn.call(x_BTC), [b, t, 3, this.heads, c / this.heads])
    const y_BHTD = past ? this.#cached(qkv_BT3HD, past) : this.#whole(qkv_BT3HD, mask)
    return this.cProj.call(reshape(transpose(y_BHTD, 1, 2), [b, t, c]), {
      dropout: this.training ? this.residDropout.p : 0,
      residual,
    })
  }

  #whole(qkv_BT3HD: Tensor, mask: Tensor | null): Tensor {
    return selfAttention(qkv_BT3HD, { causal: true, mask, dropout: this.training ? this.attentionDropout : 0 })
  }

  #cached(qkv_BT3HD: Tensor, past: Past): Tensor {
    const [q, k, v] = unbind(qkv_BT3HD, 2).map((part) => transpose(part, 1, 2)) as [Tensor, Tensor, Tensor]
    return past.cache.attend(past.layer, q, k, v)
  }
}
