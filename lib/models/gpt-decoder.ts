// The decoder of GPT-2. Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". Place in the whole: what GPT (for
// training from nothing) and GPT2 (with the layouts of the published weights) share; the names are nanoGPT's and Hugging Face's alike.
// Shapes: B batch, T positions, C channels, V vocabulary.
import { ShapeError } from '../errors.js'
import {
  CausalSelfAttention,
  Dropout,
  Embedding,
  init,
  LayerNorm,
  Linear,
  LinearInOut,
  Module,
  ModuleList,
  type Parameter,
  type Past,
} from '../nn/index.js'
import type { LinearEitherWay } from '../nn/linear.js'
import { add } from '../ops/binary.js'
import { arange } from '../ops/creation.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { readAttentionMask, type Unpadded } from './attention-mask.js'
import type { DecoderCallOptions } from './generation/decoding.js'
import { lastPositions } from './generation/rows.js'
import { type DecoderCache, KeyValueCache } from './kv-cache.js'
import { BLOCK_SIZE, PagedKvCache } from './paged-cache.js'

export interface GPTDecoderConfig {
  readonly vocabSize: number
  /** Longest context. */
  readonly positions: number
  readonly channels: number
  readonly layers: number
  readonly heads: number
  /** Width of the MLP. */
  readonly hidden: number
  /** GELU by its approximation with tanh, as GPT-2 has it, or exactly. */
  readonly activation: 'geluTanh' | 'gelu'
  /** Biases in linear layers and norms. */
  readonly bias: boolean
  /** Weights of blocks lie (in, out). */
  readonly inOut: boolean
  /** Of embeddings and of what joins the residual stream. */
  readonly dropout: number
  /** Of attention's weights. */
  readonly attentionDropout: number
  /** The output layer shares the token embedding's weight. */
  readonly tied: boolean
}

export interface GPTCallOptions extends DecoderCallOptions {
  /**
   * (B, T), not 0 where there is a token and 0 where there is padding, which nothing attends to: the positions of a row count its tokens
   * alone. Not beside a cache (see KeyValueCache.pad). Default: no padding.
   */
  readonly attentionMask?: Tensor | null
}

/** Two linear layers with a GELU between, dropped out and added to `residual`: (B, T, C) to (B, T, C). */
class MLP extends Module {
  cFc: LinearEitherWay
  cProj: LinearEitherWay
  dropout: Dropout
  readonly #activation: GPTDecoderConfig['activation']

  constructor({ channels, hidden, activation, bias, inOut, dropout }: GPTDecoderConfig) {
    super()
    this.#activation = activation
    const Layer = inOut ? LinearInOut : Linear
    this.cFc = new Layer(channels, hidden, { bias })
    this.cProj = new Layer(hidden, channels, { bias })
    this.dropout = new Dropout(dropout)
  }

  override forward(x_BTC: Tensor, residual_BTC: Tensor): Tensor {
    const dropout = this.training ? this.dropout.p : 0
    return this.cProj.call(this.cFc.call(x_BTC, { activation: this.#activation }), { dropout, residual: residual_BTC })
  }
}

/** Attention and MLP, each after a norm and added to what came in: (B, T, C) to (B, T, C). */
class Block extends Module {
  ln_1: LayerNorm
  attn: CausalSelfAttention
  ln_2: LayerNorm
  mlp: MLP

  constructor(config: GPTDecoderConfig) {
    super()
    const { channels, heads, bias, inOut, dropout, attentionDropout } = config
    this.ln_1 = new LayerNorm(channels, { bias })
    this.attn = new CausalSelfAttention(channels, heads, { bias, inOut, dropout, attentionDropout })
    this.ln_2 = new LayerNorm(channels, { bias })
    this.mlp = new MLP(config)
  }

  override forward(x_BTC: Tensor, past: Past | null, mask: Tensor | null): Tensor {
    const y_BTC = this.attn.call(this.ln_1.call(x_BTC), { residual: x_BTC, past, mask })
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

  constructor(config: GPTDecoderConfig) {
    super()
    const { vocabSize, positions, channels, layers, bias, dropout } = config
    this.wte = new Embedding(vocabSize, channels)
    this.wpe = new Embedding(positions, channels)
    this.drop = new Dropout(dropout)
    this.h = new ModuleList(Array.from({ length: layers }, () => new Block(config)))
    this.ln_f = new LayerNorm(channels, { bias })
  }

  override forward(tokens_BT: Tensor, cache: DecoderCache | null, unpadded: Unpadded | null): Tensor {
    const count = tokens_BT.shape[1] as number
    const all = (): Tensor => arange(count, undefined, 1, { device: tokens_BT.device })
    const positions = cache ? cache.positions(count) : (unpadded?.positions ?? all())
    const mask = unpadded?.keys ?? null
    let x_BTC: Tensor = this.drop.call(add(this.wte.call(tokens_BT), this.wpe.call(positions)))
    for (let layer = 0; layer < this.h.length; layer++) {
      x_BTC = (this.h.at(layer) as Block).call(x_BTC, cache && { cache, layer }, mask)
    }
    return this.ln_f.call(x_BTC)
  }
}

/** Token indices (B, T) to logits (B, T, V) for the token that follows each. */
export abstract class GPTDecoder extends Module {
  transformer: Transformer
  lmHead: Linear
  readonly #config: GPTDecoderConfig

  /** `std` is the initial weights' standard deviation: layers that end a residual branch get it over sqrt(2 layers). */
  constructor(config: GPTDecoderConfig, std: number, embeddingStd: number) {
    super()
    const { channels, vocabSize, layers, tied } = config
    this.#config = config
    this.transformer = new Transformer(config)
    this.lmHead = new Linear(channels, vocabSize, { bias: false })
    for (const module of this.modules()) {
      if (module instanceof Linear || module instanceof LinearInOut) {
        init.normal(module.weight, 0, std)
        if (module.bias !== null) init.zeros(module.bias)
      } else if (module instanceof Embedding) init.normal(module.weight, 0, embeddingStd)
    }
    for (const { attn, mlp } of this.transformer.h) {
      for (const last of [attn.cProj, mlp.cProj]) init.normal(last.weight, 0, std / Math.sqrt(2 * layers))
    }
    if (!tied) return
    this.lmHead.weight.dispose()
    this.lmHead.weight = this.transformer.wte.weight
  }

  /**
   * @param cache what earlier calls saw: the tokens follow it, and it grows by them. Under noGrad only. Attention's weights are then not
   *   dropped out, in training neither.
   * @throws ShapeError for other shapes, and for more positions than the model has; ValueError for a mask beside a cache
   */
  override forward(
    tokens_BT: Tensor,
    cache: DecoderCache | null = null,
    { attentionMask = null, logitsToKeep }: GPTCallOptions = {},
  ): Tensor {
    const name = this.constructor.name
    const { positions } = this.#config
    const count = tokens_BT.rank === 2 ? (tokens_BT.shape[1] as number) : 0
    const first = cache ? cache.reach(count) - count : 0
    if (tokens_BT.rank !== 2 || first + count > positions) {
      const after = first > 0 ? ` after ${first} cached positions` : ''
      throw new ShapeError(
        `${name}: takes tokens (b, t) with t up to ${positions - first}${after}, found ${show(tokens_BT.shape)}`,
      )
    }
    const unpadded = attentionMask && readAttentionMask(name, attentionMask, tokens_BT, cache)
    const x_BTC = this.transformer.call(tokens_BT, cache, unpadded)
    return this.lmHead.call(lastPositions(x_BTC, logitsToKeep))
  }

  get contextLength(): number {
    return this.#config.positions
  }

  /** An empty cache for this model: of its dtype, and by default with room for all positions. */
  cache({ batch = 1, capacity = this.contextLength }: { batch?: number; capacity?: number } = {}): KeyValueCache {
    return new KeyValueCache({ ...this.#cached(), capacity, batch })
  }

  /** An empty cache for sequences of different lengths: of this model's dtype, with `blocks` blocks of `blockSize` positions (64). */
  pagedCache({ blocks, blockSize = BLOCK_SIZE }: { blocks: number; blockSize?: number }): PagedKvCache {
    return new PagedKvCache({ ...this.#cached(), blocks, blockSize })
  }

  #cached(): { layers: number; heads: number; width: number; dtype: DType } {
    const { layers, heads, channels } = this.#config
    return { layers, heads, width: channels / heads, dtype: (this.transformer.ln_f.weight as Parameter).dtype }
  }
}
