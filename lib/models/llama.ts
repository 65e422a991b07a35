// Llama. Touvron et al. 2023, "LLaMA: Open and Efficient Foundation Language Models" and "Llama 2"; Grattafiori et al. 2024, "The Llama 3
// Herd of Models". Mistral (Jiang et al. 2023) is this with a sliding window, Qwen2 (Yang et al. 2024) with biases of queries, keys and
// values. Place in the whole: a model like any user's, built from lib/nn; names and layouts are Hugging Face's, whose checkpoints load as
// they are.
// Shapes: B batch, T positions, C channels, H heads of queries, G of keys and values, V vocabulary.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import {
  Embedding,
  FeedForward,
  GroupedQueryAttention,
  type GroupedQueryAttentionInputs,
  init,
  Linear,
  Module,
  ModuleList,
  type Parameter,
  RMSNorm,
  RotaryEmbedding,
  type RotaryScaling,
} from '../nn/index.js'
import type { LoadReport } from '../nn/state-dict.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { readAttentionMask, type Unpadded } from './attention-mask.js'
import type { DecoderCallOptions } from './generation/decoding.js'
import { lastPositions } from './generation/rows.js'
import { type DecoderCache, KeyValueCache } from './kv-cache.js'
import { BLOCK_SIZE, PagedKvCache } from './paged-cache.js'

export interface LlamaConfig {
  /** Default 32000. */
  readonly vocabSize?: number
  /** The context that it was made for; it takes longer ones, as far as its rotary positions carry. Default 4096. */
  readonly positions?: number
  /** Default 4096. */
  readonly channels?: number
  /** Default 32. */
  readonly layers?: number
  /** Default 32. */
  readonly heads?: number
  /** Heads of keys and values. Default: heads. */
  readonly kvHeads?: number
  /** Width of a head. Default channels / heads. */
  readonly headWidth?: number
  /** Width of the MLP. Default 11008. */
  readonly hidden?: number
  /** Of the norms. Default 1e-5. */
  readonly eps?: number
  /** Base of the rotary wavelengths. Default 10,000. */
  readonly rotaryBase?: number
  /** How they are stretched over longer contexts. Default null. */
  readonly rotaryScaling?: RotaryScaling | null
  /** The output layer's weight is the token embedding's. Default false. */
  readonly tied?: boolean
  /** Biases of attention's projections: none (default), all, or of queries, keys and values alone (Qwen2). */
  readonly attentionBias?: boolean | 'qkv'
  /** Biases of the MLP. Default false. */
  readonly mlpBias?: boolean
  /** How many positions one sees, itself included (Mistral). Default null: all before it. */
  readonly slidingWindow?: number | null
  /** Of attention's weights. Default 0. */
  readonly attentionDropout?: number
  /** Default 'f32'. */
  readonly dtype?: DType
}

export interface LlamaCallOptions extends DecoderCallOptions {
  /**
   * (B, T), not 0 where there is a token and 0 where there is padding, which nothing attends to: the positions of a row count its tokens
   * alone. Not beside a cache (see KeyValueCache.pad). Default: no padding.
   */
  readonly attentionMask?: Tensor | null
}

/** What every model of this arrangement has in its config, with nothing left open. */
export type DecoderConfig = Required<LlamaConfig>

/** All keys of LlamaConfig. */
export const LLAMA_KEYS: readonly string[] = [
  'vocabSize',
  'positions',
  'channels',
  'layers',
  'heads',
  'kvHeads',
  'headWidth',
  'hidden',
  'eps',
  'rotaryBase',
  'rotaryScaling',
  'tied',
  'attentionBias',
  'mlpBias',
  'slidingWindow',
  'attentionDropout',
  'dtype',
]

const LLAMA_2_7B = { vocabSize: 32000, positions: 4096, channels: 4096, layers: 32, heads: 32, hidden: 11008 } as const

/** A config with its defaults. @throws ValueError for keys that are not known, and sizes that are no positive integers or do not fit */
export function decoderConfig(
  model: string,
  config: LlamaConfig,
  published: LlamaConfig = LLAMA_2_7B,
  keys: readonly string[] = LLAMA_KEYS,
): DecoderConfig {
  known(model, config, keys)
  const sizes = { ...LLAMA_2_7B, ...published, ...config }
  const { channels, heads, kvHeads = heads, headWidth = channels / heads, slidingWindow = null } = sizes
  const { vocabSize, positions, layers, hidden } = sizes
  positive(model, { vocabSize, positions, channels, layers, heads, kvHeads, hidden })
  if (slidingWindow !== null) positive(model, { slidingWindow })
  if (!Number.isSafeInteger(headWidth))
    throw new ValueError(`${model}: ${channels} channels do not divide into ${heads} heads; give headWidth`)
  const defaults = { eps: 1e-5, rotaryBase: 10_000, rotaryScaling: null, tied: false, attentionBias: false } as const
  const others = { mlpBias: false, attentionDropout: 0, dtype: 'f32' } as const
  return { ...defaults, ...others, ...sizes, kvHeads, headWidth, slidingWindow }
}

/** Self-attention with grouped queries, rotary positions and perhaps a window, as a config has it. */
export function attentionOf(config: DecoderConfig, rotary: RotaryEmbedding): GroupedQueryAttention {
  const { channels, heads, kvHeads, headWidth, attentionBias, slidingWindow, attentionDropout, dtype } = config
  return new GroupedQueryAttention(channels, heads, {
    kvHeads,
    headWidth,
    bias: attentionBias !== false,
    outBias: attentionBias === true,
    window: slidingWindow === null ? -1 : slidingWindow - 1,
    dropout: attentionDropout,
    rotary,
    dtype,
  })
}

/** Layers that share one table of angles. */
export function rotaryOf({ headWidth, rotaryBase, rotaryScaling }: DecoderConfig): RotaryEmbedding {
  return new RotaryEmbedding(headWidth, { base: rotaryBase, scaling: rotaryScaling })
}

/** SwiGLU: down(silu(gate(x)) * up(x)). */
class MLP extends FeedForward {
  static override readonly stateNames = { gate: 'gate_proj', linear1: 'up_proj', linear2: 'down_proj' }
}

/** Attention and MLP, each after a norm and added to what came in: (B, T, C) to (B, T, C). */
class DecoderLayer extends Module {
  selfAttn: GroupedQueryAttention
  mlp: MLP
  inputLayernorm: RMSNorm
  postAttentionLayernorm: RMSNorm

  constructor(config: DecoderConfig, rotary: RotaryEmbedding) {
    super()
    const { channels, hidden, mlpBias, eps, dtype } = config
    this.selfAttn = attentionOf(config, rotary)
    this.mlp = new MLP(channels, { hidden, activation: 'swiglu', bias: mlpBias, dtype })
    this.inputLayernorm = new RMSNorm(channels, { eps, dtype })
    this.postAttentionLayernorm = new RMSNorm(channels, { eps, dtype })
  }

  override forward(x_BTC: Tensor, sight: Sight): Tensor {
    const y_BTC = this.selfAttn.call(this.inputLayernorm.call(x_BTC), { ...sight, residual: x_BTC })
    return this.mlp.call(this.postAttentionLayernorm.call(y_BTC), y_BTC)
  }
}

/** All but the output layer: tokens (B, T) to features (B, T, C). */
class Decoder extends Module {
  embedTokens: Embedding
  layers: ModuleList<DecoderLayer>
  norm: RMSNorm

  constructor(config: DecoderConfig) {
    super()
    const { vocabSize, channels, layers, eps, dtype } = config
    const rotary = rotaryOf(config)
    this.embedTokens = new Embedding(vocabSize, channels, { dtype })
    this.layers = new ModuleList(Array.from({ length: layers }, () => new DecoderLayer(config, rotary)))
    this.norm = new RMSNorm(channels, { eps, dtype })
  }

  override forward(tokens_BT: Tensor, cache: DecoderCache | null, unpadded: Unpadded | null): Tensor {
    let x_BTC: Tensor = this.embedTokens.call(tokens_BT)
    const sights = sightsOf(tokens_BT, cache, unpadded, this.layers.length)
    for (const [i, layer] of [...this.layers].entries()) x_BTC = layer.call(x_BTC, sights[i] as Sight)
    return this.norm.call(x_BTC)
  }
}

/** Where a layer's tokens stand, and what they attend to: earlier keys and values in a cache, and not to padding. */
export type Sight = Required<Pick<GroupedQueryAttentionInputs, 'places' | 'past' | 'mask'>>

/** Of each layer. */
export function sightsOf(
  tokens_BT: Tensor,
  cache: DecoderCache | null,
  unpadded: Unpadded | null,
  layers: number,
): Sight[] {
  const count = tokens_BT.shape[1] as number
  const padded = unpadded ? { positions: unpadded.positions, length: count } : {}
  const places = cache ? { positions: cache.positions(count), length: cache.reach(count) } : padded
  const mask = unpadded?.keys ?? null
  return Array.from({ length: layers }, (_, layer) => ({ places, mask, past: cache && { cache, layer } }))
}

/** Standard deviation of initial weights. */
const STD = 0.02

/** Initial values of linear layers and embeddings: biases are zero. */
export function initialize(model: Module): void {
  for (const module of model.modules()) {
    if (!(module instanceof Linear || module instanceof Embedding)) continue
    init.normal(module.weight, 0, STD)
    if (module instanceof Linear && module.bias) init.zeros(module.bias)
  }
}

/** Angles that old files hold beside the parameters. */
const ANGLES = /rotary_emb\.inv_freq$/

/** A state dict without what is computed, and with the output layer of a tied model. */
export function named(
  state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  tied: boolean,
): Map<string, Tensor> {
  const given = (state instanceof Map ? state : Object.entries(state)) as Iterable<[string, Tensor]>
  const named = new Map([...given].filter(([name]) => !ANGLES.test(name)))
  const embedding = named.get('model.embed_tokens.weight')
  if (tied && embedding && !named.has('lm_head.weight')) named.set('lm_head.weight', embedding)
  return named
}

/** What decoders of this arrangement share: the context they were made for, and caches of their layers' keys and values. */
export abstract class CachedDecoderModule extends Module {
  abstract readonly config: DecoderConfig
  abstract lmHead: Linear

  get contextLength(): number {
    return this.config.positions
  }

  /** An empty cache for this model: of its dtype, and by default with room for all positions. */
  cache({ batch = 1, capacity = this.config.positions }: { batch?: number; capacity?: number } = {}): KeyValueCache {
    return new KeyValueCache({ ...cacheOf(this.config, this.lmHead.weight), capacity, batch })
  }

  /** An empty cache for sequences of different lengths: of this model's dtype, with `blocks` blocks of `blockSize` positions (64). */
  pagedCache({ blocks, blockSize = BLOCK_SIZE }: { blocks: number; blockSize?: number }): PagedKvCache {
    return new PagedKvCache({ ...cacheOf(this.config, this.lmHead.weight), blocks, blockSize })
  }
}

/**
 * Token indices (B, T) to logits (B, T, V) for the token that follows each. Every default is Llama 2 7B's, which has 6,738,415,616
 * parameters: give smaller sizes, or `dtype: 'bf16'` and memory.
 */
export class Llama extends CachedDecoderModule {
  readonly config: DecoderConfig
  model: Decoder
  lmHead: Linear

  /** @throws ValueError for keys that are not known, and sizes that are no positive integers or do not fit */
  constructor(config: LlamaConfig = {}) {
    super()
    this.config = decoderConfig('Llama', config)
    const { channels, vocabSize, tied, dtype } = this.config
    this.model = new Decoder(this.config)
    this.lmHead = new Linear(channels, vocabSize, { bias: false, dtype })
    initialize(this)
    if (tied) {
      this.lmHead.weight.dispose()
      this.lmHead.weight = this.model.embedTokens.weight
    }
  }

  /**
   * @param cache what earlier calls saw: the tokens follow it, and it grows by them. Under noGrad only. Attention's weights are then not
   *   dropped out, in training neither.
   * @throws ShapeError for other shapes; ValueError for a mask beside a cache
   */
  override forward(
    tokens_BT: Tensor,
    cache: DecoderCache | null = null,
    { attentionMask = null, logitsToKeep }: LlamaCallOptions = {},
  ): Tensor {
    if (tokens_BT.rank !== 2) throw new ShapeError(`Llama: takes tokens (b, t), found ${show(tokens_BT.shape)}`)
    const unpadded = attentionMask && readAttentionMask('Llama', attentionMask, tokens_BT, cache)
    return this.lmHead.call(lastPositions(this.model.call(tokens_BT, cache, unpadded), logitsToKeep))
  }

  /** As every module's; takes Hugging Face's files, with or without a tied `lm_head.weight` and the angles of old ones. */
  override loadStateDict(
    state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    options: { strict?: boolean } = {},
  ): LoadReport {
    return super.loadStateDict(named(state, this.config.tied), options)
  }
}

/** What a cache must know of a model. */
function cacheOf(
  { layers, kvHeads, headWidth }: DecoderConfig,
  { dtype }: Parameter,
): { layers: number; heads: number; width: number; dtype: DType } {
  return { layers, heads: kvHeads, width: headWidth, dtype }
}

const LLAMA_3 = { vocabSize: 128256, positions: 8192, kvHeads: 8, hidden: 14336, rotaryBase: 500_000 } as const

/** Llama 3.1's longer context, in the angles of its rotary positions. */
const stretched = (factor: number): LlamaConfig => ({
  positions: 131072,
  rotaryScaling: { type: 'llama3', factor, originalPositions: 8192 },
})

type LlamaSize = '2-7B' | '3-8B' | '3.1-8B' | '3.2-1B' | 'Mistral-7B' | 'Qwen2-0.5B'

/** Configs of published models. */
export const LLAMA_SIZES: Readonly<Record<LlamaSize, LlamaConfig>> = {
  '2-7B': {},
  '3-8B': LLAMA_3,
  '3.1-8B': { ...LLAMA_3, ...stretched(8) },
  '3.2-1B': { ...LLAMA_3, ...stretched(32), channels: 2048, layers: 16, hidden: 8192, tied: true },
  'Mistral-7B': { positions: 32768, kvHeads: 8, hidden: 14336, slidingWindow: 4096 },
  'Qwen2-0.5B': {
    vocabSize: 151936,
    positions: 131072,
    channels: 896,
    layers: 24,
    heads: 14,
    kvHeads: 2,
    hidden: 4864,
    eps: 1e-6,
    rotaryBase: 1_000_000,
    tied: true,
    attentionBias: 'qkv',
  },
}
