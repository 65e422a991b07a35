// Multi-head attention with PyTorch's names and layouts. Place in the whole: built from Linear and the fused attention operator;
// transformer.ts builds on it. For grouped heads and rotary positions see grouped-query-attention.ts.
// Shapes: B batch, T queries, S keys, C channels, H heads, D = C / H.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { type SelfAttentionOptions, scaledDotProductAttention, selfAttention } from '../ops/attention.js'
import { add, gt, logicalOr } from '../ops/binary.js'
import { arange, zeros } from '../ops/creation.js'
import { type EpilogueOptions, linear } from '../ops/linear.js'
import { multiHeadAttention } from '../ops/multiHeadAttention.js'
import { matmulPacked } from '../ops/packed.js'
import { where } from '../ops/select.js'
import { unbind } from '../ops/split.js'
import { logicalNot } from '../ops/unary.js'
import { narrow, permute, reshape, squeeze, transpose, unsqueeze } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Past } from './attention-cache.js'
import * as init from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { PackedWeight } from './packed-weight.js'
import { Parameter } from './parameter.js'

export interface MultiheadAttentionOptions {
  /** Of projections. Default true. */
  bias?: boolean
  /** Of attention's weights. Default 0. */
  dropout?: number
  /** Widths of keys and values before they are projected. Default: the channels. */
  kdim?: number
  vdim?: number
  /** A learned key and value behind those that are given. Default false. */
  addBiasKV?: boolean
  /** A key and value of zeros behind those. Default false. */
  addZeroAttn?: boolean
  /** Layout (B, T, C) instead of (T, B, C). Default false, as in PyTorch. */
  batchFirst?: boolean
  dtype?: DType
}

export interface MultiheadAttentionInputs {
  /** (B, S), or (S) without a batch: bool, true for keys that count for nothing, or numbers that are added to the scores. */
  readonly keyPaddingMask?: Tensor | null
  /** (T, S) or (B H, T, S): bool, true where a query does *not* see a key, or numbers that are added to the scores. */
  readonly attnMask?: Tensor | null
  /** A query sees the keys up to its own place: the first query the first key. Default false. */
  readonly causal?: boolean
  /** Whether attention's weights are given back too, which takes memory for T S of them. Default false. */
  readonly needWeights?: boolean
  /** Their mean over the heads (default), or those of each. */
  readonly averageWeights?: boolean
  /** What follows the output projection in the same pass: see `linear`. */
  readonly epilogue?: EpilogueOptions
  /** For decoding: earlier positions, whose keys and values a cache holds. Causal, without masks. */
  readonly past?: Past | null
  /** Keys and values as `project` gave them, in place of `key` and `value`. */
  readonly projected?: KeysAndValues | null
}

/** Projected and split into heads: (B, H, S, D) each. */
export type KeysAndValues = readonly [keys_BHSD: Tensor, values_BHSD: Tensor]

const NAME = 'MultiheadAttention'
const OPTIONS = ['bias', 'dropout', 'kdim', 'vdim', 'addBiasKV', 'addZeroAttn', 'batchFirst', 'dtype']

/**
 * Attention of queries (T, B, C) to keys (S, B, kdim) and values (S, B, vdim), with `batchFirst` (B, T, C) and so on, or without B: the
 * result, of the queries' shape, and the weights (B, T, S), or (B, H, T, S) without `averageWeights`, null where they were not asked for.
 * Without weights the scores are never stored. A query that sees no key gives the output projection's bias (PyTorch: NaN, or the same,
 * by its kernel). Names, initial values and definition: torch.nn.MultiheadAttention (Vaswani et al. 2017).
 */
export class MultiheadAttention extends Module {
  /** Projections of queries, keys and values one below the other (3C, C); null where kdim or vdim differ. */
  inProjWeight: Parameter | null = null
  qProjWeight: Parameter | null = null
  kProjWeight: Parameter | null = null
  vProjWeight: Parameter | null = null
  inProjBias: Parameter | null
  biasK: Parameter | null
  biasV: Parameter | null
  outProj: Linear
  readonly heads: number
  readonly dropout: number
  readonly addZeroAttn: boolean
  readonly batchFirst: boolean
  readonly #packed = new PackedWeight()

  /** @throws ValueError where the channels do not divide into the heads, and for options that are not known or out of range */
  constructor(channels: number, heads: number, options: MultiheadAttentionOptions = {}) {
    super()
    known(NAME, options, OPTIONS)
    const { bias = true, dropout = 0, kdim = channels, vdim = channels, dtype = 'f32' } = options
    positive(NAME, { channels, heads, kdim, vdim })
    if (channels % heads !== 0) throw new ValueError(`${NAME}: ${channels} channels do not divide into ${heads} heads`)
    if (!(dropout >= 0 && dropout <= 1))
      throw new ValueError(`${NAME}: dropout is ${dropout}, expected a probability from 0 to 1`)
    const weight = (out: number, width: number): Parameter =>
      init.xavierUniform(new Parameter(zeros([out, width], { dtype })))
    const row = (): Parameter => init.xavierNormal(new Parameter(zeros([1, 1, channels], { dtype })))
    if (kdim === channels && vdim === channels) this.inProjWeight = weight(3 * channels, channels)
    else {
      this.qProjWeight = weight(channels, channels)
      this.kProjWeight = weight(channels, kdim)
      this.vProjWeight = weight(channels, vdim)
    }
    this.inProjBias = bias ? new Parameter(zeros([3 * channels], { dtype })) : null
    this.outProj = new Linear(channels, channels, { bias, dtype })
    if (this.outProj.bias) init.zeros(this.outProj.bias)
    this.biasK = options.addBiasKV ? row() : null
    this.biasV = options.addBiasKV ? row() : null
    this.heads = heads
    this.dropout = dropout
    this.addZeroAttn = options.addZeroAttn ?? false
    this.batchFirst = options.batchFirst ?? false
  }

  /** @throws ShapeError where inputs or masks do not fit, ValueError for inputs that exclude one another */
  override forward(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    inputs: MultiheadAttentionInputs = {},
  ): [y: Tensor, weights: Tensor | null] {
    if (query.rank === 2) return this.#alone(query, key, value, inputs)
    this.#check(query, key, value, inputs)
    const { needWeights = false, epilogue } = inputs
    if (needWeights || this.biasK || this.addZeroAttn) return this.#weighted(query, key, value, inputs)
    const itself = query === key && key === value && this.inProjWeight !== null && !inputs.projected
    const y_BHTD = itself
      ? this.#toItself(query, inputs)
      : this.#attend([this.#project(query, 0), ...(inputs.projected ?? this.project(key, value))], inputs)
    const y = reshape(permute(y_BHTD, this.batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]), query.shape)
    return [this.outProj.call(y, epilogue), null]
  }

  /** Keys and values (B, H, S, D) of a sequence that several calls attend to, for `projected`. */
  project(key: Tensor, value: Tensor = key): KeysAndValues {
    return [this.#project(key, 1), this.#project(value, 2)]
  }

  #alone(query: Tensor, key: Tensor, value: Tensor, inputs: MultiheadAttentionInputs): [Tensor, Tensor | null] {
    const axis = this.batchFirst ? 0 : 1
    const batched = (x: Tensor): Tensor => unsqueeze(x, axis)
    const { keyPaddingMask, epilogue } = inputs
    const q = batched(query)
    const k = key === query ? q : batched(key)
    const [y, w] = this.forward(q, k, value === key ? k : batched(value), {
      ...inputs,
      keyPaddingMask: keyPaddingMask ? unsqueeze(keyPaddingMask, 0) : null,
      ...(epilogue?.residual ? { epilogue: { ...epilogue, residual: batched(epilogue.residual) } } : {}),
    })
    return [squeeze(y, axis), w && squeeze(w, 0)]
  }

  get #channels(): number {
    return this.outProj.weight.shape[0] as number
  }

  #check(query: Tensor, key: Tensor, value: Tensor, inputs: MultiheadAttentionInputs): void {
    const [c, kdim, vdim] = [
      this.#channels,
      (this.kProjWeight ?? this.outProj.weight).shape[1],
      this.vProjWeight?.shape[1],
    ]
    const batch = this.batchFirst ? 0 : 1
    const widths = [c, kdim, vdim ?? c]
    const given = inputs.projected ? [query] : [query, key, value]
    const fits = given.every(
      (x, i) => x.rank === 3 && x.shape[2] === widths[i] && x.shape[batch] === query.shape[batch],
    )
    if (!fits || (!inputs.projected && key.shape[1 - batch] !== value.shape[1 - batch])) {
      const layout = (length: string, width: unknown): string =>
        this.batchFirst ? `(b, ${length}, ${width})` : `(${length}, b, ${width})`
      throw new ShapeError(
        `${NAME}: takes query ${layout('t', c)}, key ${layout('s', kdim)} and value ${layout('s', vdim ?? c)}, found ${given.map((x) => show(x.shape)).join(', ')}`,
      )
    }
    const [b, t] = [query.shape[batch], query.shape[1 - batch]] as [number, number]
    const s = inputs.projected ? inputs.projected[0].shape[2] : key.shape[1 - batch]
    const every = b * this.heads
    const { attnMask, keyPaddingMask } = inputs
    if (attnMask && !sameShape(attnMask.shape, [t, s as number]) && !sameShape(attnMask.shape, [every, t, s as number]))
      throw new ShapeError(`${NAME}: attnMask ${show(attnMask.shape)}, expected (${t}, ${s}) or (${every}, ${t}, ${s})`)
    if (keyPaddingMask && !sameShape(keyPaddingMask.shape, [b, s as number]))
      throw new ShapeError(`${NAME}: keyPaddingMask ${show(keyPaddingMask.shape)}, expected (${b}, ${s})`)
    const { past, projected, epilogue, needWeights } = inputs
    if ((past || projected || epilogue) && (needWeights || this.biasK || this.addZeroAttn))
      throw new ValueError(
        `${NAME}: past, projected and epilogue go with neither needWeights, addBiasKV nor addZeroAttn`,
      )
    if (past && (projected || attnMask || keyPaddingMask || query !== key || key !== value))
      throw new ValueError(`${NAME}: past goes with self-attention without masks: give the query alone`)
  }

  /** x (.., .., width) by one of the three projections, split into heads: (B, H, length, D). */
  #project(x: Tensor, part: 0 | 1 | 2): Tensor {
    const c = this.#channels
    const own = [this.qProjWeight, this.kProjWeight, this.vProjWeight][part]
    const weight = own ?? narrow(this.inProjWeight as Parameter, 0, part * c, c)
    const y = linear(x, weight, this.inProjBias && narrow(this.inProjBias, 0, part * c, c))
    const [a, b] = y.shape as [number, number, number]
    return permute(reshape(y, [a, b, this.heads, c / this.heads]), this.batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3])
  }

  /** Of one sequence with itself: queries, keys and values are one product. */
  #toItself(x: Tensor, inputs: MultiheadAttentionInputs): Tensor {
    const [a, b] = x.shape as [number, number, number]
    const qkv = reshape(this.#product(x), [a, b, 3, this.heads, this.#channels / this.heads])
    if (this.batchFirst && !inputs.past) return selfAttention(qkv, this.#options(a, b, b, qkv, inputs))
    const parts = unbind(qkv, 2).map((part) => permute(part, this.batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]))
    return this.#attend(parts as [Tensor, Tensor, Tensor], inputs)
  }

  #attend([q, k, v]: readonly [Tensor, Tensor, Tensor], inputs: MultiheadAttentionInputs): Tensor {
    const { past } = inputs
    if (past) return past.cache.attend(past.layer, q, k, v)
    const [b, , t] = q.shape as [number, number, number, number]
    return scaledDotProductAttention(q, k, v, this.#options(b, t, k.shape[2] as number, q, inputs))
  }

  /** x by all three projections; in evaluation by a packed copy of their weight, as Linear's. */
  #product(x: Tensor): Tensor {
    const weight = this.inProjWeight as Parameter
    if (this.training) this.#packed.drop()
    const packed = this.training ? null : this.#packed.of(weight, x, this.inProjBias)
    return packed ? matmulPacked(x, packed, this.inProjBias) : linear(x, weight, this.inProjBias)
  }

  override *_held(): Iterable<unknown> {
    yield* super._held()
    yield this.#packed.panels
  }

  /** By the composed operator, which has the weights and the added keys. */
  #weighted(query: Tensor, key: Tensor, value: Tensor, inputs: MultiheadAttentionInputs): [Tensor, Tensor | null] {
    const turn = (x: Tensor): Tensor => (this.batchFirst ? transpose(x, 0, 1) : x)
    const { needWeights = false, averageWeights = true, keyPaddingMask = null, causal = false } = inputs
    const length = (x: Tensor): number => x.shape[this.batchFirst ? 1 : 0] as number
    const hidden = causal ? behind(length(query), length(key), query.device) : null
    const projections = [this.qProjWeight, this.kProjWeight, this.vProjWeight]
    const [y, weights] = multiHeadAttention(turn(query), turn(key), turn(value), {
      heads: this.heads,
      inProjWeight: this.inProjWeight,
      projWeights: this.inProjWeight ? null : (projections as [Parameter, Parameter, Parameter]),
      inProjBias: this.inProjBias,
      outProjWeight: this.outProj.weight,
      outProjBias: this.outProj.bias,
      biasK: this.biasK,
      biasV: this.biasV,
      addZeroAttn: this.addZeroAttn,
      dropout: this.dropout,
      training: this.training,
      mask: together(inputs.attnMask ?? null, hidden, query),
      keyPaddingMask,
      needWeights,
      averageWeights,
    })
    return [turn(y), weights]
  }

  /** What `scaledDotProductAttention` takes beside its operands; in its mask true means seen. `like` has their dtype and device. */
  #options(b: number, t: number, s: number, like: Tensor, inputs: MultiheadAttentionInputs): SelfAttentionOptions {
    const { attnMask, causal, keyPaddingMask } = inputs
    const scores = attnMask?.rank === 3 ? reshape(attnMask, [b, this.heads, t, s]) : (attnMask ?? null)
    const hidden = together(scores, keyPaddingMask ? reshape(keyPaddingMask, [b, 1, 1, s]) : null, like)
    return {
      causal: causal ? 'upperLeft' : false,
      dropout: this.training ? this.dropout : 0,
      mask: hidden?.dtype === 'bool' ? logicalNot(hidden) : hidden,
    }
  }
}

/** True where a key is behind its query. */
function behind(t: number, s: number, device: string): Tensor {
  const places = (length: number): Tensor => arange(length, undefined, 1, { device })
  return gt(unsqueeze(places(s), 0), unsqueeze(places(t), 1))
}

/** Two masks of PyTorch's kind as one: bool where both are, else numbers for the scores. */
function together(a: Tensor | null, b: Tensor | null, like: Tensor): Tensor | null {
  if (!a || !b) return a ?? b
  if (a.dtype === 'bool' && b.dtype === 'bool') return logicalOr(a, b)
  const numbers = (mask: Tensor): Tensor =>
    mask.dtype === 'bool'
      ? where(mask, Number.NEGATIVE_INFINITY, zeros([], { dtype: like.dtype, device: like.device }))
      : mask
  return add(numbers(a), numbers(b))
}
