// T5. Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer"; version 1.1 has a gated MLP
// and an output layer of its own. Place in the whole: a model like any user's, built from lib/nn; names and layouts are Hugging Face's,
// whose checkpoints load as they are.
// Shapes: B batch, S positions of the source, T of the target (or queries), C channels, H heads, D width of a head, V vocabulary.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import {
  Dropout,
  Embedding,
  FeedForward,
  init,
  type KeysAndValues,
  Linear,
  Module,
  ModuleList,
  RMSNorm,
} from '../nn/index.js'
import type { LoadReport } from '../nn/state-dict.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { mul, ne } from '../ops/binary.js'
import { full, tensor } from '../ops/creation.js'
import { embedding } from '../ops/embedding.js'
import { concat } from '../ops/join.js'
import { where } from '../ops/select.js'
import { narrow, permute, reshape, transpose, unsqueeze } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { TransformerSources } from './encoded-sources.js'
import { KeyValueCache } from './kv-cache.js'

export interface T5Config {
  /** Default 32128. */
  readonly vocabSize?: number
  /** Default 512. */
  readonly channels?: number
  /** Width of a head, which need not be channels / heads. Default 64. */
  readonly headWidth?: number
  /** Width of the MLPs. Default 2048. */
  readonly hidden?: number
  /** Of the encoder. Default 6. */
  readonly layers?: number
  /** Default: layers. */
  readonly decoderLayers?: number
  /** Default 8. */
  readonly heads?: number
  /** Kinds of distances between positions. Default 32. */
  readonly buckets?: number
  /** Distances from which on all are one kind. Default 128. */
  readonly maxDistance?: number
  /** Of embeddings, attention, the MLPs and what joins the residual stream. Default 0; the published models trained with 0.1. */
  readonly dropout?: number
  /** Of the norms. Default 1e-6. */
  readonly eps?: number
  /** Of the MLPs: 'relu' (default), or gated by an approximate GELU ('gegluTanh') in version 1.1. */
  readonly activation?: 'relu' | 'gegluTanh'
  /** The output layer's weight is the token embedding's, its results scaled by C^-0.5. Default true; false in version 1.1. */
  readonly tied?: boolean
  readonly dtype?: DType
}

type Config = Required<T5Config>

const KEYS = [
  'vocabSize',
  'channels',
  'headWidth',
  'hidden',
  'layers',
  'decoderLayers',
  'heads',
  'buckets',
  'maxDistance',
  'dropout',
  'eps',
  'activation',
  'tied',
  'dtype',
]

/**
 * The bucket of a distance (key's place less query's): half of the buckets have one small distance each, the others ranges that grow up to
 * `maxDistance`. Both directions have half of all; without `bidirectional` keys behind the query are in bucket 0.
 */
export function relativePositionBucket(
  distance: number,
  {
    bidirectional = true,
    buckets = 32,
    maxDistance = 128,
  }: { bidirectional?: boolean; buckets?: number; maxDistance?: number } = {},
): number {
  const own = bidirectional ? Math.floor(buckets / 2) : buckets
  const first = bidirectional && distance > 0 ? own : 0
  const far = bidirectional ? Math.abs(distance) : Math.max(-distance, 0)
  const exact = Math.floor(own / 2)
  if (far < exact) return first + far
  // In f32, as the published models compute it: where a range begins depends on the rounding.
  const f32 = Math.fround
  const share = f32(f32(Math.log(f32(far / exact))) / f32(Math.log(maxDistance / exact)))
  return first + Math.min(exact + Math.trunc(f32(share * (own - exact))), own - 1)
}

/** Attention without scaling, to itself or to a source: q, k and v are (H D, C), o is (C, H D). */
class Attention extends Module {
  q: Linear
  k: Linear
  v: Linear
  o: Linear
  /** A number for each bucket and head, in the first layer of a stack, which all others share. */
  relativeAttentionBias: Embedding | null
  readonly config: Config

  constructor(config: Config, biased: boolean) {
    super()
    const { channels, heads, headWidth, buckets, dtype } = config
    const inner = heads * headWidth
    this.q = new Linear(channels, inner, { bias: false, dtype })
    this.k = new Linear(channels, inner, { bias: false, dtype })
    this.v = new Linear(channels, inner, { bias: false, dtype })
    this.o = new Linear(inner, channels, { bias: false, dtype })
    this.relativeAttentionBias = biased ? new Embedding(buckets, heads, { dtype }) : null
    this.config = config
    init.normal(this.q.weight, 0, (channels * headWidth) ** -0.5)
    for (const { weight } of [this.k, this.v]) init.normal(weight, 0, channels ** -0.5)
    init.normal(this.o.weight, 0, inner ** -0.5)
    if (this.relativeAttentionBias) init.normal(this.relativeAttentionBias.weight, 0, channels ** -0.5)
  }

  /** @param attend answers queries (B, H, T, D) */
  override forward(x_BTC: Tensor, residual_BTC: Tensor, attend: (q_BHTD: Tensor) => Tensor): Tensor {
    const [b, t] = x_BTC.shape as [number, number, number]
    const y_BHTD = attend(this.split(this.q.call(x_BTC)))
    const { heads, headWidth, dropout } = this.config
    const y = reshape(transpose(y_BHTD, 1, 2), [b, t, heads * headWidth])
    return this.o.call(y, { dropout: this.training ? dropout : 0, residual: residual_BTC })
  }

  /** Keys and values (B, H, S, D). */
  project(x_BSC: Tensor): KeysAndValues {
    return [this.split(this.k.call(x_BSC)), this.split(this.v.call(x_BSC))]
  }

  /** What attention takes beside queries, keys and values. */
  options(
    mask: Tensor | null,
    causal: boolean,
  ): { scale: number; mask: Tensor | null; causal: boolean; dropout: number } {
    return { scale: 1, mask, causal, dropout: this.training ? this.config.dropout : 0 }
  }

  split(x: Tensor): Tensor {
    const [b, s] = x.shape as [number, number, number]
    return transpose(reshape(x, [b, s, this.config.heads, this.config.headWidth]), 1, 2)
  }
}

/** What a block's self-attention sees. */
interface Sight {
  /** Numbers for the scores, of all layers: what broadcasts to (B, H, T, S). */
  readonly bias: Tensor
  readonly causal: boolean
  /** Earlier positions of the layer, in a cache. */
  readonly past: { readonly cache: KeyValueCache; readonly layer: number } | null
}

class SelfAttentionLayer extends Module {
  static override readonly stateNames = { selfAttention: 'SelfAttention' }
  selfAttention: Attention
  layerNorm: RMSNorm

  constructor(config: Config, biased: boolean) {
    super()
    this.selfAttention = new Attention(config, biased)
    this.layerNorm = new RMSNorm(config.channels, { eps: config.eps, dtype: config.dtype })
  }

  override forward(x_BTC: Tensor, { bias, causal, past }: Sight): Tensor {
    const own = this.selfAttention
    const y_BTC = this.layerNorm.call(x_BTC)
    return own.call(y_BTC, x_BTC, (q) => {
      const [k, v] = own.project(y_BTC)
      return past
        ? past.cache.attend(past.layer, q, k, v, { scale: 1, bias })
        : scaledDotProductAttention(q, k, v, own.options(bias, causal))
    })
  }
}

class CrossAttentionLayer extends Module {
  static override readonly stateNames = { encDecAttention: 'EncDecAttention' }
  encDecAttention: Attention
  layerNorm: RMSNorm

  constructor(config: Config) {
    super()
    this.encDecAttention = new Attention(config, false)
    this.layerNorm = new RMSNorm(config.channels, { eps: config.eps, dtype: config.dtype })
  }

  /** @param seen_B11S true where the source has a token */
  override forward(x_BTC: Tensor, [k, v]: KeysAndValues, seen_B11S: Tensor | null): Tensor {
    const own = this.encDecAttention
    return own.call(this.layerNorm.call(x_BTC), x_BTC, (q) =>
      scaledDotProductAttention(q, k, v, own.options(seen_B11S, false)),
    )
  }
}

class Dense extends FeedForward {
  static override readonly stateNames = { linear1: 'wi', linear2: 'wo' }
}
class GatedDense extends FeedForward {
  static override readonly stateNames = { gate: 'wi_0', linear1: 'wi_1', linear2: 'wo' }
}

class FeedForwardLayer extends Module {
  static override readonly stateNames = { dense: 'DenseReluDense' }
  dense: FeedForward
  layerNorm: RMSNorm

  constructor({ channels, hidden, activation, dropout, eps, dtype }: Config) {
    super()
    const options = { hidden, activation, dropout, bias: false, dtype }
    this.dense = activation === 'relu' ? new Dense(channels, options) : new GatedDense(channels, options)
    const { gate, linear1, linear2 } = this.dense
    for (const layer of gate ? [gate, linear1] : [linear1]) init.normal(layer.weight, 0, channels ** -0.5)
    init.normal(linear2.weight, 0, hidden ** -0.5)
    this.layerNorm = new RMSNorm(channels, { eps, dtype })
  }

  override forward(x_BTC: Tensor): Tensor {
    return this.dense.call(this.layerNorm.call(x_BTC), x_BTC)
  }
}

/** Self-attention, in the decoder attention to the source, and the MLP. */
class Block extends Module {
  layer: ModuleList<SelfAttentionLayer | CrossAttentionLayer | FeedForwardLayer>

  constructor(config: Config, { decoder, biased }: { decoder: boolean; biased: boolean }) {
    super()
    const self = new SelfAttentionLayer(config, biased)
    const cross = decoder ? new CrossAttentionLayer(config) : null
    const mlp = new FeedForwardLayer(config)
    this.layer = new ModuleList(cross ? [self, cross, mlp] : [self, mlp])
  }

  override forward(x_BTC: Tensor, sight: Sight, source: KeysAndValues | null, seen_B11S: Tensor | null): Tensor {
    let y_BTC: Tensor = x_BTC
    for (const layer of this.layer) {
      if (layer instanceof SelfAttentionLayer) y_BTC = layer.call(y_BTC, sight)
      else if (layer instanceof CrossAttentionLayer) y_BTC = layer.call(y_BTC, source as KeysAndValues, seen_B11S)
      else y_BTC = layer.call(y_BTC)
    }
    return y_BTC
  }
}

/** Embeddings, blocks, and a norm. */
class Stack extends Module {
  embedTokens: Embedding
  block: ModuleList<Block>
  finalLayerNorm: RMSNorm
  dropout: Dropout
  readonly config: Config
  readonly causal: boolean

  constructor(shared: Embedding, config: Config, decoder: boolean) {
    super()
    const { channels, layers, decoderLayers, dropout, eps, dtype } = config
    this.embedTokens = shared
    const length = decoder ? decoderLayers : layers
    this.block = new ModuleList(Array.from({ length }, (_, i) => new Block(config, { decoder, biased: i === 0 })))
    this.finalLayerNorm = new RMSNorm(channels, { eps, dtype })
    this.dropout = new Dropout(dropout)
    this.config = config
    this.causal = decoder
  }

  /**
   * @param seen_B11S true where the source has a token: of the encoder's own sequence, or of the decoder's `sources`
   * @param sources keys and values of each block's attention to the source; null in the encoder
   */
  override forward(
    tokens_BT: Tensor,
    seen_B11S: Tensor | null,
    sources: readonly KeysAndValues[] | null = null,
    cache: KeyValueCache | null = null,
  ): Tensor {
    const count = tokens_BT.shape[1] as number
    const table_1HTS = this.#bias(count, cache ? cache.reach(count) : count, tokens_BT.device)
    const bias = sources || !seen_B11S ? table_1HTS : where(seen_B11S, table_1HTS, Number.NEGATIVE_INFINITY)
    let x_BTC = this.dropout.call(this.embedTokens.call(tokens_BT))
    let layer = 0
    for (const block of this.block) {
      const sight = { bias, causal: this.causal, past: cache && { cache, layer } }
      x_BTC = block.call(x_BTC, sight, sources?.[layer] ?? null, seen_B11S)
      layer++
    }
    return this.dropout.call(this.finalLayerNorm.call(x_BTC))
  }

  /** The relative positions' part of the scores of the last `queries` of `keys` positions: (1, H, T, S). */
  #bias(queries: number, keys: number, device: string): Tensor {
    const { buckets, maxDistance } = this.config
    const options = { bidirectional: !this.causal, buckets, maxDistance }
    const places = new Int32Array(queries * keys)
    const byDistance = Array.from({ length: queries + keys }, (_, i) => relativePositionBucket(i + 1 - keys, options))
    for (let t = 0; t < queries; t++) {
      const own = keys - queries + t
      for (let s = 0; s < keys; s++) places[t * keys + s] = byDistance[s - own + keys - 1] as number
    }
    const [first] = (this.block.at(0) as Block).layer
    const table = (first as SelfAttentionLayer).selfAttention.relativeAttentionBias as Embedding
    const bias_TSH = embedding(table.weight, tensor(places, { shape: [queries, keys], device }))
    return unsqueeze(permute(bias_TSH, [2, 0, 1]), 0)
  }

  /** Keys and values of each block's attention to a source's features (B, S, C). */
  project(memory_BSC: Tensor): KeysAndValues[] {
    return Array.from(this.block, ({ layer }) =>
      (layer.at(1) as CrossAttentionLayer).encDecAttention.project(memory_BSC),
    )
  }
}

/** What files of tied models leave out, all of them the shared embedding. */
const TIED = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight', 'lm_head.weight']

/**
 * Source tokens (B, S) and target tokens (B, T) to logits (B, T, V) for the token that follows each of the target. Every default is
 * T5-small's, which has 60,506,624 parameters.
 */
export class T5 extends Module {
  readonly config: Config
  shared: Embedding
  encoder: Stack
  decoder: Stack
  lmHead: Linear

  /** @throws ValueError for keys that are not known, and sizes that are no positive integers or do not fit */
  constructor(config: T5Config = {}) {
    super()
    known('T5', config, KEYS)
    const small = { vocabSize: 32128, channels: 512, headWidth: 64, hidden: 2048, layers: 6, heads: 8 } as const
    const relative = { buckets: 32, maxDistance: 128 } as const
    const others = { dropout: 0, eps: 1e-6, activation: 'relu', tied: true, dtype: 'f32' } as const
    const { layers = small.layers } = config
    this.config = { ...small, ...relative, ...others, decoderLayers: layers, ...config }
    const { vocabSize, channels, headWidth, hidden, decoderLayers, heads, buckets, maxDistance } = this.config
    positive('T5', { vocabSize, channels, headWidth, hidden, layers, decoderLayers, heads, buckets, maxDistance })
    const { activation, tied, dtype } = this.config
    if (activation !== 'relu' && activation !== 'gegluTanh')
      throw new ValueError(`T5: activation is '${activation}', expected 'relu' or 'gegluTanh'`)
    if (buckets % 4 !== 0 || maxDistance <= buckets / 2)
      throw new ValueError(
        `T5: ${buckets} buckets up to distance ${maxDistance}, expected a multiple of 4 and a distance above half of it`,
      )
    this.shared = new Embedding(vocabSize, channels, { dtype })
    this.encoder = new Stack(this.shared, this.config, false)
    this.decoder = new Stack(this.shared, this.config, true)
    this.lmHead = new Linear(channels, vocabSize, { bias: false, dtype })
    init.normal(this.lmHead.weight)
    if (tied) {
      this.lmHead.weight.dispose()
      this.lmHead.weight = this.shared.weight
    }
  }

  /**
   * @param tgt_BT the target behind the token that begins it: see `shiftRight`
   * @param mask_BS not zero (or true) where the source has a token; null where it has one everywhere
   * @throws ShapeError for other shapes
   */
  override forward(src_BS: Tensor, tgt_BT: Tensor, mask_BS: Tensor | null = null): Tensor {
    if (tgt_BT.rank !== 2 || tgt_BT.shape[0] !== src_BS.shape[0])
      throw new ShapeError(
        `T5: takes source (b, s) and target (b, t), found ${show(src_BS.shape)} and ${show(tgt_BT.shape)}`,
      )
    const seen_B11S = asKeys(seen(src_BS, mask_BS))
    const sources = this.decoder.project(this.encoder.call(src_BS, seen_B11S))
    return this.#logits(this.decoder.call(tgt_BT, seen_B11S, sources))
  }

  /**
   * What the decoder reads of the sources, for `decode` and for generation, whose prompts begin with token 0. Records no gradients.
   *
   * @param mask_BS as `forward`'s
   * @throws ShapeError for other shapes
   */
  encode(src_BS: Tensor, mask_BS: Tensor | null = null): TransformerSources {
    return noGrad(() =>
      scope(() => {
        const seen_BS = seen(src_BS, mask_BS)
        const memory_BSC = this.encoder.call(src_BS, asKeys(seen_BS))
        return new TransformerSources(this, this.decoder.project(memory_BSC), seen_BS)
      }),
    )
  }

  /** Target tokens (B, T) that follow those in the cache to logits (B, T, V). Under noGrad only. */
  decode(tokens_BT: Tensor, cache: KeyValueCache, { layers, seen_BS }: TransformerSources): Tensor {
    return this.#logits(this.decoder.call(tokens_BT, asKeys(seen_BS), layers, cache))
  }

  /** An empty cache of the decoder's self-attention. */
  cache({ batch = 1, capacity = 512 }: { batch?: number; capacity?: number } = {}): KeyValueCache {
    const { decoderLayers, heads, headWidth } = this.config
    const { dtype } = this.lmHead.weight
    return new KeyValueCache({ layers: decoderLayers, heads, width: headWidth, capacity, batch, dtype })
  }

  #logits(features_BTC: Tensor): Tensor {
    const { tied, channels } = this.config
    return this.lmHead.call(tied ? mul(features_BTC, channels ** -0.5) : features_BTC)
  }

  /** As every module's; takes Hugging Face's files, in which what is tied to the shared embedding is left out. */
  override loadStateDict(
    state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    options: { strict?: boolean } = {},
  ): LoadReport {
    const named = new Map((state instanceof Map ? state : Object.entries(state)) as Iterable<[string, Tensor]>)
    const shared = named.get('shared.weight') ?? named.get('encoder.embed_tokens.weight')
    if (shared && !named.has('shared.weight')) named.set('shared.weight', shared)
    for (const name of this.config.tied ? TIED : TIED.slice(0, 2))
      if (shared && !named.has(name)) named.set(name, shared)
    return super.loadStateDict(named, options)
  }
}

/** (B, S), true where a source has a token. */
function seen(src_BS: Tensor, mask_BS: Tensor | null): Tensor | null {
  if (src_BS.rank !== 2 || (mask_BS && !sameShape(mask_BS.shape, src_BS.shape)))
    throw new ShapeError(
      `T5: takes source (b, s) and a mask of its shape, found ${show(src_BS.shape)} and ${mask_BS ? show(mask_BS.shape) : 'none'}`,
    )
  return mask_BS && (mask_BS.dtype === 'bool' ? mask_BS : ne(mask_BS, 0))
}

const asKeys = (seen_BS: Tensor | null): Tensor | null => seen_BS && unsqueeze(unsqueeze(seen_BS, 1), 1)

/**
 * Labels (B, T) as the decoder's input: a token that begins them in front, the last one left out. Labels that do not count (-100) become
 * padding, which is the beginning token too.
 */
export function shiftRight(labels_BT: Tensor, start = 0): Tensor {
  const [b, t] = labels_BT.shape as [number, number]
  const { dtype, device } = labels_BT
  const first = full([b, 1], start, { dtype, device })
  const shifted = concat([first, narrow(labels_BT, 1, 0, Math.max(t - 1, 0))], 1)
  return where(ne(shifted, -100), shifted, full([], start, { dtype, device }))
}

/** The published models; those of version 1.1 are called so. */
export const T5_SIZES: Readonly<Record<'small' | 'base' | 'large' | '1.1-small' | '1.1-base', T5Config>> = {
  small: {},
  base: { channels: 768, hidden: 3072, layers: 12, heads: 12 },
  large: { channels: 1024, hidden: 4096, layers: 24, heads: 16 },
  '1.1-small': { hidden: 1024, layers: 8, heads: 6, activation: 'gegluTanh', tied: false },
  '1.1-base': { channels: 768, hidden: 2048, layers: 12, heads: 12, activation: 'gegluTanh', tied: false },
}
