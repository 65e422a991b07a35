// Self-attention of decoders: several heads of queries share one of keys and values. Place in the whole: built from Linear, RotaryEmbedding
// and the fused attention operator; names are Hugging Face's Llama's.
// Shapes: B batch, T positions, C channels, H heads of queries, G of keys and values, D width of a head.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { reshape, transpose } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Past } from './attention-cache.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { PositionTable } from './position-table.js'
import { alibiSlopes, type Places } from './positions.js'
import type { RotaryEmbedding } from './rotary-embedding.js'

export interface GroupedQueryAttentionOptions {
  /** Heads of keys and values; each serves heads / kvHeads neighbouring heads of queries. Default: heads (multi-head); 1: multi-query. */
  kvHeads?: number
  /** Width of a head. Default channels / heads. */
  headWidth?: number
  /** Of the projections of queries, keys and values. Default false. */
  bias?: boolean
  /** Of the output projection. Default: bias. */
  outBias?: boolean
  /** Of attention's weights. Default 0. */
  dropout?: number
  /** A position sees itself and those before it. Default true. */
  causal?: boolean
  /** How many positions beside itself one sees, on each side that it sees at all. Default: all. */
  window?: number
  /** Turns queries and keys; layers may share one. Default null. */
  rotary?: RotaryEmbedding | null
  /** Scores fall with the distance of query and key, each head's by a slope of its own (see `alibiSlopes`). Default false. */
  alibi?: boolean
  dtype?: DType
}

export interface GroupedQueryAttentionInputs {
  /** Added to the result, in the same pass. */
  readonly residual?: Tensor | null
  /** Broadcasts to (B, H, T, T): bool, true where a query sees a key, or numbers that are added to the scores. */
  readonly mask?: Tensor | null
  /** Where the rows stand. Default: the places that `past` tells, else from 0 on. */
  readonly places?: Places
  /** Earlier positions, whose keys and values a cache holds; causal, without a mask. */
  readonly past?: Past | null
}

const NAME = 'GroupedQueryAttention'
const OPTIONS = ['kvHeads', 'headWidth', 'bias', 'outBias', 'dropout', 'causal', 'window', 'rotary', 'alibi', 'dtype']

/** Self-attention with shared heads of keys and values (Ainslie et al. 2023, "GQA"): (B, T, C) to (B, T, C). */
export class GroupedQueryAttention extends Module {
  qProj: Linear
  kProj: Linear
  vProj: Linear
  oProj: Linear
  rotary: RotaryEmbedding | null
  readonly heads: number
  readonly kvHeads: number
  readonly headWidth: number
  readonly dropout: number
  readonly causal: boolean
  readonly window: number
  readonly slopes: PositionTable<[Tensor]> | null

  /** @throws ValueError where heads do not divide, and for options that are not known or out of range */
  constructor(channels: number, heads: number, options: GroupedQueryAttentionOptions = {}) {
    super()
    known(NAME, options, OPTIONS)
    const { kvHeads = heads, headWidth = channels / heads, bias = false, outBias = bias, dropout = 0 } = options
    const { causal = true, window = -1, rotary = null, alibi = false, dtype = 'f32' } = options
    positive(NAME, { channels, heads, kvHeads })
    if (!Number.isSafeInteger(headWidth) || headWidth < 1)
      throw new ValueError(`${NAME}: ${channels} channels do not divide into ${heads} heads; give headWidth`)
    if (heads % kvHeads !== 0)
      throw new ValueError(`${NAME}: ${heads} heads do not divide among ${kvHeads} heads of keys and values`)
    if (!(dropout >= 0 && dropout <= 1))
      throw new ValueError(`${NAME}: dropout is ${dropout}, expected a probability from 0 to 1`)
    this.qProj = new Linear(channels, heads * headWidth, { bias, dtype })
    this.kProj = new Linear(channels, kvHeads * headWidth, { bias, dtype })
    this.vProj = new Linear(channels, kvHeads * headWidth, { bias, dtype })
    this.oProj = new Linear(heads * headWidth, channels, { bias: outBias, dtype })
    this.rotary = rotary
    this.heads = heads
    this.kvHeads = kvHeads
    this.headWidth = headWidth
    this.dropout = dropout
    this.causal = causal
    this.window = window
    this.slopes = alibi ? new PositionTable((_, { device }) => [alibiSlopes(heads, { device })]) : null
  }

  /** @throws ShapeError for another shape of x; ValueError for a mask beside a cache, or a cache in a layer that is not causal */
  override forward(x_BTC: Tensor, inputs: GroupedQueryAttentionInputs = {}): Tensor {
    const { residual = null, mask = null, past = null } = inputs
    if (x_BTC.rank !== 3 || x_BTC.shape[2] !== this.qProj.weight.shape[1])
      throw new ShapeError(`${NAME}: takes (b, t, ${this.qProj.weight.shape[1]}), found ${show(x_BTC.shape)}`)
    if (past && (mask || !this.causal))
      throw new ValueError(`${NAME}: a cache goes with causal attention without a mask`)
    const [b, t] = x_BTC.shape as [number, number, number]
    const split = (x: Tensor, heads: number): Tensor => transpose(reshape(x, [b, t, heads, this.headWidth]), 1, 2)
    const places = inputs.places ?? (past ? { positions: past.cache.positions(t), length: past.cache.reach(t) } : {})
    const turned = (x: Tensor): Tensor => (this.rotary ? this.rotary.call(x, places) : x)
    const q_BHTD = turned(split(this.qProj.call(x_BTC), this.heads))
    const k_BGTD = turned(split(this.kProj.call(x_BTC), this.kvHeads))
    const v_BGTD = split(this.vProj.call(x_BTC), this.kvHeads)
    const [alibi = null] = this.slopes?.rows(1, { dtype: 'f32', device: x_BTC.device }) ?? []
    const { window } = this
    const y_BHTD = past
      ? past.cache.attend(past.layer, q_BHTD, k_BGTD, v_BGTD, { window, alibi })
      : scaledDotProductAttention(q_BHTD, k_BGTD, v_BGTD, {
          window,
          alibi,
          causal: this.causal,
          mask,
          dropout: this.training ? this.dropout : 0,
          enableGqa: true,
        })
    return this.oProj.call(reshape(transpose(y_BHTD, 1, 2), [b, t, this.heads * this.headWidth]), { residual })
  }
}
