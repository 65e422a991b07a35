// GPT-2. Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". Place in the whole: a model like any user's, built
// from lib/nn; names and layouts are Hugging Face's, whose checkpoints load as they are. (gpt.ts is the same arrangement with
// nanoGPT's names, for training from nothing.)
// Shapes: B batch, T positions, C channels, H heads, D = C / H, V vocabulary.
import { ShapeError, ValueError } from '../errors.js'
import {
  Dropout,
  Embedding,
  init,
  LayerNorm,
  Linear,
  LinearInOut,
  Module,
  ModuleList,
  type Parameter,
} from '../nn/index.js'
import type { LoadReport } from '../nn/state-dict.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { add } from '../ops/binary.js'
import { arange } from '../ops/creation.js'
import { unbind } from '../ops/split.js'
import { reshape, transpose } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { readAttentionMask, type Unpadded } from './attention-mask.js'
import type { DecoderCallOptions } from './generation/decoding.js'
import { lastPositions } from './generation/rows.js'
import { type DecoderCache, KeyValueCache } from './kv-cache.js'
import { BLOCK_SIZE, PagedKvCache } from './paged-cache.js'

export interface GPT2Config {
  /** Default 50257. */
  readonly vocabSize?: number
  /** Longest context. Default 1024. */
  readonly positions?: number
  /** Default 768. */
  readonly channels?: number
  /** Default 12. */
  readonly layers?: number
  /** Default 12. */
  readonly heads?: number
  /** Of embeddings and of what joins the residual stream. Default 0; the published models trained with 0.1. */
  readonly dropout?: number
  /** Of attention's weights. Default 0; the published models trained with 0.1. */
  readonly attentionDropout?: number
}

type Config = Required<GPT2Config>

/** Standard deviation of initial weights; layers that end a residual branch get it over sqrt(2 layers). */
const STD = 0.02

export interface GPT2CallOptions extends DecoderCallOptions {
  /**
   * (B, T), not 0 where there is a token and 0 where there is padding, which nothing attends to: the positions of a row count its tokens
   * alone. Not beside a cache (see KeyValueCache.pad). Default: no padding.
   */
  readonly attentionMask?: Tensor | null
}

/** What a layer attends to: earlier keys and values, and not to padding. */
interface Sight {
  readonly cache: DecoderCache | null
  readonly layer: number
  /** (B, 1, 1, T) */
  readonly mask: Tensor | null
}

/** Self-attention of width C, dropped out and added to `residual`: (B, T, C) to (B, T, C). */
class Attention extends Module {
  cAttn: LinearInOut
  cProj: LinearInOut
  readonly config: Config

  constructor(config: Config) {
    super()
    const { channels } = config
    this.cAttn = new LinearInOut(channels, 3 * channels)
    this.cProj = new LinearInOut(channels, channels)
    this.config = config
  }

  override forward(x_BTC: Tensor, residual_BTC: Tensor, { cache, layer, mask }: Sight): Tensor {
    const { heads, dropout, attentionDropout } = this.config
    const [b, t, c] = x_BTC.shape as [number, number, number]
    // Their gradients are put together as the product gave them, in one pass.
    const qkv_BTHD = unbind(reshape(this.cAttn.call(x_BTC), [b, t, 3, heads, c / heads]), 2)
    const [q, k, v] = qkv_BTHD.map((part) => transpose(part, 1, 2)) as [Tensor, Tensor, Tensor]
    const y_BHTD = cache
      ? cache.attend(layer, q, k, v)
      : scaledDotProductAttention(q, k, v, { causal: true, mask, dropout: this.training ? attentionDropout : 0 })
    return this.cProj.call(reshape(transpose(y_BHTD, 1, 2), [b, t, c]), {
      dropout: this.training ? dropout : 0,
      residual: residual_BTC,
    })
  }
}

/** Two linear layers with a GELU between, dropped out and added to `residual`: (B, T, C) to (B, T, C). */
class MLP extends Module {
  cFc: LinearInOut
  cProj: LinearInOut
  readonly #dropout: number

  constructor({ channels, dropout }: Config) {
    super()
    this.cFc = new LinearInOut(channels, 4 * channels)
    this.cProj = new LinearInOut(4 * channels, channels)
    this.#dropout = dropout
  }

  override forward(x_BTC: Tensor, residual_BTC: Tensor): Tensor {
    const hidden = this.cFc.call(x_BTC, { activation: 'geluTanh' })
    return this.cProj.call(hidden, { dropout: this.training ? this.#dropout : 0, residual: residual_BTC })
  }
}

/** Attention and MLP, each after a norm and added to what came in: (B, T, C) to (B, T, C). */
class Block extends Module {
  ln_1: LayerNorm
  attn: Attention
  ln_2: LayerNorm
  mlp: MLP

  constructor(config: Config) {
    super()
    this.ln_1 = new LayerNorm(config.channels)
    this.attn = new Attention(config)
    this.ln_2 = new LayerNorm(config.channels)
    this.mlp = new MLP(config)
  }

  override forward(x_BTC: Tensor, sight: Sight): Tensor {
    const y_BTC = this.attn.call(this.ln_1.call(x_BTC), x_BTC, sight)
    return this.mlp.call(this.ln_2.call(y_BTC), y_BTC)
  }
}

/** All but the output layer: tokens (B, T) to features (B, T, C). */
class Transformer extends Module {
  wte: Embedding
  wpe: Embedding
  drop: Dropout
  h: ModuleList<Block>
  ln_f: LayerNorm

  constructor(config: Config) {
    super()
    const { vocabSize, positions, channels, layers, dropout } = config
    this.wte = new Embedding(vocabSize, channels)
    this.wpe = new Embedding(positions, channels)
    this.drop = new Dropout(dropout)
    this.h = new ModuleList(Array.from({ length: layers }, () => new Block(config)))
    this.ln_f = new LayerNorm(channels)
  }

  override forward(tokens_BT: Tensor, cache: DecoderCache | null, unpadded: Unpadded | null): Tensor {
    const count = tokens_BT.shape[1] as number
    const all = (): Tensor => arange(count, undefined, 1, { device: tokens_BT.device })
    const positions = cache ? cache.positions(count) : (unpadded?.positions ?? all())
    const mask = unpadded?.keys ?? null
    let x_BTC: Tensor = this.drop.call(add(this.wte.call(tokens_BT), this.wpe.call(positions)))
    for (let layer = 0; layer < this.h.length; layer++) {
      x_BTC = (this.h.at(layer) as Block).call(x_BTC, { cache, layer, mask })
    }
    return this.ln_f.call(x_BTC)
  }
}

/** What Hugging Face's files hold besides parameters: the causal mask and its value, as buffers of each attention. */
const MASKS = /\.attn\.(masked_)?bias$/

/**
 * Token indices (B, T) to logits (B, T, V) for the token that follows each; the output layer's weight is the token embedding's.
 * Every default is the 124M model's, which has 124,439,808 parameters.
 */
export class GPT2 extends Module {
  readonly config: Config
  transformer: Transformer
  lmHead: Linear

  /** @throws ValueError where the channels do not divide into the heads */
  constructor(config: GPT2Config = {}) {
    super()
    const published = { vocabSize: 50257, positions: 1024, channels: 768, layers: 12, heads: 12 } as const
    this.config = { ...published, dropout: 0, attentionDropout: 0, ...config }
    const { vocabSize, channels, layers, heads } = this.config
    if (channels % heads !== 0) throw new ValueError(`GPT2: ${channels} channels do not divide into ${heads} heads`)
    this.transformer = new Transformer(this.config)
    const { wte, wpe, h } = this.transformer
    for (const embedding of [wte, wpe]) init.normal(embedding.weight, 0, STD)
    for (const { attn, mlp } of h) {
      for (const layer of [attn.cAttn, mlp.cFc]) init.normal(layer.weight, 0, STD)
      for (const last of [attn.cProj, mlp.cProj]) init.normal(last.weight, 0, STD / Math.sqrt(2 * layers))
      for (const { bias } of [attn.cAttn, attn.cProj, mlp.cFc, mlp.cProj]) init.zeros(bias as Parameter)
    }
    this.lmHead = new Linear(channels, vocabSize, { bias: false })
    this.lmHead.weight.dispose()
    this.lmHead.weight = wte.weight
  }

  /**
   * @param cache what earlier calls saw: the tokens follow it, and it grows by them. Under noGrad only. Attention's weights are then not
   *   dropped out, in training neither.
   * @throws ShapeError for other shapes, and for more positions than the model has; ValueError for a mask beside a cache
   */
  override forward(
    tokens_BT: Tensor,
    cache: DecoderCache | null = null,
    { attentionMask = null, logitsToKeep }: GPT2CallOptions = {},
  ): Tensor {
    const { positions } = this.config
    const count = tokens_BT.rank === 2 ? (tokens_BT.shape[1] as number) : 0
    const first = cache ? cache.reach(count) - count : 0
    if (tokens_BT.rank !== 2 || first + count > positions) {
      const after = first > 0 ? ` after ${first} cached positions` : ''
      throw new ShapeError(
        `GPT2: takes tokens (b, t) with t up to ${positions - first}${after}, found ${show(tokens_BT.shape)}`,
      )
    }
    const unpadded = attentionMask && readAttentionMask('GPT2', attentionMask, tokens_BT, cache)
    const x_BTC = this.transformer.call(tokens_BT, cache, unpadded)
    return this.lmHead.call(lastPositions(x_BTC, logitsToKeep))
  }

  get contextLength(): number {
    return this.config.positions
  }

  /** An empty cache for this model: of its dtype, and by default with room for all positions. */
  cache({ batch = 1, capacity = this.config.positions }: { batch?: number; capacity?: number } = {}): KeyValueCache {
    const { layers, heads, channels } = this.config
    const { dtype } = this.transformer.ln_f.weight as Parameter
    return new KeyValueCache({ layers, heads, width: channels / heads, capacity, batch, dtype })
  }

  /** An empty cache for sequences of different lengths: of this model's dtype, with `blocks` blocks of `blockSize` positions (64). */
  pagedCache({ blocks, blockSize = BLOCK_SIZE }: { blocks: number; blockSize?: number }): PagedKvCache {
    const { layers, heads, channels } = this.config
    const { dtype } = this.transformer.ln_f.weight as Parameter
    return new PagedKvCache({ layers, heads, width: channels / heads, blocks, blockSize, dtype })
  }

  /**
   * As every module's; takes Hugging Face's files of the bare transformer (names without `transformer.`) and of the language model, with
   * or without the tied `lm_head.weight` and the buffers of masks.
   */
  override loadStateDict(
    state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    options: { strict?: boolean } = {},
  ): LoadReport {
    const given = state instanceof Map ? state : Object.entries(state)
    const named = new Map<string, Tensor>()
    for (const [name, tensor] of given as Iterable<[string, Tensor]>) {
      if (MASKS.test(name)) continue
      named.set(/^(transformer|lm_head)\./.test(name) ? name : `transformer.${name}`, tensor)
    }
    const embedding = named.get('transformer.wte.weight')
    if (embedding && !named.has('lm_head.weight')) named.set('lm_head.weight', embedding)
    return super.loadStateDict(named, options)
  }
}

/** Layers, channels and heads of the published models, by their numbers of parameters. */
export const GPT2_SIZES: Readonly<Record<'124M' | '355M' | '774M' | '1558M', GPT2Config>> = {
  '124M': { layers: 12, channels: 768, heads: 12 },
  '355M': { layers: 24, channels: 1024, heads: 16 },
  '774M': { layers: 36, channels: 1280, heads: 20 },
  '1558M': { layers: 48, channels: 1600, heads: 25 },
}
