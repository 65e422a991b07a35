// Encoder and decoder layers of transformers, and stacks of them. Place in the whole: built from MultiheadAttention and LayerNorm; names,
// layouts and defaults are those of torch.nn, whose layers these load; gated MLPs are an addition.
// Shapes: B batch, T positions of the target, S of the source, C channels; layouts are (T, B, C), with batchFirst (B, T, C).

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Past } from './attention-cache.js'
import { ModuleList } from './containers.js'
import { Dropout } from './dropout.js'
import { checkActivation, type FeedForwardActivation, feedForward, isGated } from './feed-forward.js'
import * as init from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { type KeysAndValues, MultiheadAttention } from './multihead-attention.js'
import { LayerNorm } from './norm.js'

export interface TransformerLayerOptions {
  /** Hidden features of the MLP. Default 2048. */
  hidden?: number
  /** Of attention's weights, of hidden features, and of what joins the residual stream. Default 0.1. */
  dropout?: number
  /** Of the MLP. Default 'relu'. A gated one has a third linear layer, `gate`. */
  activation?: FeedForwardActivation
  /** Of the norms. Default 1e-5. */
  eps?: number
  /** Layout (B, T, C) instead of (T, B, C). Default false. */
  batchFirst?: boolean
  /** Norms before attention and MLP (pre-norm) instead of after the sums. Default false. */
  normFirst?: boolean
  /** Of linear layers and norms. Default true. */
  bias?: boolean
  dtype?: DType
}

/** What the positions of one sequence see of themselves: as MultiheadAttention's inputs, in which true means *not* seen. */
export interface SelfAttentionMasks {
  /** (T, T) or (B H, T, T). */
  readonly mask?: Tensor | null
  /** (B, T), or (T) without a batch. */
  readonly keyPaddingMask?: Tensor | null
  /** A position sees itself and those before it. Default false. */
  readonly causal?: boolean
}

/** What a decoder's positions see, of themselves and of the source. */
export interface DecoderMasks extends SelfAttentionMasks {
  /** (T, S) or (B H, T, S). */
  readonly memoryMask?: Tensor | null
  /** (B, S), or (S) without a batch. */
  readonly memoryKeyPaddingMask?: Tensor | null
}

const OPTIONS = ['hidden', 'dropout', 'activation', 'eps', 'batchFirst', 'normFirst', 'bias', 'dtype']

type Checked = Required<TransformerLayerOptions>

function checked(layer: string, options: TransformerLayerOptions, more: readonly string[] = []): Checked {
  known(layer, options, [...OPTIONS, ...more])
  const { hidden = 2048, dropout = 0.1, activation = 'relu', eps = 1e-5 } = options
  const { batchFirst = false, normFirst = false, bias = true, dtype = 'f32' } = options
  positive(layer, { hidden })
  checkActivation(layer, activation)
  if (!(dropout >= 0 && dropout < 1))
    throw new ValueError(`${layer}: dropout is ${dropout}, expected a probability below 1`)
  return { hidden, dropout, activation, eps, batchFirst, normFirst, bias, dtype }
}

/** What encoder and decoder layers share: self-attention, the MLP, and how a residual branch meets its norm. */
abstract class TransformerLayer extends Module {
  selfAttn: MultiheadAttention
  linear1: Linear
  gate: Linear | null
  linear2: Linear
  norm1: LayerNorm
  norm2: LayerNorm
  dropout: Dropout
  readonly activation: FeedForwardActivation
  readonly normFirst: boolean

  constructor(channels: number, heads: number, options: Checked) {
    super()
    const { hidden, dropout, activation, eps, batchFirst, normFirst, bias, dtype } = options
    this.selfAttn = new MultiheadAttention(channels, heads, { dropout, bias, batchFirst, dtype })
    this.linear1 = new Linear(channels, hidden, { bias, dtype })
    this.gate = isGated(activation) ? new Linear(channels, hidden, { bias, dtype }) : null
    this.linear2 = new Linear(hidden, channels, { bias, dtype })
    this.norm1 = new LayerNorm(channels, { eps, bias, dtype })
    this.norm2 = new LayerNorm(channels, { eps, bias, dtype })
    this.dropout = new Dropout(dropout)
    this.activation = activation
    this.normFirst = normFirst
  }

  /** x + branch(norm(x)), or norm(x + branch(x)): `branch` adds its residual itself, in the pass of its last product. */
  protected joined(x: Tensor, norm: LayerNorm, branch: (y: Tensor, residual: Tensor) => Tensor): Tensor {
    return this.normFirst ? branch(norm.call(x), x) : norm.call(branch(x, x))
  }

  protected selfAttention(x: Tensor, residual: Tensor, masks: SelfAttentionMasks, past: Past | null): Tensor {
    const { mask = null, keyPaddingMask = null, causal = false } = masks
    const epilogue = { dropout: this.share, residual }
    const inputs = past ? { past, epilogue } : { attnMask: mask, keyPaddingMask, causal, epilogue }
    return this.selfAttn.call(x, x, x, inputs)[0]
  }

  protected mlp(x: Tensor, residual: Tensor): Tensor {
    return feedForward(x, this, this.activation, this.share, residual)
  }

  /** Of elements that are dropped now. */
  protected get share(): number {
    return this.training ? this.dropout.p : 0
  }
}

/** Self-attention and an MLP: (T, B, C), with batchFirst (B, T, C), or (T, C) to the same. As torch.nn.TransformerEncoderLayer. */
export class TransformerEncoderLayer extends TransformerLayer {
  /** @throws ValueError where the channels do not divide into the heads, and for options that are not known or out of range */
  constructor(channels: number, heads: number, options: TransformerLayerOptions = {}) {
    super(channels, heads, checked('TransformerEncoderLayer', options))
  }

  override forward(src: Tensor, masks: SelfAttentionMasks = {}): Tensor {
    const y = this.joined(src, this.norm1, (x, residual) => this.selfAttention(x, residual, masks, null))
    return this.joined(y, this.norm2, (x, residual) => this.mlp(x, residual))
  }
}

/** What a decoder layer keeps between steps of decoding. */
export interface DecoderPast {
  /** Of the target's earlier positions. */
  readonly past: Past
  /** The source, as the layer's `multiheadAttn.project` gave it. */
  readonly memory: KeysAndValues
}

/** Self-attention, attention to the source's features, and an MLP. As torch.nn.TransformerDecoderLayer. */
export class TransformerDecoderLayer extends TransformerLayer {
  multiheadAttn: MultiheadAttention
  norm3: LayerNorm

  /** @throws ValueError where the channels do not divide into the heads, and for options that are not known or out of range */
  constructor(channels: number, heads: number, options: TransformerLayerOptions = {}) {
    const all = checked('TransformerDecoderLayer', options)
    super(channels, heads, all)
    const { dropout, bias, batchFirst, eps, dtype } = all
    this.multiheadAttn = new MultiheadAttention(channels, heads, { dropout, bias, batchFirst, dtype })
    this.norm3 = new LayerNorm(channels, { eps, bias, dtype })
  }

  /**
   * @param tgt (T, B, C), with batchFirst (B, T, C), or (T, C)
   * @param memory the source's features, in the same layout; null with `decoding`
   * @param decoding earlier positions and the source, of which `memory` and all masks but the source's padding are then told apart
   */
  override forward(
    tgt: Tensor,
    memory: Tensor | null,
    masks: DecoderMasks = {},
    decoding: DecoderPast | null = null,
  ): Tensor {
    const { memoryMask = null, memoryKeyPaddingMask = null } = masks
    const source = memory ?? tgt
    const y = this.joined(tgt, this.norm1, (x, residual) =>
      this.selfAttention(x, residual, masks, decoding?.past ?? null),
    )
    const z = this.joined(y, this.norm2, (x, residual) => {
      const inputs = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask, projected: decoding?.memory ?? null }
      return this.multiheadAttn.call(x, source, source, { ...inputs, epilogue: { dropout: this.share, residual } })[0]
    })
    return this.joined(z, this.norm3, (x, residual) => this.mlp(x, residual))
  }
}

export interface TransformerStackOptions extends TransformerLayerOptions {
  /** A norm behind the last layer. Default false, as in torch.nn; pre-norm models have one. */
  finalNorm?: boolean
}

/** Encoder layers one after the other. As torch.nn.TransformerEncoder. */
export class TransformerEncoder extends Module {
  layers: ModuleList<TransformerEncoderLayer>
  norm: LayerNorm | null

  /** @throws ValueError for sizes and options as the layer's */
  constructor(channels: number, heads: number, layers: number, options: TransformerStackOptions = {}) {
    super()
    positive('TransformerEncoder', { layers })
    const { eps, bias, dtype } = checked('TransformerEncoder', options, ['finalNorm'])
    const { finalNorm = false, ...own } = options
    this.layers = new ModuleList(
      Array.from({ length: layers }, () => new TransformerEncoderLayer(channels, heads, own)),
    )
    this.norm = finalNorm ? new LayerNorm(channels, { eps, bias, dtype }) : null
  }

  override forward(src: Tensor, masks: SelfAttentionMasks = {}): Tensor {
    let y = src
    for (const layer of this.layers) y = layer.call(y, masks)
    return this.norm ? this.norm.call(y) : y
  }
}

/** Decoder layers one after the other. As torch.nn.TransformerDecoder. */
export class TransformerDecoder extends Module {
  layers: ModuleList<TransformerDecoderLayer>
  norm: LayerNorm | null

  /** @throws ValueError for sizes and options as the layer's */
  constructor(channels: number, heads: number, layers: number, options: TransformerStackOptions = {}) {
    super()
    positive('TransformerDecoder', { layers })
    const { eps, bias, dtype } = checked('TransformerDecoder', options, ['finalNorm'])
    const { finalNorm = false, ...own } = options
    this.layers = new ModuleList(
      Array.from({ length: layers }, () => new TransformerDecoderLayer(channels, heads, own)),
    )
    this.norm = finalNorm ? new LayerNorm(channels, { eps, bias, dtype }) : null
  }

  /** @param decoding of each layer, for decoding by steps; `memory` is then null */
  override forward(
    tgt: Tensor,
    memory: Tensor | null,
    masks: DecoderMasks = {},
    decoding: readonly DecoderPast[] | null = null,
  ): Tensor {
    if (decoding ? decoding.length !== this.layers.length : !memory)
      throw new ValueError(
        `TransformerDecoder: takes memory, or what each of ${this.layers.length} layers keeps; found ${decoding?.length ?? 'neither'}`,
      )
    let y = tgt
    let i = 0
    for (const layer of this.layers) y = layer.call(y, memory, masks, decoding?.[i++] ?? null)
    return this.norm ? this.norm.call(y) : y
  }
}

export interface TransformerOptions extends TransformerLayerOptions {
  /** Default 6. */
  encoderLayers?: number
  /** Default 6. */
  decoderLayers?: number
}

export interface TransformerMasks extends DecoderMasks {
  /** The source's (S, S) or (B H, S, S); `mask`, `keyPaddingMask` and `causal` are the target's. */
  readonly srcMask?: Tensor | null
  /** (B, S), or (S) without a batch. */
  readonly srcKeyPaddingMask?: Tensor | null
}

/**
 * An encoder and a decoder with a norm behind each: source (S, B, C) and target (T, B, C), with batchFirst (B, S, C) and (B, T, C), or
 * without B, to features of the target's shape. Matrices start by Xavier's uniform numbers. As torch.nn.Transformer.
 */
export class Transformer extends Module {
  encoder: TransformerEncoder
  decoder: TransformerDecoder
  readonly batchFirst: boolean

  /** Defaults are 512 channels and 8 heads. @throws ValueError for sizes and options as the layers' */
  constructor(channels = 512, heads = 8, options: TransformerOptions = {}) {
    super()
    checked('Transformer', options, ['encoderLayers', 'decoderLayers'])
    const { encoderLayers = 6, decoderLayers = 6, ...own } = options
    const stack = { ...own, finalNorm: true }
    this.encoder = new TransformerEncoder(channels, heads, encoderLayers, stack)
    this.decoder = new TransformerDecoder(channels, heads, decoderLayers, stack)
    this.batchFirst = own.batchFirst ?? false
    for (const parameter of this.parameters()) if (parameter.rank > 1) init.xavierUniform(parameter)
  }

  /** @throws ShapeError where source and target differ in batch or channels */
  override forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    const batch = this.batchFirst ? 0 : 1
    const alike = src.rank === tgt.rank && (src.rank === 2 || src.shape[batch] === tgt.shape[batch])
    if (!alike || src.shape.at(-1) !== tgt.shape.at(-1))
      throw new ShapeError(
        `Transformer: source ${show(src.shape)} and target ${show(tgt.shape)} differ in batch or channels`,
      )
    const { srcMask = null, srcKeyPaddingMask = null, ...rest } = masks
    const memory = this.encoder.call(src, { mask: srcMask, keyPaddingMask: srcKeyPaddingMask })
    return this.decoder.call(tgt, memory, rest)
  }
}
