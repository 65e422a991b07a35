// BERT. Devlin et al. 2018, "BERT: Pre-training of Deep Bidirectional Transformers". Place in the whole: a model like any user's, built
// from lib/nn; names are Hugging Face's, whose checkpoints load as they are.
// Shapes: B batch, T positions, C channels, H heads, D = C / H.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { Dropout, Embedding, init, LayerNorm, Linear, Module, ModuleList } from '../nn/index.js'
import type { LoadReport } from '../nn/state-dict.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { add, ne } from '../ops/binary.js'
import { arange, zeros } from '../ops/creation.js'
import { tanh } from '../ops/unary.js'
import { reshape, select, transpose } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type GivenState, renamed } from './checkpoint.js'

export interface BertConfig {
  /** Default 30522, the uncased vocabulary. */
  readonly vocabSize?: number
  /** Longest input. Default 512. */
  readonly positions?: number
  /** Kinds of segments. Default 2. */
  readonly tokenTypes?: number
  /** Default 768. */
  readonly channels?: number
  /** Default 12. */
  readonly layers?: number
  /** Default 12. */
  readonly heads?: number
  /** Width of the MLP. Default 4 * channels. */
  readonly hidden?: number
  /** Of embeddings and of what joins the residual stream. Default 0; the published models trained with 0.1. */
  readonly dropout?: number
  /** Of attention's weights. Default 0; the published models trained with 0.1. */
  readonly attentionDropout?: number
  /** Of the norms. Default 1e-12. */
  readonly eps?: number
  /** A layer over the first position's result, as next-sentence prediction and classifiers use it. Default true. */
  readonly pooler?: boolean
}

type Config = Required<BertConfig>

/** Query, key and value, and attention over all positions that the mask leaves: (B, T, C) to (B, T, C). */
class SelfAttention extends Module {
  query: Linear
  key: Linear
  value: Linear
  readonly config: Config

  constructor(config: Config) {
    super()
    const { channels } = config
    this.query = new Linear(channels, channels)
    this.key = new Linear(channels, channels)
    this.value = new Linear(channels, channels)
    this.config = config
  }

  override forward(x_BTC: Tensor, mask_B11T: Tensor | null): Tensor {
    const { heads, attentionDropout } = this.config
    const [b, t, c] = x_BTC.shape as [number, number, number]
    const split = (x: Tensor): Tensor => transpose(reshape(x, [b, t, heads, c / heads]), 1, 2)
    const [q, k, v] = [this.query, this.key, this.value].map((layer) => split(layer.call(x_BTC)))
    const y_BHTD = scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor, {
      mask: mask_B11T,
      dropout: this.training ? attentionDropout : 0,
    })
    return reshape(transpose(y_BHTD, 1, 2), [b, t, c])
  }
}

/** A linear layer, dropped out and added to `residual`, then a norm: what ends attention and MLP alike. */
class Output extends Module {
  static override readonly stateNames = { layerNorm: 'LayerNorm' }
  dense: Linear
  layerNorm: LayerNorm
  readonly #dropout: number

  constructor(inFeatures: number, { channels, eps, dropout }: Config) {
    super()
    this.dense = new Linear(inFeatures, channels)
    this.layerNorm = new LayerNorm(channels, { eps })
    this.#dropout = dropout
  }

  override forward(x: Tensor, residual_BTC: Tensor): Tensor {
    const sum = this.dense.call(x, { dropout: this.training ? this.#dropout : 0, residual: residual_BTC })
    return this.layerNorm.call(sum)
  }
}

class Attention extends Module {
  self: SelfAttention
  output: Output

  constructor(config: Config) {
    super()
    this.self = new SelfAttention(config)
    this.output = new Output(config.channels, config)
  }

  override forward(x_BTC: Tensor, mask_B11T: Tensor | null): Tensor {
    return this.output.call(this.self.call(x_BTC, mask_B11T), x_BTC)
  }
}

class Intermediate extends Module {
  dense: Linear

  constructor({ channels, hidden }: Config) {
    super()
    this.dense = new Linear(channels, hidden)
  }

  override forward(x_BTC: Tensor): Tensor {
    return this.dense.call(x_BTC, { activation: 'gelu' })
  }
}

/** Attention and MLP, each added to what came in and normalised: (B, T, C) to (B, T, C). */
class Layer extends Module {
  attention: Attention
  intermediate: Intermediate
  output: Output

  constructor(config: Config) {
    super()
    this.attention = new Attention(config)
    this.intermediate = new Intermediate(config)
    this.output = new Output(config.hidden, config)
  }

  override forward(x_BTC: Tensor, mask_B11T: Tensor | null): Tensor {
    const y_BTC = this.attention.call(x_BTC, mask_B11T)
    return this.output.call(this.intermediate.call(y_BTC), y_BTC)
  }
}

/** Layers one after the other: (B, T, C) to (B, T, C). */
class Encoder extends Module {
  layer: ModuleList<Layer>

  constructor(config: Config) {
    super()
    this.layer = new ModuleList(Array.from({ length: config.layers }, () => new Layer(config)))
  }

  /** @param mask_B11T true where a position is seen */
  override forward(x_BTC: Tensor, mask_B11T: Tensor | null = null): Tensor {
    let y_BTC = x_BTC
    for (const layer of this.layer) y_BTC = layer.call(y_BTC, mask_B11T)
    return y_BTC
  }
}

/** Tokens, their segments and their positions (B, T) to (B, T, C). */
class Embeddings extends Module {
  static override readonly stateNames = { layerNorm: 'LayerNorm' }
  wordEmbeddings: Embedding
  positionEmbeddings: Embedding
  tokenTypeEmbeddings: Embedding
  layerNorm: LayerNorm
  dropout: Dropout

  constructor({ vocabSize, positions, tokenTypes, channels, eps, dropout }: Config) {
    super()
    this.wordEmbeddings = new Embedding(vocabSize, channels, { paddingIndex: 0 })
    this.positionEmbeddings = new Embedding(positions, channels)
    this.tokenTypeEmbeddings = new Embedding(tokenTypes, channels)
    this.layerNorm = new LayerNorm(channels, { eps })
    this.dropout = new Dropout(dropout)
  }

  override forward(tokens_BT: Tensor, types_BT: Tensor | null): Tensor {
    const { device } = tokens_BT
    const positions_T = arange(tokens_BT.shape[1] as number, undefined, 1, { device })
    const types = types_BT ?? zeros([1, tokens_BT.shape[1] as number], { dtype: 'i32', device })
    const words = add(this.wordEmbeddings.call(tokens_BT), this.tokenTypeEmbeddings.call(types))
    return this.dropout.call(this.layerNorm.call(add(words, this.positionEmbeddings.call(positions_T))))
  }
}

/** The first position's result through a linear layer and tanh: (B, T, C) to (B, C). */
class Pooler extends Module {
  dense: Linear

  constructor({ channels }: Config) {
    super()
    this.dense = new Linear(channels, channels)
  }

  override forward(x_BTC: Tensor): Tensor {
    return tanh(this.dense.call(select(x_BTC, 1, 0)))
  }
}

export interface BertInputs {
  /** Segment of each token (B, T). Default: all 0. */
  readonly types?: Tensor | null
  /** (B, T), not zero (or true) where a token counts; others are not attended to. Default: all count. */
  readonly mask?: Tensor | null
}

export interface BertResult {
  /** (B, T, C). */
  readonly features: Tensor
  /** (B, C); null without a pooler. */
  readonly pooled: Tensor | null
}

/** Standard deviation of initial weights. */
const STD = 0.02

/** BERT's initial values, of all linear layers and embeddings in a module. */
export function initialize(module: Module): void {
  for (const layer of module.modules()) {
    if (layer instanceof Linear) {
      init.normal(layer.weight, 0, STD)
      if (layer.bias) init.zeros(layer.bias)
    } else if (layer instanceof Embedding) init.normal(layer.weight, 0, STD)
  }
}

/** The names of norms in old files. */
export const current = (name: string): string =>
  name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias')

/**
 * Token indices (B, T) to features. Every default is BERT-base-uncased's, which has 109,482,240 parameters; bert-pretraining.ts and
 * bert-tasks.ts have the models with heads.
 */
export class Bert extends Module {
  readonly config: Config
  embeddings: Embeddings
  encoder: Encoder
  pooler: Pooler | null

  /** @throws ValueError for an unknown option, a size that is no positive integer, and channels that do not divide into the heads */
  constructor(config: BertConfig = {}) {
    super()
    const { channels = 768 } = config
    const defaults: Config = {
      vocabSize: 30522,
      positions: 512,
      tokenTypes: 2,
      channels,
      layers: 12,
      heads: 12,
      hidden: 4 * channels,
      dropout: 0,
      attentionDropout: 0,
      eps: 1e-12,
      pooler: true,
    }
    known('Bert', config, Object.keys(defaults))
    this.config = { ...defaults, ...config }
    const { vocabSize, positions, tokenTypes, layers, heads, hidden } = this.config
    positive('Bert', { vocabSize, positions, tokenTypes, channels, layers, heads, hidden })
    if (channels % heads !== 0) throw new ValueError(`Bert: ${channels} channels do not divide into ${heads} heads`)
    this.embeddings = new Embeddings(this.config)
    this.encoder = new Encoder(this.config)
    this.pooler = this.config.pooler ? new Pooler(this.config) : null
    initialize(this)
    init.zeros(select(this.embeddings.wordEmbeddings.weight.detach(), 0, 0)) // the padding's row
  }

  /** @throws ShapeError for other shapes, and for more positions than the model has */
  override forward(tokens_BT: Tensor, { types = null, mask = null }: BertInputs = {}): BertResult {
    const { positions } = this.config
    if (tokens_BT.rank !== 2 || (tokens_BT.shape[1] as number) > positions)
      throw new ShapeError(`Bert: takes tokens (b, t) with t up to ${positions}, found ${show(tokens_BT.shape)}`)
    for (const [what, t] of [
      ['types', types],
      ['mask', mask],
    ] as const) {
      if (t && show(t.shape) !== show(tokens_BT.shape))
        throw new ShapeError(`Bert: ${what} ${show(t.shape)} for tokens ${show(tokens_BT.shape)}`)
    }
    const [b, t] = tokens_BT.shape as [number, number]
    const seen_B11T = mask && reshape(mask.dtype === 'bool' ? mask : ne(mask, 0), [b, 1, 1, t])
    const features = this.encoder.call(this.embeddings.call(tokens_BT, types), seen_B11T)
    return { features, pooled: this.pooler ? this.pooler.call(features) : null }
  }

  /**
   * As every module's; takes Hugging Face's files of the bare model and of models with heads (of those only what is under `bert.`), and
   * the names of norms in old files (`gamma`, `beta`). A model without a pooler leaves out the file's.
   */
  override loadStateDict(state: GivenState, options: { strict?: boolean } = {}): LoadReport {
    const headed = [...renamed(state).keys()].some((name) => name.startsWith('bert.'))
    const bare = (name: string): string | null => {
      if (name.endsWith('embeddings.position_ids') || (headed && !name.startsWith('bert.'))) return null
      const own = current(headed ? name.slice('bert.'.length) : name)
      return !this.pooler && own.startsWith('pooler.') ? null : own
    }
    return super.loadStateDict(renamed(state, bare), options)
  }
}

/** Layers, channels and heads of the published models. */
export const BERT_SIZES: Readonly<Record<'base' | 'large', BertConfig>> = {
  base: { layers: 12, channels: 768, heads: 12 },
  large: { layers: 24, channels: 1024, heads: 16 },
}
