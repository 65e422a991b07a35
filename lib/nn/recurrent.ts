// Recurrent layers. Place in the whole: names, gate orders, layouts and initial values are PyTorch's; lib/ops/recurrent.ts computes.
// Shapes: T steps, B sequences, I inputs, H units, P the width of h (projSize, else H), L layers, D directions.

import { known, positive, probability } from '../check.js'
import { ValueError } from '../errors.js'
import { zeros } from '../ops/creation.js'
import {
  gru,
  lstm,
  type RecurrentOptions,
  type RecurrentWeights,
  rnnRelu,
  rnnTanh,
  type Sequences,
  type SequencesLike,
} from '../ops/recurrent.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

export interface RecurrentLayerOptions {
  /** Layers, each one's results the next one's input. Default 1. */
  numLayers?: number
  bias?: boolean
  /** Input and result are (B, T, ...) instead of (T, B, ...). */
  batchFirst?: boolean
  /** Of what passes from one layer to the next, while training. Default 0. */
  dropout?: number
  /** Every layer also runs from the last step to the first; results lie side by side. */
  bidirectional?: boolean
  dtype?: DType
}

export interface LSTMOptions extends RecurrentLayerOptions {
  /** Width P of h, a learned product of o tanh(c) (Sak et al. 2014). Default: no projection. */
  projSize?: number
}

export interface RNNOptions extends RecurrentLayerOptions {
  nonlinearity?: 'tanh' | 'relu'
}

const OPTIONS = ['numLayers', 'bias', 'batchFirst', 'dropout', 'bidirectional', 'dtype'] as const
const KINDS = ['weightIh', 'weightHh', 'biasIh', 'biasHh', 'weightHr'] as const
type Named = Readonly<Record<string, Parameter | undefined>>

/** The parameters weightIhL0, weightHhL0, biasIhL0, biasHhL0, weightHrL0, weightIhL0Reverse, ... that PyTorch has, in its order. */
abstract class Recurrent extends Module {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly numLayers: number
  readonly bias: boolean
  readonly batchFirst: boolean
  readonly dropout: number
  readonly bidirectional: boolean
  /** 0: no projection. */
  readonly projSize: number

  constructor(gates: number, inputSize: number, hiddenSize: number, options: LSTMOptions) {
    super()
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false, projSize } = options
    const layer = new.target.name
    positive(layer, { inputSize, hiddenSize, numLayers, ...(projSize === undefined ? {} : { projSize }) })
    probability(layer, 'dropout', dropout)
    if (projSize !== undefined && projSize >= hiddenSize)
      throw new ValueError(`${layer}: projSize is ${projSize}, expected less than hiddenSize, ${hiddenSize}`)
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.numLayers = numLayers
    this.bias = bias
    this.batchFirst = batchFirst
    this.dropout = dropout
    this.bidirectional = bidirectional
    this.projSize = projSize ?? 0
    this.#make(gates, options.dtype ?? 'f32')
  }

  #make(gates: number, dtype: DType): void {
    const { hiddenSize, projSize, suffixes } = this
    const width = projSize || hiddenSize
    const rows = gates * hiddenSize
    suffixes.forEach((suffix, i) => {
      const first = i < this.directions
      const shapes = [
        [rows, first ? this.inputSize : this.directions * width],
        [rows, width],
        [rows],
        [rows],
        [width, hiddenSize],
      ]
      KINDS.forEach((kind, k) => {
        if (kind.startsWith('bias') && !this.bias) return
        if (kind === 'weightHr' && projSize === 0) return
        const parameter = new Parameter(zeros(shapes[k] as number[], { dtype }))
        initialize(parameter, hiddenSize)
        Object.assign(this, { [`${kind}${suffix}`]: parameter })
      })
    })
  }

  get directions(): number {
    return this.bidirectional ? 2 : 1
  }

  /** Of the parameters' names: L0, L0Reverse, L1, ... */
  get suffixes(): string[] {
    const sides = this.bidirectional ? ['', 'Reverse'] : ['']
    return Array.from({ length: this.numLayers }, (_, layer) => sides.map((side) => `L${layer}${side}`)).flat()
  }

  protected get weights(): RecurrentWeights[] {
    const named = this as unknown as Named
    return this.suffixes.map((suffix) => {
      const [weightIh, weightHh, biasIh = null, biasHh = null, weightHr = null] = KINDS.map(
        (kind) => named[kind + suffix],
      )
      return { weightIh: weightIh as Parameter, weightHh: weightHh as Parameter, biasIh, biasHh, weightHr }
    })
  }

  protected get options(): RecurrentOptions {
    const { batchFirst, bidirectional, dropout, training } = this
    return { batchFirst, bidirectional, dropout, training }
  }
}

/** PyTorch's default for all of them: uniform within 1 / sqrt(hiddenSize). */
export function initialize(parameter: Parameter, hiddenSize: number): void {
  const bound = 1 / Math.sqrt(hiddenSize)
  init.uniform(parameter, -bound, bound)
}

/**
 * Long short-term memory: x (T, B, I) and [h0 (L D, B, P), c0 (L D, B, H)], zeros without them, to [y (T, B, D P), [hn, cn]]. One
 * sequence is (T, I), with states (L D, P) and (L D, H); a PackedSequence gives one. See `lstm`. Gates in the weights' rows: i f g o.
 */
export class LSTM extends Recurrent {
  /** A type alone: `call` gives it. */
  declare readonly _states: [Tensor, Tensor]

  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    known('LSTM', options, [...OPTIONS, 'projSize'])
    super(4, inputSize, hiddenSize, options)
  }

  override forward<X extends Sequences>(
    x: X,
    state?: readonly [Tensor, Tensor] | null,
  ): [SequencesLike<X>, [Tensor, Tensor]] {
    return lstm(x, this.weights, state, this.options)
  }
}

/** Gated recurrent units: x (T, B, I) and h0 (L D, B, H) to [y (T, B, D H), hn]; forms as LSTM's. See `gru`. Gates: r z n. */
export class GRU extends Recurrent {
  /** A type alone: `call` gives it. */
  declare readonly _states: Tensor

  constructor(inputSize: number, hiddenSize: number, options: RecurrentLayerOptions = {}) {
    known('GRU', options, OPTIONS)
    super(3, inputSize, hiddenSize, options)
  }

  override forward<X extends Sequences>(x: X, state?: Tensor | null): [SequencesLike<X>, Tensor] {
    return gru(x, this.weights, state, this.options)
  }
}

/** A plain recurrent network, tanh or relu: x (T, B, I) and h0 (L D, B, H) to [y (T, B, D H), hn]; forms as LSTM's. See `rnnTanh`. */
export class RNN extends Recurrent {
  /** A type alone: `call` gives it. */
  declare readonly _states: Tensor

  readonly nonlinearity: 'tanh' | 'relu'

  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    known('RNN', options, [...OPTIONS, 'nonlinearity'])
    super(1, inputSize, hiddenSize, options)
    this.nonlinearity = checkNonlinearity('RNN', options.nonlinearity)
  }

  override forward<X extends Sequences>(x: X, state?: Tensor | null): [SequencesLike<X>, Tensor] {
    return (this.nonlinearity === 'tanh' ? rnnTanh : rnnRelu)(x, this.weights, state, this.options)
  }
}

/** @throws ValueError unless it is 'tanh' or 'relu' */
export function checkNonlinearity(layer: string, given: 'tanh' | 'relu' = 'tanh'): 'tanh' | 'relu' {
  if (given !== 'tanh' && given !== 'relu')
    throw new ValueError(`${layer}: nonlinearity is ${String(given)}, expected 'tanh' or 'relu'`)
  return given
}
