// A language model for training from nothing. Place in the whole: GPT-2's decoder with what training from nothing leaves to choose, built
// from lib/nn; names and layouts are nanoGPT's, so its state dicts go both ways.
// Shapes: B batch, T positions, C channels, V vocabulary.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { ValueError } from '../errors.js'
import { tensor } from '../ops/creation.js'
import { copy_ } from '../ops/inplace.js'
import type { Tensor } from '../tensor/tensor.js'
import { GPTDecoder } from './gpt-decoder.js'

export interface GPTConfig {
  readonly vocabSize: number
  /** Longest context. */
  readonly blockSize: number
  readonly layers: number
  readonly heads: number
  readonly channels: number
  /** Hidden width of the MLP, in channels. Default 4. */
  readonly mlpRatio?: number
  /** Of the MLP: GELU by its approximation with tanh, as in GPT-2, or exactly, as in nanoGPT. Default 'geluTanh'. */
  readonly activation?: 'geluTanh' | 'gelu'
  /** After embeddings, attention and MLP. Default 0. */
  readonly dropout?: number
  /** Of attention's weights. Default 0. */
  readonly attentionDropout?: number
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

/** Token indices (B, T) to logits (B, T, V) for the token that follows each. */
export class GPT extends GPTDecoder {
  readonly config: Config

  /** @throws ValueError for an unknown option, a size that is no positive integer, and channels that do not divide into the heads */
  constructor(config: GPTConfig) {
    const { vocabSize, blockSize, layers, heads, channels, initStd = 0.02, embeddingStd = initStd } = config
    const defaults: Config = {
      vocabSize,
      blockSize,
      layers,
      heads,
      channels,
      mlpRatio: 4,
      activation: 'geluTanh',
      bias: true,
      tied: true,
      dropout: 0,
      attentionDropout: 0,
      initStd,
      embeddingStd,
      positions: 'normal',
    }
    known('GPT', config, Object.keys(defaults))
    positive('GPT', { vocabSize, blockSize, layers, heads, channels })
    const all = { ...defaults, ...config }
    if (!['geluTanh', 'gelu'].includes(all.activation))
      throw new ValueError(`GPT: activation is ${String(all.activation)}, expected 'geluTanh' or 'gelu'`)
    const { mlpRatio, positions, ...decoder } = all
    const sizes = { ...decoder, positions: blockSize, hidden: mlpRatio * channels, inOut: false }
    super(sizes, initStd, embeddingStd)
    this.config = all
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
