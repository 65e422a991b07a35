// GPT-2. Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". Place in the whole: the decoder of gpt-decoder.ts with
// Hugging Face's names and layouts, whose checkpoints load as they are.
// Shapes: B batch, T positions, V vocabulary.
import { known, positive } from '../check.js'
import type { LoadReport } from '../nn/state-dict.js'
import { type GivenState, renamed } from './checkpoint.js'
import { GPTDecoder } from './gpt-decoder.js'

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

/** Standard deviation of initial weights. */
const STD = 0.02

/** What Hugging Face's files hold besides parameters: the causal mask and its value, as buffers of each attention. */
const MASKS = /\.attn\.(masked_)?bias$/

/**
 * Token indices (B, T) to logits (B, T, V) for the token that follows each; the output layer's weight is the token embedding's.
 * Every default is the 124M model's, which has 124,439,808 parameters.
 */
export class GPT2 extends GPTDecoder {
  readonly config: Config

  /** @throws ValueError for an unknown option, a size that is no positive integer, and channels that do not divide into the heads */
  constructor(config: GPT2Config = {}) {
    const published = { vocabSize: 50257, positions: 1024, channels: 768, layers: 12, heads: 12 } as const
    const defaults: Config = { ...published, dropout: 0, attentionDropout: 0 }
    known('GPT2', config, Object.keys(defaults))
    const all = { ...defaults, ...config }
    const { vocabSize, positions, channels, layers, heads } = all
    positive('GPT2', { vocabSize, positions, channels, layers, heads })
    super({ ...all, hidden: 4 * channels, activation: 'geluTanh', bias: true, inOut: true, tied: true }, STD, STD)
    this.config = all
  }

  /**
   * As every module's; takes Hugging Face's files of the bare transformer (names without `transformer.`) and of the language model, with
   * or without the tied `lm_head.weight` and the buffers of masks.
   */
  override loadStateDict(state: GivenState, options: { strict?: boolean } = {}): LoadReport {
    const named = renamed(state, (name) => {
      if (MASKS.test(name)) return null
      return /^(transformer|lm_head)\./.test(name) ? name : `transformer.${name}`
    })
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
