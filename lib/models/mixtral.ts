// Mixtral. Jiang et al. 2024, "Mixtral of Experts". Place in the whole: Llama's decoder (llama.ts) with a mixture of experts in the MLP's
// place; names and layouts are Hugging Face's, whose checkpoints load as they are.
// Shapes: B batch, T positions, C channels, E experts, V vocabulary.
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError } from '../errors.js'
import {
  Embedding,
  type GroupedQueryAttention,
  Linear,
  loadBalancingLoss,
  MixtureOfExperts,
  Module,
  ModuleList,
  RMSNorm,
  type RotaryEmbedding,
} from '../nn/index.js'
import * as init from '../nn/init.js'
import type { LoadReport } from '../nn/state-dict.js'
import { add } from '../ops/binary.js'
import { concat, stack } from '../ops/join.js'
import { reshape } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { readAttentionMask, type Unpadded } from './attention-mask.js'
import { lastPositions } from './generation/rows.js'
import type { DecoderCache } from './kv-cache.js'
import {
  attentionOf,
  CachedDecoderModule,
  type DecoderConfig,
  decoderConfig,
  initialize,
  LLAMA_KEYS,
  type LlamaCallOptions,
  type LlamaConfig,
  named,
  rotaryOf,
  type Sight,
  sightsOf,
} from './llama.js'

export interface MixtralConfig extends Omit<LlamaConfig, 'mlpBias'> {
  /** Default 8. */
  readonly experts?: number
  /** How many experts answer a token. Default 2. */
  readonly topK?: number
  /** See MixtureOfExperts. Default null: no limit. */
  readonly capacityFactor?: number | null
}

const KEYS = [...LLAMA_KEYS.filter((key) => key !== 'mlpBias'), 'experts', 'topK', 'capacityFactor']

type Config = DecoderConfig & Required<Pick<MixtralConfig, 'experts' | 'topK' | 'capacityFactor'>>

/** Attention and a mixture of experts, each after a norm and added to what came in: (B, T, C) to (B, T, C), and the router's scores. */
class DecoderLayer extends Module {
  selfAttn: GroupedQueryAttention
  mlp: MixtureOfExperts
  inputLayernorm: RMSNorm
  postAttentionLayernorm: RMSNorm

  constructor(config: Config, rotary: RotaryEmbedding) {
    super()
    const { channels, hidden, experts, topK, capacityFactor, eps, dtype } = config
    this.selfAttn = attentionOf(config, rotary)
    this.mlp = new MixtureOfExperts(channels, { hidden, experts, topK, capacityFactor, dtype })
    this.inputLayernorm = new RMSNorm(channels, { eps, dtype })
    this.postAttentionLayernorm = new RMSNorm(channels, { eps, dtype })
  }

  override forward(x_BTC: Tensor, sight: Sight): [y_BTC: Tensor, scores: Tensor] {
    const y_BTC = this.selfAttn.call(this.inputLayernorm.call(x_BTC), { ...sight, residual: x_BTC })
    const [z_BTC, scores] = this.mlp.call(this.postAttentionLayernorm.call(y_BTC))
    return [add(y_BTC, z_BTC), scores]
  }
}

/** All but the output layer: tokens (B, T) to features (B, T, C), and each layer's router's scores. */
class Decoder extends Module {
  embedTokens: Embedding
  layers: ModuleList<DecoderLayer>
  norm: RMSNorm

  constructor(config: Config) {
    super()
    const { vocabSize, channels, layers, eps, dtype } = config
    const rotary = rotaryOf(config)
    this.embedTokens = new Embedding(vocabSize, channels, { dtype })
    this.layers = new ModuleList(Array.from({ length: layers }, () => new DecoderLayer(config, rotary)))
    this.norm = new RMSNorm(channels, { eps, dtype })
  }

  override forward(
    tokens_BT: Tensor,
    cache: DecoderCache | null,
    unpadded: Unpadded | null,
  ): [features_BTC: Tensor, scores: Tensor[]] {
    let x_BTC: Tensor = this.embedTokens.call(tokens_BT)
    const sights = sightsOf(tokens_BT, cache, unpadded, this.layers.length)
    const all: Tensor[] = []
    for (const [i, layer] of [...this.layers].entries()) {
      const [y_BTC, scores] = layer.call(x_BTC, sights[i] as Sight)
      x_BTC = y_BTC
      all.push(scores)
    }
    return [this.norm.call(x_BTC), all]
  }
}

const MIXTRAL_8X7B = {
  positions: 32768,
  channels: 4096,
  layers: 32,
  heads: 32,
  kvHeads: 8,
  hidden: 14336,
  rotaryBase: 1_000_000,
} as const

/** Standard deviation of the experts' and routers' initial weights. */
const STD = 0.02

/**
 * Token indices (B, T) to logits (B, T, V) for the token that follows each. Every default is Mixtral 8x7B's, which has 46,702,792,704
 * parameters.
 */
export class Mixtral extends CachedDecoderModule {
  readonly config: Config
  model: Decoder
  lmHead: Linear

  /** @throws ValueError for keys that are not known, and sizes that are no positive integers or do not fit */
  constructor(config: MixtralConfig = {}) {
    super()
    const { experts = 8, topK = 2, capacityFactor = null } = config
    const own = decoderConfig('Mixtral', config, MIXTRAL_8X7B, KEYS)
    this.config = { ...own, experts, topK, capacityFactor }
    const { channels, vocabSize, tied, dtype } = this.config
    this.model = new Decoder(this.config)
    this.lmHead = new Linear(channels, vocabSize, { bias: false, dtype })
    initialize(this)
    for (const { mlp } of this.model.layers) for (const weight of mlp.parameters()) init.normal(weight, 0, STD)
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
    const [features_BTC] = this.#features(tokens_BT, cache, attentionMask)
    return this.lmHead.call(lastPositions(features_BTC, logitsToKeep))
  }

  /**
   * Logits, and the load-balancing loss that training adds to its own, times a small number (Mixtral: 0.001). Padding counts in neither.
   *
   * @throws ShapeError for other shapes
   */
  balanced(
    tokens_BT: Tensor,
    { attentionMask = null }: Pick<LlamaCallOptions, 'attentionMask'> = {},
  ): { logits_BTV: Tensor; balance: Tensor } {
    const [features_BTC, scores] = this.#features(tokens_BT, null, attentionMask)
    const mask = attentionMask ? reshape(attentionMask, [attentionMask.numel]) : null
    return { logits_BTV: this.lmHead.call(features_BTC), balance: loadBalancingLoss(scores, this.config.topK, mask) }
  }

  #features(tokens_BT: Tensor, cache: DecoderCache | null, attentionMask: Tensor | null): [Tensor, Tensor[]] {
    if (tokens_BT.rank !== 2) throw new ShapeError(`Mixtral: takes tokens (b, t), found ${show(tokens_BT.shape)}`)
    const unpadded = attentionMask && readAttentionMask('Mixtral', attentionMask, tokens_BT, cache)
    return this.model.call(tokens_BT, cache, unpadded)
  }

  /**
   * As every module's; takes Hugging Face's state dicts, which hold a layer's experts together, and its files, which hold each expert's
   * w1 (gate), w3 (up) and w2 (down).
   */
  override loadStateDict(
    state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    options: { strict?: boolean } = {},
  ): LoadReport {
    return noGrad(() => scope(() => super.loadStateDict(together(named(state, this.config.tied)), options)))
  }
}

const EXPERT = /^(.*)\.block_sparse_moe\.experts\.(\d+)\.(w1|w2|w3)\.weight$/

/** With the experts of each layer as one tensor. */
function together(state: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const result = new Map<string, Tensor>()
  const experts = new Map<string, Record<'w1' | 'w2' | 'w3', Tensor>[]>()
  for (const [name, tensor] of state) {
    const match = EXPERT.exec(name)
    if (!match) {
      result.set(name.replace('.block_sparse_moe.', '.mlp.'), tensor)
      continue
    }
    const [, layer, index, part] = match as unknown as [string, string, string, 'w1' | 'w2' | 'w3']
    const all = experts.get(layer) ?? []
    all[Number(index)] = { ...(all[Number(index)] as Record<'w1' | 'w2' | 'w3', Tensor>), [part]: tensor }
    experts.set(layer, all)
  }
  for (const [layer, all] of experts) {
    // An expert that lacks a part stays apart, under its own name, and is reported as surplus.
    const whole = Array.from(all).filter((expert) => expert?.w1 && expert.w2 && expert.w3)
    if (whole.length < all.length) {
      for (const [i, expert] of all.entries())
        for (const [part, tensor] of Object.entries(expert ?? {}))
          result.set(`${layer}.block_sparse_moe.experts.${i}.${part}.weight`, tensor)
      continue
    }
    result.set(`${layer}.mlp.experts.gate_up_proj`, stack(whole.map(({ w1, w3 }) => concat([w1, w3], 0))))
    result.set(`${layer}.mlp.experts.down_proj`, stack(whole.map(({ w2 }) => w2)))
  }
  return result
}
