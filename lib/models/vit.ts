// Vision transformers. Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale". Place in
// the whole: a model like any user's, built from lib/nn; names are torchvision's, whose checkpoints load as they are.
// Shapes: N images, I channels of an image, H and W height and width, G patches along a side, T = 1 + G * G positions, C channels, K
// classes.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import {
  Conv2d,
  Dropout,
  init,
  LayerNorm,
  Linear,
  Module,
  ModuleDict,
  MultiheadAttention,
  Parameter,
} from '../nn/index.js'
import type { LoadReport, StateDict } from '../nn/state-dict.js'
import { add } from '../ops/binary.js'
import { zeros } from '../ops/creation.js'
import { concat } from '../ops/join.js'
import { type InterpolationMode, interpolate } from '../ops/resample.js'
import { tanh } from '../ops/unary.js'
import { expand, flatten, narrow, permute, reshape, select, transpose } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type GivenState, renamed } from './checkpoint.js'

export interface VisionTransformerConfig {
  /** Height and width of a patch. */
  readonly patchSize: number
  readonly layers: number
  readonly heads: number
  readonly channels: number
  /** Width of the MLP. Default 4 * channels. */
  readonly hidden?: number
  /** Height and width of the images, a multiple of the patches'. Default 224. */
  readonly imageSize?: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /** Default 1000. */
  readonly classes?: number
  /** Width of a layer with tanh between the class token's result and the logits, as in pre-training; null for none. Default null. */
  readonly representation?: number | null
  /** Of embeddings and of what joins the residual stream. Default 0. */
  readonly dropout?: number
  /** Of attention's weights. Default 0. */
  readonly attentionDropout?: number
}

type Config = Required<VisionTransformerConfig>

/** Of the norms. */
const EPS = 1e-6

/** Two linear layers with a GELU between, each dropped out, added to `residual`: (N, T, C) to (N, T, C). */
class MLP extends Module {
  /** torchvision's is a sequence: linear, GELU, dropout, linear, dropout. */
  static override readonly stateNames = { expand: '0', contract: '3' }
  expand: Linear
  contract: Linear
  readonly #dropout: number

  constructor({ channels, hidden, dropout }: Config) {
    super()
    this.expand = new Linear(channels, hidden)
    this.contract = new Linear(hidden, channels)
    this.#dropout = dropout
    for (const { weight, bias } of [this.expand, this.contract]) {
      init.xavierUniform(weight)
      init.normal(bias as Parameter, 0, 1e-6)
    }
  }

  override forward(x_NTC: Tensor, residual_NTC: Tensor): Tensor {
    const dropout = this.training ? this.#dropout : 0
    const hidden = this.expand.call(x_NTC, { activation: 'gelu', dropout })
    return this.contract.call(hidden, { dropout, residual: residual_NTC })
  }
}

/** Attention and MLP, each after a norm and added to what came in: (N, T, C) to (N, T, C). */
class Block extends Module {
  ln_1: LayerNorm
  selfAttention: MultiheadAttention
  ln_2: LayerNorm
  mlp: MLP
  readonly #dropout: number

  constructor(config: Config) {
    super()
    const { channels, heads, dropout, attentionDropout } = config
    this.ln_1 = new LayerNorm(channels, { eps: EPS })
    this.selfAttention = new MultiheadAttention(channels, heads, { dropout: attentionDropout, batchFirst: true })
    this.ln_2 = new LayerNorm(channels, { eps: EPS })
    this.mlp = new MLP(config)
    this.#dropout = dropout
  }

  override forward(x_NTC: Tensor): Tensor {
    const z_NTC = this.ln_1.call(x_NTC)
    const epilogue = { dropout: this.training ? this.#dropout : 0, residual: x_NTC }
    const [y_NTC] = this.selfAttention.call(z_NTC, z_NTC, z_NTC, { epilogue })
    return this.mlp.call(this.ln_2.call(y_NTC), y_NTC)
  }
}

/** Adds the positions' embeddings, then blocks and a norm: (N, T, C) to (N, T, C). */
class Encoder extends Module {
  posEmbedding: Parameter
  dropout: Dropout
  layers: ModuleDict<Block>
  ln: LayerNorm

  constructor(config: Config, positions: number) {
    super()
    const { layers, channels, dropout } = config
    this.posEmbedding = init.normal(new Parameter(zeros([1, positions, channels])), 0, 0.02)
    this.dropout = new Dropout(dropout)
    const blocks = Array.from({ length: layers }, (_, i) => [`encoder_layer_${i}`, new Block(config)] as const)
    this.layers = new ModuleDict(blocks)
    this.ln = new LayerNorm(channels, { eps: EPS })
  }

  override forward(x_NTC: Tensor): Tensor {
    let y_NTC: Tensor = this.dropout.call(add(x_NTC, this.posEmbedding))
    for (const [, block] of this.layers) y_NTC = block.call(y_NTC)
    return this.ln.call(y_NTC)
  }
}

/** From the class token's result to logits: (N, C) to (N, K). */
class Heads extends Module {
  preLogits: Linear | null
  head: Linear

  constructor({ channels, representation, classes }: Config) {
    super()
    this.preLogits = representation === null ? null : new Linear(channels, representation)
    this.head = new Linear(representation ?? channels, classes)
    if (this.preLogits) {
      init.truncNormal(this.preLogits.weight, 0, Math.sqrt(1 / channels))
      init.zeros(this.preLogits.bias as Parameter)
    }
    init.zeros(this.head.weight)
    init.zeros(this.head.bias as Parameter)
  }

  override forward(x_NC: Tensor): Tensor {
    return this.head.call(this.preLogits ? tanh(this.preLogits.call(x_NC)) : x_NC)
  }
}

/** torchvision's checkpoints were written when the MLP's layers had these names. */
const LEGACY_MLP = /\.mlp\.linear_([12])\./

/**
 * Images (N, I, H, W) to logits (N, K): each patch of an image is one position of a transformer, whose first position is a class token.
 * Definition and initial values: torchvision.models.VisionTransformer, so a new model's logits are 0.
 *
 * A model takes images of one size; `interpolateEmbeddings` fits a state dict to another.
 */
export class VisionTransformer extends Module {
  readonly config: Config
  classToken: Parameter
  convProj: Conv2d
  encoder: Encoder
  heads: Heads

  /**
   * @throws ValueError for an unknown option, a size that is no positive integer, images that do not divide into patches, and channels
   *   that do not divide into the heads
   */
  constructor(config: VisionTransformerConfig) {
    super()
    const { patchSize, layers, heads, channels } = config
    const defaults: Config = {
      imageSize: 224,
      patchSize,
      inChannels: 3,
      classes: 1000,
      representation: null,
      layers,
      heads,
      channels,
      hidden: 4 * channels,
      dropout: 0,
      attentionDropout: 0,
    }
    known('VisionTransformer', config, Object.keys(defaults))
    this.config = { ...defaults, ...config }
    const { imageSize, inChannels, classes, hidden } = this.config
    positive('VisionTransformer', { imageSize, patchSize, inChannels, classes, layers, heads, channels, hidden })
    if (imageSize % patchSize !== 0)
      throw new ValueError(`VisionTransformer: images of ${imageSize} do not divide into patches of ${patchSize}`)
    if (channels % heads !== 0)
      throw new ValueError(`VisionTransformer: ${channels} channels do not divide into ${heads} heads`)
    this.classToken = new Parameter(zeros([1, 1, channels]))
    this.convProj = new Conv2d(inChannels, channels, patchSize, { stride: patchSize })
    init.truncNormal(this.convProj.weight, 0, Math.sqrt(1 / (inChannels * patchSize * patchSize)))
    init.zeros(this.convProj.bias as Parameter)
    this.encoder = new Encoder(this.config, 1 + (imageSize / patchSize) ** 2)
    this.heads = new Heads(this.config)
  }

  /** @throws ShapeError for images of another size */
  override forward(x_NIHW: Tensor): Tensor {
    const { imageSize, inChannels, channels } = this.config
    const expected = [inChannels, imageSize, imageSize]
    if (x_NIHW.rank !== 4 || show(x_NIHW.shape.slice(1)) !== show(expected)) {
      throw new ShapeError(
        `VisionTransformer: takes images (n, ${expected.join(', ')}), found ${show(x_NIHW.shape)}; interpolateEmbeddings fits a state dict to another size, and one image alone needs unsqueeze(0)`,
      )
    }
    const patches_NTC = transpose(flatten(this.convProj.call(x_NIHW), 2), 1, 2)
    const class_N1C = expand(this.classToken, [x_NIHW.shape[0] as number, 1, channels])
    const y_NTC = this.encoder.call(concat([class_N1C, patches_NTC], 1))
    return this.heads.call(select(y_NTC, 1, 0))
  }

  /** As every module's; takes torchvision's old names of the MLP's layers too (`linear_1`, `linear_2`). */
  override loadStateDict(state: GivenState, options: { strict?: boolean } = {}): LoadReport {
    const current = (name: string): string =>
      name.replace(LEGACY_MLP, (_, layer) => (layer === '1' ? '.mlp.0.' : '.mlp.3.'))
    return super.loadStateDict(renamed(state, current), options)
  }
}

export interface InterpolateEmbeddingsOptions {
  /** Of the model that is to take the state dict. */
  readonly imageSize: number
  readonly patchSize: number
  /** Default 'bicubic'. */
  readonly mode?: InterpolationMode
}

/** Where a state dict has the positions. */
const POSITIONS = 'encoder.pos_embedding'

/**
 * A `VisionTransformer`'s state dict for images of another size: the grid of positions is interpolated, its corners stay in place, and
 * the class token keeps its position. All other tensors are the given ones. Definition: torchvision's interpolate_embeddings.
 *
 * @throws ValueError for a size that does not divide into patches and for a state dict without positions; ShapeError where those
 * are no square grid and a class token
 */
export function interpolateEmbeddings(
  state: GivenState,
  { imageSize, patchSize, mode = 'bicubic' }: InterpolateEmbeddingsOptions,
): StateDict {
  const result: StateDict = renamed(state)
  const positions_1TC = result.get(POSITIONS)
  if (!positions_1TC) throw new ValueError(`interpolateEmbeddings: the state dict has no '${POSITIONS}'`)
  if (imageSize % patchSize !== 0)
    throw new ValueError(`interpolateEmbeddings: images of ${imageSize} do not divide into patches of ${patchSize}`)
  const [one, t, c] = positions_1TC.shape as [number, number, number]
  const grid = Math.round(Math.sqrt(t - 1))
  if (positions_1TC.rank !== 3 || one !== 1 || grid * grid !== t - 1) {
    throw new ShapeError(
      `interpolateEmbeddings: '${POSITIONS}' is ${show(positions_1TC.shape)}, expected (1, 1 + g * g, c) for a grid of g by g patches`,
    )
  }
  const size = imageSize / patchSize
  if (size === grid) return result
  const resized = noGrad(() => {
    const from_1CGG = permute(reshape(narrow(positions_1TC, 1, 1, t - 1), [1, grid, grid, c]), [0, 3, 1, 2])
    const to_1CGG = interpolate(from_1CGG, { size, mode, alignCorners: true })
    return concat([narrow(positions_1TC, 1, 0, 1), transpose(flatten(to_1CGG, 2), 1, 2)], 1)
  })
  return result.set(POSITIONS, resized)
}

const BASE = { layers: 12, heads: 12, channels: 768 } as const
const LARGE = { layers: 24, heads: 16, channels: 1024 } as const
const HUGE = { layers: 32, heads: 16, channels: 1280 } as const

/** The published models: 86,567,656, 88,224,232, 304,326,632, 306,535,400 and 632,045,800 parameters for images of 224 x 224. */
export const VIT_SIZES: Readonly<Record<'B/16' | 'B/32' | 'L/16' | 'L/32' | 'H/14', VisionTransformerConfig>> = {
  'B/16': { ...BASE, patchSize: 16 },
  'B/32': { ...BASE, patchSize: 32 },
  'L/16': { ...LARGE, patchSize: 16 },
  'L/32': { ...LARGE, patchSize: 32 },
  'H/14': { ...HUGE, patchSize: 14 },
}
