// The transformer. Vaswani et al. 2017, "Attention Is All You Need". Place in the whole: a model like any user's, built from lib/nn's
// encoder and decoder, whose names, PyTorch's, its state dict has.
// Shapes: B batch, S positions of the source, T of the target, C channels, V vocabulary.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import {
  Dropout,
  Embedding,
  init,
  Linear,
  Module,
  SinusoidalPositionalEncoding,
  TransformerDecoder,
  TransformerEncoder,
} from '../nn/index.js'
import { eq, mul } from '../ops/binary.js'
import { logicalNot } from '../ops/unary.js'
import type { DType } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { TransformerSources } from './encoded-sources.js'
import { KeyValueCache } from './kv-cache.js'

export interface TransformerConfig {
  /** Of the target, and of the source where that has no other. Default 37000, the shared one of the paper's English to German. */
  readonly vocabSize?: number
  /** Default: vocabSize. */
  readonly srcVocabSize?: number
  /** Default 512. */
  readonly channels?: number
  /** Of encoder and decoder each. Default 6. */
  readonly layers?: number
  /** Default: layers. */
  readonly decoderLayers?: number
  /** Default 8. */
  readonly heads?: number
  /** Width of the MLPs. Default 4 * channels. */
  readonly hidden?: number
  /** Of embeddings, attention, the MLPs and what joins the residual stream. Default 0; the published models trained with 0.1. */
  readonly dropout?: number
  /** Norms before attention and MLP, and one behind encoder and decoder each (pre-norm). Default false, as in the paper. */
  readonly normFirst?: boolean
  /** Which share one weight: both embeddings and the output layer (default), or the target's embedding and the output layer. */
  readonly tied?: 'all' | 'output' | 'none'
  readonly dtype?: DType
}

type Config = Required<TransformerConfig>

const KEYS = [
  'vocabSize',
  'srcVocabSize',
  'channels',
  'layers',
  'decoderLayers',
  'heads',
  'hidden',
  'dropout',
  'normFirst',
  'tied',
  'dtype',
]

/**
 * Source tokens (B, S) and target tokens (B, T) to logits (B, T, V) for the token that follows each of the target. Every default is the
 * paper's base model's, which has 63,082,496 parameters with its shared embedding counted once (the paper says 65 million).
 */
export class TransformerModel extends Module {
  readonly config: Config
  srcEmbedding: Embedding
  tgtEmbedding: Embedding
  positions: SinusoidalPositionalEncoding
  dropout: Dropout
  encoder: TransformerEncoder
  decoder: TransformerDecoder
  output: Linear

  /** @throws ValueError for keys that are not known, and sizes that are no positive integers or do not fit */
  constructor(config: TransformerConfig = {}) {
    super()
    known('TransformerModel', config, KEYS)
    const published = { vocabSize: 37000, channels: 512, layers: 6, heads: 8 } as const
    const { vocabSize = published.vocabSize, channels = published.channels, layers = published.layers } = config
    const defaults = { srcVocabSize: vocabSize, decoderLayers: layers, hidden: 4 * channels } as const
    const others = { dropout: 0, normFirst: false, tied: 'all', dtype: 'f32' } as const
    this.config = { ...published, ...defaults, ...others, ...config }
    const { srcVocabSize, decoderLayers, heads, hidden, dropout, normFirst, tied, dtype } = this.config
    positive('TransformerModel', { vocabSize, srcVocabSize, channels, layers, decoderLayers, heads, hidden })
    if (!['all', 'output', 'none'].includes(tied))
      throw new ValueError(`TransformerModel: tied is '${tied}', expected 'all', 'output' or 'none'`)
    if (tied === 'all' && srcVocabSize !== vocabSize)
      throw new ValueError(
        `TransformerModel: a shared embedding goes with one vocabulary, found ${srcVocabSize} and ${vocabSize}; give tied: 'output'`,
      )
    const options = { hidden, dropout, normFirst, finalNorm: normFirst, batchFirst: true, dtype }
    this.tgtEmbedding = new Embedding(vocabSize, channels, { dtype })
    this.srcEmbedding = tied === 'all' ? this.tgtEmbedding : new Embedding(srcVocabSize, channels, { dtype })
    this.positions = new SinusoidalPositionalEncoding(channels)
    this.dropout = new Dropout(dropout)
    this.encoder = new TransformerEncoder(channels, heads, layers, options)
    this.decoder = new TransformerDecoder(channels, heads, decoderLayers, options)
    this.output = new Linear(channels, vocabSize, { bias: false, dtype })
    for (const parameter of this.parameters()) if (parameter.rank > 1) init.xavierUniform(parameter)
    for (const { weight } of [this.srcEmbedding, this.tgtEmbedding]) init.normal(weight, 0, channels ** -0.5)
    if (tied !== 'none') {
      this.output.weight.dispose()
      this.output.weight = this.tgtEmbedding.weight
    }
  }

  /**
   * @param mask_BS not zero (or true) where the source has a token; null where it has one everywhere
   * @throws ShapeError for other shapes
   */
  override forward(src_BS: Tensor, tgt_BT: Tensor, mask_BS: Tensor | null = null): Tensor {
    if (tgt_BT.rank !== 2 || tgt_BT.shape[0] !== src_BS.shape[0])
      throw new ShapeError(
        `TransformerModel: takes source (b, s) and target (b, t), found ${show(src_BS.shape)} and ${show(tgt_BT.shape)}`,
      )
    const padding = this.#padding(src_BS, mask_BS)
    const memory_BSC = this.encoder.call(this.#embed(this.srcEmbedding, src_BS, 0), { keyPaddingMask: padding })
    const masks = { causal: true, memoryKeyPaddingMask: padding }
    return this.output.call(this.decoder.call(this.#embed(this.tgtEmbedding, tgt_BT, 0), memory_BSC, masks))
  }

  /**
   * What the decoder reads of the sources, for `decode` and for generation. Records no gradients.
   *
   * @param mask_BS as `forward`'s
   * @throws ShapeError for other shapes
   */
  encode(src_BS: Tensor, mask_BS: Tensor | null = null): TransformerSources {
    return noGrad(() =>
      scope(() => {
        const padding = this.#padding(src_BS, mask_BS)
        const memory_BSC = this.encoder.call(this.#embed(this.srcEmbedding, src_BS, 0), { keyPaddingMask: padding })
        const layers = Array.from(this.decoder.layers, ({ multiheadAttn }) => multiheadAttn.project(memory_BSC))
        return new TransformerSources(this, layers, padding && logicalNot(padding))
      }),
    )
  }

  /** Target tokens (B, T) that follow those in the cache to logits (B, T, V). Under noGrad only. */
  decode(tokens_BT: Tensor, cache: KeyValueCache, { layers, seen_BS }: TransformerSources): Tensor {
    const decoding = layers.map((memory, layer) => ({ past: { cache, layer }, memory }))
    const count = tokens_BT.shape[1] as number
    const places = { positions: cache.positions(count), length: cache.reach(count) }
    const x_BTC = this.positions.call(this.#scaled(this.tgtEmbedding, tokens_BT), places)
    const masks = { memoryKeyPaddingMask: seen_BS && logicalNot(seen_BS) }
    return this.output.call(this.decoder.call(this.dropout.call(x_BTC), null, masks, decoding))
  }

  /** An empty cache of the decoder's self-attention. */
  cache({ batch = 1, capacity = 512 }: { batch?: number; capacity?: number } = {}): KeyValueCache {
    const { decoderLayers, heads, channels } = this.config
    const { dtype } = this.output.weight
    return new KeyValueCache({ layers: decoderLayers, heads, width: channels / heads, capacity, batch, dtype })
  }

  /** Embeddings are as large as the positions that are added to them: sqrt(C) times their weights. */
  #scaled(embedding: Embedding, tokens: Tensor): Tensor {
    return mul(embedding.call(tokens), Math.sqrt(this.config.channels))
  }

  #embed(embedding: Embedding, tokens: Tensor, offset: number): Tensor {
    return this.dropout.call(this.positions.call(this.#scaled(embedding, tokens), { offset }))
  }

  /** True where the source has no token. */
  #padding(src_BS: Tensor, mask_BS: Tensor | null): Tensor | null {
    if (src_BS.rank !== 2 || (mask_BS && !sameShape(mask_BS.shape, src_BS.shape)))
      throw new ShapeError(
        `TransformerModel: takes source (b, s) and a mask of its shape, found ${show(src_BS.shape)} and ${mask_BS ? show(mask_BS.shape) : 'none'}`,
      )
    if (!mask_BS) return null
    return mask_BS.dtype === 'bool' ? logicalNot(mask_BS) : eq(mask_BS, 0)
  }
}

/** The published models. */
export const TRANSFORMER_SIZES: Readonly<Record<'base' | 'big', TransformerConfig>> = {
  base: {},
  big: { channels: 1024, heads: 16, hidden: 4096 },
}
