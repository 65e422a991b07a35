// CLIP. Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision". Place in the whole: a model like any
// user's, built from lib/nn; names are Hugging Face's, whose checkpoints load as they are.
// Shapes: N images, I channels of an image, H and W height and width, B texts, T positions, C channels of a tower, P of the projections.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { Conv2d, Embedding, init, LayerNorm, Linear, Module, ModuleList, Parameter } from '../nn/index.js'
import type { LoadReport } from '../nn/state-dict.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { add, eq, mul } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange, full, zeros } from '../ops/creation.js'
import { crossEntropy } from '../ops/crossEntropy.js'
import { indexSelect } from '../ops/indexing.js'
import { concat } from '../ops/join.js'
import { matmul } from '../ops/matmul.js'
import { argmax } from '../ops/reduce.js'
import { interpolate } from '../ops/resample.js'
import { normalize } from '../ops/similarity.js'
import { exp, silu } from '../ops/unary.js'
import { expand, flatten, narrow, permute, reshape, select, transpose } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type GivenState, renamed } from './checkpoint.js'

/** A transformer that reads one kind of input. */
export interface ClipTowerConfig {
  /** Default 768, of texts 512. */
  readonly channels?: number
  /** Default 12. */
  readonly layers?: number
  /** Default 12, of texts 8. */
  readonly heads?: number
  /** Width of the MLP. Default 4 * channels. */
  readonly hidden?: number
  /** 'quickGelu' is x * sigmoid(1.702 x), as the published models have it. Default 'quickGelu'. */
  readonly activation?: 'quickGelu' | 'gelu'
  /** Of attention's weights. Default 0. */
  readonly attentionDropout?: number
  /** Of the norms. Default 1e-5. */
  readonly eps?: number
}

export interface ClipTextConfig extends ClipTowerConfig {
  /** Default 49408. */
  readonly vocabSize?: number
  /** Longest text. Default 77. */
  readonly positions?: number
  /** The token whose first place in a text stands for the text. Default 49407. */
  readonly endOfText?: number
}

export interface ClipVisionConfig extends ClipTowerConfig {
  /** Height and width of the images. Default 224. */
  readonly imageSize?: number
  /** Height and width of a patch. Default 32. */
  readonly patchSize?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
}

export interface ClipConfig {
  readonly text?: ClipTextConfig
  readonly vision?: ClipVisionConfig
  /** Width of the features that texts and images share. Default 512. */
  readonly projection?: number
  /** Logarithm of the factor of the similarities, at first. Default ln(1 / 0.07), rounded as in the published models. */
  readonly logitScale?: number
}

type Tower = Required<ClipTowerConfig>
type TextConfig = Required<ClipTextConfig>
type VisionConfig = Required<ClipVisionConfig>

/** Self-attention, added to `residual`: (B, T, C) to (B, T, C). */
class Attention extends Module {
  kProj: Linear
  vProj: Linear
  qProj: Linear
  outProj: Linear
  readonly config: Tower

  constructor(config: Tower) {
    super()
    const { channels, layers } = config
    this.kProj = new Linear(channels, channels)
    this.vProj = new Linear(channels, channels)
    this.qProj = new Linear(channels, channels)
    this.outProj = new Linear(channels, channels)
    this.config = config
    for (const { weight } of [this.kProj, this.vProj, this.qProj])
      init.normal(weight, 0, 1 / Math.sqrt(2 * layers * channels))
    init.normal(this.outProj.weight, 0, 1 / Math.sqrt(channels))
  }

  override forward(x_BTC: Tensor, residual_BTC: Tensor, causal: boolean): Tensor {
    const { heads, attentionDropout } = this.config
    const [b, t, c] = x_BTC.shape as [number, number, number]
    const split = (layer: Linear): Tensor => transpose(reshape(layer.call(x_BTC), [b, t, heads, c / heads]), 1, 2)
    const y_BHTD = scaledDotProductAttention(split(this.qProj), split(this.kProj), split(this.vProj), {
      causal,
      dropout: this.training ? attentionDropout : 0,
    })
    return this.outProj.call(reshape(transpose(y_BHTD, 1, 2), [b, t, c]), { residual: residual_BTC })
  }
}

/** x sigmoid(1.702 x), which is silu(1.702 x) / 1.702: Hendrycks and Gimpel's (2016) cheaper approximation of GELU. */
const quickGelu = (x: Tensor): Tensor => mul(silu(mul(x, STEEPNESS)), 1 / STEEPNESS)
const STEEPNESS = 1.702

/** Two linear layers with an activation between, added to `residual`: (B, T, C) to (B, T, C). */
class MLP extends Module {
  fc1: Linear
  fc2: Linear
  readonly #activation: Tower['activation']

  constructor({ channels, hidden, layers, activation }: Tower) {
    super()
    this.fc1 = new Linear(channels, hidden)
    this.fc2 = new Linear(hidden, channels)
    this.#activation = activation
    init.normal(this.fc1.weight, 0, 1 / Math.sqrt(2 * channels))
    init.normal(this.fc2.weight, 0, 1 / Math.sqrt(2 * layers * channels))
  }

  override forward(x_BTC: Tensor, residual_BTC: Tensor): Tensor {
    const quick = this.#activation === 'quickGelu'
    const hidden = quick ? quickGelu(this.fc1.call(x_BTC)) : this.fc1.call(x_BTC, { activation: 'gelu' })
    return this.fc2.call(hidden, { residual: residual_BTC })
  }
}

/** Attention and MLP, each after a norm and added to what came in: (B, T, C) to (B, T, C). */
class EncoderLayer extends Module {
  selfAttn: Attention
  layerNorm1: LayerNorm
  mlp: MLP
  layerNorm2: LayerNorm

  constructor(config: Tower) {
    super()
    const { channels, eps } = config
    this.selfAttn = new Attention(config)
    this.layerNorm1 = new LayerNorm(channels, { eps })
    this.mlp = new MLP(config)
    this.layerNorm2 = new LayerNorm(channels, { eps })
  }

  override forward(x_BTC: Tensor, causal: boolean): Tensor {
    const y_BTC = this.selfAttn.call(this.layerNorm1.call(x_BTC), x_BTC, causal)
    return this.mlp.call(this.layerNorm2.call(y_BTC), y_BTC)
  }
}

/** Layers one after the other: (B, T, C) to (B, T, C). */
class Encoder extends Module {
  layers: ModuleList<EncoderLayer>

  constructor(config: Tower) {
    super()
    this.layers = new ModuleList(Array.from({ length: config.layers }, () => new EncoderLayer(config)))
    for (const module of this.modules()) if (module instanceof Linear) init.zeros(module.bias as Parameter)
  }

  override forward(x_BTC: Tensor, causal: boolean): Tensor {
    let y_BTC = x_BTC
    for (const layer of this.layers) y_BTC = layer.call(y_BTC, causal)
    return y_BTC
  }
}

/** Standard deviation of initial embeddings. */
const STD = 0.02

/** Tokens (B, T) and their positions to (B, T, C). */
class TextEmbeddings extends Module {
  tokenEmbedding: Embedding
  positionEmbedding: Embedding

  constructor({ vocabSize, positions, channels }: TextConfig) {
    super()
    this.tokenEmbedding = new Embedding(vocabSize, channels)
    this.positionEmbedding = new Embedding(positions, channels)
    for (const { weight } of [this.tokenEmbedding, this.positionEmbedding]) init.normal(weight, 0, STD)
  }

  override forward(tokens_BT: Tensor): Tensor {
    const positions_TC = narrow(this.positionEmbedding.weight, 0, 0, tokens_BT.shape[1] as number)
    return add(this.tokenEmbedding.call(tokens_BT), positions_TC)
  }
}

/** Patches of images (N, I, H, W) behind a class token, and their positions, to (N, T, C). */
class VisionEmbeddings extends Module {
  classEmbedding: Parameter
  patchEmbedding: Conv2d
  positionEmbedding: Embedding
  readonly #grid: number

  constructor({ imageSize, patchSize, inChannels, channels }: VisionConfig) {
    super()
    this.classEmbedding = init.normal(new Parameter(zeros([channels])), 0, 1 / Math.sqrt(channels))
    this.patchEmbedding = new Conv2d(inChannels, channels, patchSize, { stride: patchSize, bias: false })
    this.#grid = Math.floor(imageSize / patchSize)
    this.positionEmbedding = new Embedding(1 + this.#grid ** 2, channels)
    for (const { weight } of [this.patchEmbedding, this.positionEmbedding]) init.normal(weight, 0, STD)
  }

  override forward(x_NIHW: Tensor): Tensor {
    const patches_NCHW = this.patchEmbedding.call(x_NIHW)
    const [n, c, h, w] = patches_NCHW.shape as [number, number, number, number]
    const class_N1C = expand(this.classEmbedding, [n, 1, c])
    return add(concat([class_N1C, transpose(flatten(patches_NCHW, 2), 1, 2)], 1), this.#positions(h, w))
  }

  /** (T, C) for h by w patches: the learned grid, interpolated where that is another. */
  #positions(h: number, w: number): Tensor {
    const { weight } = this.positionEmbedding
    const grid = this.#grid
    if (h === grid && w === grid) return weight
    const from_1CGG = permute(reshape(narrow(weight, 0, 1, grid * grid), [1, grid, grid, -1]), [0, 3, 1, 2])
    const to_1CHW = interpolate(from_1CGG, { size: [h, w], mode: 'bicubic' })
    return concat([narrow(weight, 0, 0, 1), transpose(select(flatten(to_1CHW, 2), 0, 0))], 0)
  }
}

export interface ClipTowerResult {
  /** One for each position (B, T, C). */
  readonly features: Tensor
  /** One for each input (B, C). */
  readonly pooled: Tensor
}

/** What a tower leaves open: texts and images have other channels and heads. */
const towerDefaults = (channels: number, heads: number): Tower => ({
  channels,
  layers: 12,
  heads,
  hidden: 4 * channels,
  activation: 'quickGelu',
  attentionDropout: 0,
  eps: 1e-5,
})

function completed<C extends Tower>(name: string, config: Partial<C>, defaults: C): C {
  known(name, config, Object.keys(defaults))
  const all = { ...defaults, ...config }
  const { channels, layers, heads, hidden, activation } = all
  positive(name, { channels, layers, heads, hidden })
  if (channels % heads !== 0) throw new ValueError(`${name}: ${channels} channels do not divide into ${heads} heads`)
  if (activation !== 'quickGelu' && activation !== 'gelu')
    throw new ValueError(`${name}: activation '${String(activation)}' is not one of quickGelu, gelu`)
  return all
}

/**
 * Tokens (B, T), T from 1 to `positions`, to features: a decoder's transformer, whose result at a text's first end-of-text token stands for
 * the text. In a text without that token the first position's does.
 */
export class ClipTextModel extends Module {
  readonly config: TextConfig
  embeddings: TextEmbeddings
  encoder: Encoder
  finalLayerNorm: LayerNorm

  /** @throws ValueError for an unknown option, a size that is no positive integer, and channels that do not divide into the heads */
  constructor(config: ClipTextConfig = {}) {
    super()
    const defaults = { ...towerDefaults(config.channels ?? 512, 8), vocabSize: 49408, positions: 77, endOfText: 49407 }
    this.config = completed('ClipTextModel', config, defaults)
    const { channels, eps, vocabSize, positions } = this.config
    positive('ClipTextModel', { vocabSize, positions })
    this.embeddings = new TextEmbeddings(this.config)
    this.encoder = new Encoder(this.config)
    this.finalLayerNorm = new LayerNorm(channels, { eps })
  }

  /** @throws ShapeError for other shapes, for no position, and for more than the model has */
  override forward(tokens_BT: Tensor): ClipTowerResult {
    const { positions, endOfText } = this.config
    const [b, t] = tokens_BT.shape as [number, number]
    if (tokens_BT.rank !== 2 || t < 1 || t > positions) {
      throw new ShapeError(
        `ClipTextModel: takes tokens (b, t) with t from 1 to ${positions}, found ${show(tokens_BT.shape)}`,
      )
    }
    const features = this.finalLayerNorm.call(this.encoder.call(this.embeddings.call(tokens_BT), true))
    const ends_B = argmax(cast(eq(tokens_BT, endOfText), 'i32'), 1)
    const rows_B = add(ends_B, arange(0, b * t, t, { dtype: ends_B.dtype, device: tokens_BT.device }))
    return { features, pooled: indexSelect(reshape(features, [b * t, this.config.channels]), 0, rows_B) }
  }
}

export interface ClipVisionOptions {
  /** Takes images of any size from a patch on, with positions interpolated to theirs. Default false. */
  readonly interpolatePositions?: boolean
}

/** Images (N, I, H, W) to features: a transformer over patches and a class token, whose result stands for the image. */
export class ClipVisionModel extends Module {
  static override readonly stateNames = { preLayerNorm: 'pre_layrnorm', postLayerNorm: 'post_layernorm' } // sic
  readonly config: VisionConfig
  embeddings: VisionEmbeddings
  preLayerNorm: LayerNorm
  encoder: Encoder
  postLayerNorm: LayerNorm

  /** @throws ValueError for an unknown option, a size that is no positive integer, and channels that do not divide into the heads */
  constructor(config: ClipVisionConfig = {}) {
    super()
    const defaults = { ...towerDefaults(config.channels ?? 768, 12), imageSize: 224, patchSize: 32, inChannels: 3 }
    this.config = completed('ClipVisionModel', config, defaults)
    const { channels, eps, imageSize, patchSize, inChannels } = this.config
    positive('ClipVisionModel', { imageSize, patchSize, inChannels })
    if (patchSize > imageSize)
      throw new ValueError(`ClipVisionModel: patches of ${patchSize} do not fit into images of ${imageSize}`)
    this.embeddings = new VisionEmbeddings(this.config)
    this.preLayerNorm = new LayerNorm(channels, { eps })
    this.encoder = new Encoder(this.config)
    this.postLayerNorm = new LayerNorm(channels, { eps })
  }

  /** @throws ShapeError for images of other shapes; with `interpolatePositions`, of other channels and smaller than a patch */
  override forward(x_NIHW: Tensor, { interpolatePositions = false }: ClipVisionOptions = {}): ClipTowerResult {
    const { imageSize, patchSize, inChannels } = this.config
    const [channels, h, w] = x_NIHW.shape.slice(1) as [number, number, number]
    const sized = interpolatePositions ? Math.min(h, w) >= patchSize : h === imageSize && w === imageSize
    if (x_NIHW.rank !== 4 || channels !== inChannels || !sized) {
      const wanted = interpolatePositions
        ? `(n, ${inChannels}, h, w) of at least ${patchSize} by ${patchSize}`
        : `(n, ${inChannels}, ${imageSize}, ${imageSize})`
      const advice = interpolatePositions ? '' : '; other sizes take { interpolatePositions: true }'
      throw new ShapeError(`ClipVisionModel: takes images ${wanted}, found ${show(x_NIHW.shape)}${advice}`)
    }
    const features = this.encoder.call(this.preLayerNorm.call(this.embeddings.call(x_NIHW)), false)
    return { features, pooled: this.postLayerNorm.call(select(features, 1, 0)) }
  }
}

export interface ClipResult {
  /** Similarity of each image to each text, times exp(logitScale): (N, B). */
  readonly logitsPerImage: Tensor
  /** The same the other way round (B, N). */
  readonly logitsPerText: Tensor
  /** Of length 1 (N, P). */
  readonly imageFeatures: Tensor
  /** Of length 1 (B, P). */
  readonly textFeatures: Tensor
}

/** In the published models exp(logitScale) is never above this. */
const MOST_SCALE = 100

/**
 * Images and texts to features in one space, and their similarities. Every default is ViT-B/32's, which has 151,277,313 parameters.
 * Definition: transformers' CLIPModel.
 */
export class Clip extends Module {
  logitScale: Parameter
  textModel: ClipTextModel
  visionModel: ClipVisionModel
  visualProjection: Linear
  textProjection: Linear

  /** @throws ValueError for an unknown option, and as the towers do */
  constructor(config: ClipConfig = {}) {
    super()
    known('Clip', config, ['text', 'vision', 'projection', 'logitScale'])
    const { text = {}, vision = {}, projection = 512, logitScale = 2.6592 } = config
    this.logitScale = new Parameter(full([], logitScale))
    this.textModel = new ClipTextModel(text)
    this.visionModel = new ClipVisionModel(vision)
    const projected = ({ config }: ClipTextModel | ClipVisionModel): Linear => {
      const layer = new Linear(config.channels, projection, { bias: false })
      init.normal(layer.weight, 0, 1 / Math.sqrt(config.channels))
      return layer
    }
    this.visualProjection = projected(this.visionModel)
    this.textProjection = projected(this.textModel)
  }

  /** Images (N, I, H, W) to features of length 1 (N, P). */
  imageFeatures(x_NIHW: Tensor, options: ClipVisionOptions = {}): Tensor {
    return normalize(this.visualProjection.call(this.visionModel.call(x_NIHW, options).pooled))
  }

  /** Tokens (B, T) to features of length 1 (B, P). */
  textFeatures(tokens_BT: Tensor): Tensor {
    return normalize(this.textProjection.call(this.textModel.call(tokens_BT).pooled))
  }

  override forward(x_NIHW: Tensor, tokens_BT: Tensor, options: ClipVisionOptions = {}): ClipResult {
    const imageFeatures = this.imageFeatures(x_NIHW, options)
    const textFeatures = this.textFeatures(tokens_BT)
    const logitsPerText = mul(matmul(textFeatures, transpose(imageFeatures)), exp(this.logitScale))
    return { logitsPerImage: transpose(logitsPerText), logitsPerText, imageFeatures, textFeatures }
  }

  /** Bounds exp(logitScale) by 100, as the published models do after every step, or training may become unstable. */
  limitLogitScale(): void {
    noGrad(() => this.logitScale.clamp_(null, Math.log(MOST_SCALE)))
  }

  /** As every module's; leaves out the position indices of old files. */
  override loadStateDict(state: GivenState, options: { strict?: boolean } = {}): LoadReport {
    const named = renamed(state, (name) => (name.endsWith('.embeddings.position_ids') ? null : name))
    return super.loadStateDict(named, options)
  }
}

/**
 * The loss of paired images and texts: for each text the cross entropy of telling its image among all, and for each image its text; the
 * mean of both. Logits (N, N), either way round.
 *
 * @throws ShapeError for other shapes
 */
export function contrastiveLoss(logits_NN: Tensor): Tensor {
  const [n] = logits_NN.shape as [number]
  if (logits_NN.rank !== 2 || logits_NN.shape[1] !== n)
    throw new ShapeError(
      `contrastiveLoss: takes logits (n, n) of as many images as texts, found ${show(logits_NN.shape)}`,
    )
  const pairs_N = arange(n, undefined, 1, { device: logits_NN.device })
  return mul(add(crossEntropy(logits_NN, pairs_N), crossEntropy(transpose(logits_NN), pairs_N)), 0.5)
}

const LARGE_TEXT = { channels: 768, heads: 12 } as const
const LARGE_VISION = { channels: 1024, layers: 24, heads: 16, patchSize: 14 } as const

/** The published models with vision transformers: 151,277,313, 149,620,737, 427,616,513 and 427,944,193 parameters. */
export const CLIP_SIZES: Readonly<Record<'ViT-B/32' | 'ViT-B/16' | 'ViT-L/14' | 'ViT-L/14@336px', ClipConfig>> = {
  'ViT-B/32': {},
  'ViT-B/16': { vision: { patchSize: 16 } },
  'ViT-L/14': { text: LARGE_TEXT, vision: LARGE_VISION, projection: 768 },
  'ViT-L/14@336px': { text: LARGE_TEXT, vision: { ...LARGE_VISION, imageSize: 336 }, projection: 768 },
}
