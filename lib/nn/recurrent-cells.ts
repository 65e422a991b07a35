// Single steps of recurrent networks. Place in the whole: recurrent.ts has the layers that run whole sequences.
// Shapes: B samples, I inputs, H units.

import { known, positive } from '../check.js'
import { zeros } from '../ops/creation.js'
import { gruCell, lstmCell, rnnReluCell, rnnTanhCell } from '../ops/recurrentCells.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'
import { checkNonlinearity, initialize } from './recurrent.js'

export interface RecurrentCellOptions {
  bias?: boolean
  dtype?: DType
}

export interface RNNCellOptions extends RecurrentCellOptions {
  nonlinearity?: 'tanh' | 'relu'
}

abstract class RecurrentCell extends Module {
  weightIh: Parameter
  weightHh: Parameter
  biasIh: Parameter | null
  biasHh: Parameter | null

  constructor(
    gates: number,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentCellOptions,
    names: readonly string[] = [],
  ) {
    super()
    positive(new.target.name, { inputSize, hiddenSize })
    known(new.target.name, options, ['bias', 'dtype', ...names])
    const { bias = true, dtype = 'f32' } = options
    const make = (...shape: number[]): Parameter => new Parameter(zeros(shape, { dtype }))
    const rows = gates * hiddenSize
    this.weightIh = make(rows, inputSize)
    this.weightHh = make(rows, hiddenSize)
    this.biasIh = bias ? make(rows) : null
    this.biasHh = bias ? make(rows) : null
    for (const p of this.parameters()) initialize(p, hiddenSize)
  }
}

/** One step of an LSTM: x (B, I) or (I) and [h, c] (B, H) or (H), zeros without them, to [h, c]. See `lstmCell`. */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(4, inputSize, hiddenSize, options)
  }

  override forward(x: Tensor, state: readonly [Tensor, Tensor] | null = null): [Tensor, Tensor] {
    return lstmCell(x, state, this)
  }
}

/** One step of a GRU: x (B, I) or (I) and h (B, H) or (H), zeros without it, to h. See `gruCell`. */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentCellOptions = {}) {
    super(3, inputSize, hiddenSize, options)
  }

  override forward(x: Tensor, h: Tensor | null = null): Tensor {
    return gruCell(x, h, this)
  }
}

/** One step of a plain recurrent network, tanh or relu: x (B, I) or (I) and h (B, H) or (H) to h. See `rnnTanhCell`. */
export class RNNCell extends RecurrentCell {
  readonly nonlinearity: 'tanh' | 'relu'

  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    super(1, inputSize, hiddenSize, options, ['nonlinearity'])
    this.nonlinearity = checkNonlinearity('RNNCell', options.nonlinearity)
  }

  override forward(x: Tensor, h: Tensor | null = null): Tensor {
    return (this.nonlinearity === 'tanh' ? rnnTanhCell : rnnReluCell)(x, h, this)
  }
}
