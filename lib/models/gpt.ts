// A decoder-only transformer in GPT-2's arrangement. Place in the whole: a model like any user's, built from lib/nn alone;
// parameter names are nanoGPT's, so its state dicts go both ways.
// Shapes: B batch, T positions, C channels, V vocabulary.
import { noGrad } from '../autograd/mode.js'
import { ShapeError } from '../errors.js'
import type { Attend } from '../nn/attention.js'
import {
  CausalSelfAttention,
  Dropout,
  Embedding,
  init,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  type Parameter,
} from '../nn/index.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { add } from '../ops/binary.js'
import { arange, tensor } from '../ops/creation.js'
import { copy_ } from '../ops/inplace.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { readAttentionMask, type Unpadded } from './attention-mask.js'
import type { DecoderCallOptions } from './generation/decoding.js'
import { lastPositions } from './generation/rows.js'
import { type DecoderCache, KeyValueCache } from './kv-cache.js'
import { BLOCK_SIZE, PagedKvCache } from './paged-cache.js'

export interface GPTConfig {
  readonly vocabSize: number
  /** Longest context. */
  readonly blockSize: number
  readonly layers: number
  readonly heads: number
  readonly channels: number
  /** Hidden width of the MLP, in channels. Default 4. */
  readonly mlpRatio?: number
  /** After embeddings, attention and MLP. Default 0. */
  readonly dropout?: number
  /** Biases in linear layers and norms. Default true. */
  readonly bias?: boolean
  /** The output layer shares the token embedding's weight, as in GPT-2. Default true. */
  readonly tied?: boolean
  /** Standard deviation of initial weights; layers that end a residual branch get it over sqrt(2 layers). Default 0.02. */
  readonly initStd?: number
  /** Standard deviation of initial embeddings. Default `initStd`. */
  readonly embeddingStd?: number
  /** Positions are learned; they start random or as sinusoids. Default 'normal'. */
  readonly positions?: 'normal' | 'sinusoidal'
}

type Config = Required<GPTConfig>

export interface GPTCallOptions extends DecoderCallOptions {
  /** (B, T), not 0 where there is a token: see GPT2CallOptions. */
  readonly attentionMask?: Tensor | null
}

/** Two linear layers with a GELU between, dropped out and added to `residual`: (B, T, C) to (B, T, C). */
class MLP extends Module {
  cFc: Linear
  cProj: Linear
  dropout: Dropout

  constructor({ channels, mlpRatio, bias, dropout }: Config) {
    super()
    this.cFc = new Linear(channels, mlpRatio * channels, { bias })
    this.cProj = new Linear(mlpRatio * channels, channels, { bias })
    this.dropout = new Dropout(dropout)
  }

  override forward(x_BTC: Tensor, residual_BTC: Tensor): Tensor {
    const dropout = this.training ? this.dropout.p : 0
    return this.cProj.call(this.cFc.call(x_BTC, { activation: 'geluTanh' }), { dropout, residual: residual_BTC })
  }
}

/** Attention and MLP, each after a norm and added to what came in: (B, T, C) to (B, T, C). */
class Block extends Module {
  ln_1: LayerNorm
  attn: CausalSelfAttention
  ln_2: LayerNorm
  mlp: MLP

  constructor(config: Config) {
    super()
    const { channels, heads, bias, dropout } = config
    this.ln_1 = new LayerNorm(channels, { bias })
    this.attn = new CausalSelfAttention(channels, heads, { bias, dropout })
    this.ln_2 = new LayerNorm(channels, { bias })
    this.mlp = new MLP(config)
  }

  override forward(x_BTC: Tensor, attend?: Attend): Tensor {
    const y_BTC = this.attn.call(this.ln_1.call(x_BTC), x_BTC, attend)
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
    const { vocabSize, blockSize, layers, channels, bias, dropout } = config
    this.wte = new Embedding(vocabSize, channels)
    this.wpe = new Embedding(blockSize, channels)
    this.drop = new Dropout(dropout)
    this.h = new ModuleList(Array.from({ length: layers }, () => new Block(config)))
    this.ln_f = new LayerNorm(channels, { bias })
  }

  override forward(tokens_BT: Tensor, cache: DecoderCache | null, unpadded: Unpadded | null): Tensor {
    const count = tokens_BT.shape[1] as number
    const all = (): Tensor => arange(count, undefined, 1, { device: tokens_BT.device })
    const positions = cache ? cache.positions(count) : (unpadded?.positions ?? all())
    let x_BTC = this.drop.call(add(this.wte.call(tokens_BT), this.wpe.call(positions)))
    for (let layer = 0; layer < this.h.length; layer++) {
      x_BTC = (this.h.at(layer) as Block).call(x_BTC, attendOf(layer, cache, unpadded))
    }
    return this.ln_f.call(x_BTC)
  }
}

/** How a layer attends where it is not only to its own sequence. */
function attendOf(layer: number, cache: DecoderCache | null, unpadded: Unpadded | null): Attend | undefined {
  if (cache) return (q, k, v) => cache.attend(layer, q, k, v)
  if (!unpadded) return undefined
  return (q, k, v) => scaledDotProductAttention(q, k, v, { causal: true, mask: unpadded.keys })
}

/** Token indices (B, T) to logits (B, T, V). */
export class GPT extends Module {
  readonly config: Config
  transformer: Transformer
  lmHead: Linear

  constructor(config: GPTConfig) {
    super()
    const { initStd = 0.02, embeddingStd = initStd } = config
    const defaults = { mlpRatio: 4, dropout: 0, bias: true, tied: true, positions: 'normal' } as const
    this.config = { ...defaults, ...config, initStd, embeddingStd }
    this.transformer = new Transformer(this.config)
    this.lmHead = new Linear(config.channels, config.vocabSize, { bias: false })
    this.#initialize()
    if (this.config.tied) this.lmHead.weight = this.transformer.wte.weight
  }

  /**
   * @param cache what earlier calls saw: the tokens follow it, and it grows by them. Under noGrad only.
   * @throws ShapeError for other shapes, and for more positions than the model has; ValueError for a mask beside a cache
   */
  override forward(
    tokens_BT: Tensor,
    cache: DecoderCache | null = null,
    { attentionMask = null, logitsToKeep }: GPTCallOptions = {},
  ): Tensor {
    const { blockSize } = this.config
    const count = tokens_BT.rank === 2 ? (tokens_BT.shape[1] as number) : 0
    const first = cache ? cache.reach(count) - count : 0
    if (tokens_BT.rank !== 2 || first + count > blockSize) {
      const after = first > 0 ? ` after ${first} cached positions` : ''
      throw new ShapeError(
        `GPT: takes tokens (b, t) with t up to ${blockSize - first}${after}, found ${show(tokens_BT.shape)}`,
      )
    }
    const unpadded = attentionMask && readAttentionMask('GPT', attentionMask, tokens_BT, cache)
    const x_BTC = this.transformer.call(tokens_BT, cache, unpadded)
    return this.lmHead.call(lastPositions(x_BTC, logitsToKeep))
  }

  get contextLength(): number {
    return this.config.blockSize
  }

  /** An empty cache for this model: of its dtype, and by default with room for all positions. */
  cache({ batch = 1, capacity = this.config.blockSize }: { batch?: number; capacity?: number } = {}): KeyValueCache {
    return new KeyValueCache({ ...this.#cached(), capacity, batch })
  }

  /** An empty cache for sequences of different lengths: of this model's dtype, with `blocks` blocks of `blockSize` positions (64). */
  pagedCache({ blocks, blockSize = BLOCK_SIZE }: { blocks: number; blockSize?: number }): PagedKvCache {
    return new PagedKvCache({ ...this.#cached(), blocks, blockSize })
  }

  #cached(): { layers: number; heads: number; width: number; dtype: DType } {
    const { layers, heads, channels } = this.config
    return { layers, heads, width: channels / heads, dtype: (this.transformer.ln_f.weight as Parameter).dtype }
  }

  #initialize(): void {
    const { initStd, embeddingStd, layers, positions } = this.config
    for (const module of this.modules()) {
      if (module instanceof Linear) {
        init.normal(module.weight, 0, initStd)
        if (module.bias !== null) init.zeros(module.bias)
      } else if (module instanceof Embedding) init.normal(module.weight, 0, embeddingStd)
    }
    for (const { attn, mlp } of this.transformer.h) {
      for (const last of [attn.cProj, mlp.cProj]) init.normal(last.weight, 0, initStd / Math.sqrt(2 * layers))
    }
    if (positions === 'sinusoidal') sinusoids(this.transformer.wpe.weight, embeddingStd)
  }
}

/** Slowest wavelength, in radians a position: short contexts want a shorter one than the 10,000 of Vaswani et al. 2017. */
const BASE = 1000

/** Row t holds sin(t f) and cos(t f) for falling frequencies f, scaled to a standard deviation. */
function sinusoids(weight_TC: Tensor, std: number): void {
  const [length, channels] = weight_TC.shape as [number, number]
  const half = Math.ceil(channels / 2)
  const values = new Float32Array(length * channels)
  for (let t = 0; t < length; t++) {
    for (let c = 0; c < channels; c++) {
      const angle = t * BASE ** (-(c % half) / half)
      values[t * channels + c] = Math.SQRT2 * std * (c < half ? Math.sin(angle) : Math.cos(angle))
    }
  }
  const table = tensor(values, { shape: [length, channels] })
  noGrad(() => copy_(weight_TC, table))
  table.dispose()
}
