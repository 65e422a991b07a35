// Mixture of experts: each token is answered by the few of many MLPs that a router picks for it. Place in the whole: built from the
// products of rows that belong to experts; names and layouts are Hugging Face's Mixtral's.
// Shapes: N tokens, K choices of each, E experts, C channels, F hidden features.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { add, div, lt, mul, ne, remainder, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange, zeros } from '../ops/creation.js'
import { oneHot } from '../ops/embedding.js'
import { expertMatmul } from '../ops/grouped.js'
import { indexSelect } from '../ops/indexing.js'
import { linear } from '../ops/linear.js'
import { mean, sum } from '../ops/reduce.js'
import { searchSorted } from '../ops/search.js'
import { softmax } from '../ops/softmax.js'
import { argsort, topk } from '../ops/sort.js'
import { gelu, relu, silu } from '../ops/unary.js'
import { narrow, reshape, transpose, unsqueeze } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

type ExpertActivation = 'silu' | 'gelu' | 'relu'
const ACTIVATIONS: Readonly<Record<ExpertActivation, (x: Tensor) => Tensor>> = { silu, gelu, relu }

export interface MixtureOfExpertsOptions {
  /** F, of each expert. Default 4 C. */
  hidden?: number
  /** E. Default 8. */
  experts?: number
  /** K: how many experts answer a token. Default 2. */
  topK?: number
  /** Of an expert's gate: down(activation(gate(x)) * up(x)). Default 'silu'. */
  activation?: ExpertActivation
  /**
   * Whether the weights of a token's experts are scaled to sum to 1, which is softmax over the chosen alone (Mixtral); else they are what a
   * softmax over all experts gave them (Switch, OLMoE). Default true.
   */
  normalize?: boolean
  /**
   * An expert answers at most ceil(capacityFactor N K / E) tokens of a call; a token that comes too late gets nothing from it. First choices
   * come before second ones, and earlier tokens before later ones (GShard). Default null: no limit.
   */
  capacityFactor?: number | null
  dtype?: DType
}

/** Routers decide in f32 at least: in 16 bits experts are too often alike. */
const wide = (scores: Tensor): Tensor => (scores.dtype === 'f64' ? scores : cast(scores, 'f32'))

/** Scores of experts (N, E): the router's weight is (E, C). */
class Router extends Module {
  weight: Parameter

  constructor(channels: number, experts: number, dtype: DType) {
    super()
    this.weight = init.kaimingUniform(new Parameter(zeros([experts, channels], { dtype })), { a: Math.sqrt(5) })
  }

  override forward(x_NC: Tensor): Tensor {
    return linear(x_NC, this.weight)
  }
}

/** Rows that are sorted by expert, through their experts' MLPs; the weights of all experts lie in two tensors. */
class Experts extends Module {
  /** Gates over ups: (E, 2F, C). */
  gateUpProj: Parameter
  /** (E, C, F). */
  downProj: Parameter
  readonly activation: ExpertActivation

  constructor(channels: number, hidden: number, experts: number, activation: ExpertActivation, dtype: DType) {
    super()
    const weight = (out: number, width: number): Parameter => {
      const bound = 1 / Math.sqrt(width) // as Linear's
      return init.uniform(new Parameter(zeros([experts, out, width], { dtype })), -bound, bound)
    }
    this.gateUpProj = weight(2 * hidden, channels)
    this.downProj = weight(channels, hidden)
    this.activation = activation
  }

  /** @param ends_E where each expert's rows end */
  override forward(rows: Tensor, ends_E: Tensor): Tensor {
    const hidden = this.downProj.shape[2] as number
    const both = expertMatmul(rows, this.gateUpProj, ends_E, { transposed: true })
    const gate = ACTIVATIONS[this.activation](narrow(both, 1, 0, hidden))
    return expertMatmul(mul(gate, narrow(both, 1, hidden, hidden)), this.downProj, ends_E, { transposed: true })
  }
}

const NAME = 'MixtureOfExperts'
const OPTIONS = ['hidden', 'experts', 'topK', 'activation', 'normalize', 'capacityFactor', 'dtype']

/**
 * The sum of the topK likeliest experts' answers to each token, by the router's weights: (..., C) to (..., C). Nothing waits for the router:
 * rows are sorted by expert where they lie. Sources: Shazeer et al. 2017,
 * "Outrageously Large Neural Networks"; Fedus et al. 2021, "Switch Transformers" (capacity); Jiang et al. 2024, "Mixtral of Experts".
 */
export class MixtureOfExperts extends Module {
  gate: Router
  experts: Experts
  readonly topK: number
  readonly normalize: boolean
  readonly capacityFactor: number | null

  /** @throws ValueError for options that are not known or out of range */
  constructor(channels: number, options: MixtureOfExpertsOptions = {}) {
    super()
    known(NAME, options, OPTIONS)
    const { hidden = 4 * channels, experts = 8, topK = 2, activation = 'silu', dtype = 'f32' } = options
    positive(NAME, { channels, hidden, experts, topK })
    if (topK > experts) throw new ValueError(`${NAME}: topK is ${topK}, there are ${experts} experts`)
    if (!Object.hasOwn(ACTIVATIONS, activation))
      throw new ValueError(`${NAME}: activation '${activation}' is not one of ${Object.keys(ACTIVATIONS).join(', ')}`)
    const { normalize = true, capacityFactor = null } = options
    if (capacityFactor !== null && !(capacityFactor > 0))
      throw new ValueError(`${NAME}: capacityFactor is ${capacityFactor}, expected a number above 0, or null`)
    this.gate = new Router(channels, experts, dtype)
    this.experts = new Experts(channels, hidden, experts, activation, dtype)
    this.topK = topK
    this.normalize = normalize
    this.capacityFactor = capacityFactor
  }

  /**
   * The result, and the router's scores (N, E), which `loadBalancingLoss` takes.
   *
   * @throws ShapeError for other channels
   */
  override forward(x: Tensor): [y: Tensor, scores_NE: Tensor] {
    const [experts, channels] = this.gate.weight.shape as [number, number]
    if (x.rank < 1 || x.shape.at(-1) !== channels)
      throw new ShapeError(`${NAME}: takes (..., ${channels}), found ${show(x.shape)}`)
    const x_NC = reshape(x, [x.numel / channels, channels])
    const n = x_NC.shape[0] as number
    const scores_NE = this.gate.call(x_NC)
    if (n === 0) return [x, scores_NE]
    const [likely_NK, chosen_NK] = topk(softmax(wide(scores_NE), 1), this.topK, 1)
    const weights_NK = this.normalize ? div(likely_NK, sum(likely_NK, 1, { keepDim: true })) : likely_NK

    // All first choices, then all second ones: so an expert's tokens come in the order in which they take its places.
    const flat = (t: Tensor): Tensor => reshape(transpose(t, 0, 1), [n * this.topK])
    const expert = flat(chosen_NK)
    const order = argsort(expert, 0, { stable: true })
    const sorted = indexSelect(expert, 0, order)
    const ends_E = searchSorted(sorted, arange(experts, undefined, 1, { device: x.device }), { right: true })
    const rows = this.experts.call(indexSelect(x_NC, 0, remainder(order, n)), ends_E)
    const weight = this.#kept(indexSelect(flat(weights_NK), 0, order), sorted, ends_E)
    const answers = indexSelect(mul(rows, unsqueeze(weight, 1)), 0, argsort(order, 0))
    return [reshape(cast(sum(reshape(answers, [this.topK, n, channels]), 0), x.dtype), x.shape), scores_NE]
  }

  /** Weights of rows that are sorted by expert, 0 for those beyond its capacity. */
  #kept(weight: Tensor, sorted: Tensor, ends_E: Tensor): Tensor {
    if (this.capacityFactor === null) return weight
    const [rows, experts] = [weight.numel, ends_E.numel]
    const capacity = Math.ceil((this.capacityFactor * rows) / experts)
    const starts = searchSorted(sorted, sorted)
    const place = sub(arange(rows, undefined, 1, { device: weight.device }), starts)
    return mul(weight, cast(lt(place, capacity), weight.dtype))
  }
}

/**
 * E times the sum, over the experts, of the share of tokens that go to an expert times the mean probability that the router gave it: 1 for
 * topK 1 (topK in general) where all experts are used alike, more the less they are. The layers' scores are taken together. Definition:
 * Hugging Face's Mixtral (Fedus et al. 2021, equations 4 to 6).
 *
 * @param scores (N, E) of each layer, as MixtureOfExperts gives them
 * @param mask (N), true or not zero for tokens that count, as those of padding do not. Default: all
 */
export function loadBalancingLoss(scores: readonly Tensor[], topK: number, mask: Tensor | null = null): Tensor {
  const [first] = scores
  if (!first) throw new ValueError('loadBalancingLoss: no scores: give what a forward pass added to its list')
  const experts = first.shape[1] as number
  positive('loadBalancingLoss', { topK })
  const all = scores.map((layer) => {
    const probabilities = softmax(wide(layer), 1)
    const chosen = sum(oneHot(topk(probabilities.detach(), topK, 1)[1], experts), 1)
    return { probabilities, chosen: cast(chosen, probabilities.dtype) }
  })
  const average = (parts: readonly Tensor[]): Tensor => {
    const each = parts.map((part) => {
      if (!mask) return mean(part, 0)
      const counts = cast(mask.dtype === 'bool' ? mask : ne(mask, 0), part.dtype)
      return div(sum(mul(part, unsqueeze(counts, 1)), 0), sum(counts))
    })
    return div(
      each.reduce((a, b) => add(a, b)),
      each.length,
    )
  }
  const used = average(all.map(({ chosen }) => chosen))
  const wanted = average(all.map(({ probabilities }) => probabilities))
  return mul(sum(mul(used, wanted)), experts)
}
