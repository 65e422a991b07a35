// The position-wise MLP of transformers, plain and gated. Place in the whole: built from Linear; transformer layers and models use it, some
// under names of their own.
// Shapes: C channels, F hidden features.

import { known, positive } from '../check.js'
import { ValueError } from '../errors.js'
import { mul } from '../ops/binary.js'
import { dropout } from '../ops/dropout.js'
import type { LinearActivation } from '../ops/fusedActivation.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

/** What a gate's activation is called by Shazeer 2020, "GLU Variants Improve Transformer"; gegluTanh approximates gelu by tanh. */
const GATES = { reglu: 'relu', geglu: 'gelu', gegluTanh: 'geluTanh', swiglu: 'silu' } as const
const PLAIN = ['relu', 'gelu', 'geluTanh', 'silu'] as const

/** Plain: activation(x). Gated: activation(gate(x)) * x, with silu for swiglu, gelu for geglu and gegluTanh, relu for reglu. */
export type FeedForwardActivation = (typeof PLAIN)[number] | keyof typeof GATES

export interface FeedForwardOptions {
  /** F. Default 4 C. */
  hidden?: number
  /** Default 'gelu'. */
  activation?: FeedForwardActivation
  /** Of all linear layers. Default true. */
  bias?: boolean
  /** Of hidden features and of the result. Default 0. */
  dropout?: number
  dtype?: DType
}

export interface FeedForwardLayers {
  readonly linear1: Linear
  readonly linear2: Linear
  readonly gate: Linear | null
}

export function isGated(activation: FeedForwardActivation): activation is keyof typeof GATES {
  return Object.hasOwn(GATES, activation)
}

/** @throws ValueError for an activation that is not known */
export function checkActivation(layer: string, activation: FeedForwardActivation): void {
  const all: readonly string[] = [...PLAIN, ...Object.keys(GATES)]
  if (!all.includes(activation))
    throw new ValueError(`${layer}: activation '${activation}' is not one of ${all.join(', ')}`)
}

/** The activation of `linear1`, or of the gate. */
export const activationOf = (activation: FeedForwardActivation): LinearActivation =>
  isGated(activation) ? GATES[activation] : activation

/** linear2(dropout(activation(linear1(x)))), or with a gate linear2(dropout(activation(gate(x)) * linear1(x))), dropped out, + residual. */
export function feedForward(
  x: Tensor,
  { linear1, linear2, gate }: FeedForwardLayers,
  activation: FeedForwardActivation,
  p: number,
  residual: Tensor | null,
): Tensor {
  const hidden = gate
    ? dropout(mul(gate.call(x, { activation: activationOf(activation) }), linear1.call(x)), p)
    : linear1.call(x, { activation: activationOf(activation), dropout: p })
  return linear2.call(hidden, { dropout: p, residual })
}

/** Two linear layers with an activation between, or three with a gate: (..., C) to (..., C). */
export class FeedForward extends Module implements FeedForwardLayers {
  linear1: Linear
  linear2: Linear
  gate: Linear | null
  readonly activation: FeedForwardActivation
  readonly dropout: number

  /** @throws ValueError for options that are not known or out of range */
  constructor(channels: number, options: FeedForwardOptions = {}) {
    super()
    known('FeedForward', options, ['hidden', 'activation', 'bias', 'dropout', 'dtype'])
    const { hidden = 4 * channels, activation = 'gelu', bias = true, dropout = 0, dtype = 'f32' } = options
    positive('FeedForward', { channels, hidden })
    checkActivation('FeedForward', activation)
    if (!(dropout >= 0 && dropout < 1))
      throw new ValueError(`FeedForward: dropout is ${dropout}, expected a probability below 1`)
    this.gate = isGated(activation) ? new Linear(channels, hidden, { bias, dtype }) : null
    this.linear1 = new Linear(channels, hidden, { bias, dtype })
    this.linear2 = new Linear(hidden, channels, { bias, dtype })
    this.activation = activation
    this.dropout = dropout
  }

  /** @param residual added to the result, in the same pass */
  override forward(x: Tensor, residual: Tensor | null = null): Tensor {
    return feedForward(x, this, this.activation, this.training ? this.dropout : 0, residual)
  }
}
