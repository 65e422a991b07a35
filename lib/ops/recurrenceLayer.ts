/**
 * What describes one layer of a recurrent network in one direction. Place in the whole: recurrence.ts and recurrenceComposed.ts compute
 * it, recurrent.ts and recurrentCells.ts ask for it. Shapes as in recurrence.ts.
 */
import type { Tensor } from '../tensor/tensor.js'

/** In the order of the kernels' codes. */
export const CELLS = ['lstm', 'gru', 'tanh', 'relu'] as const
export type Cell = (typeof CELLS)[number]
export const GATES: Readonly<Record<Cell, number>> = { lstm: 4, gru: 3, tanh: 1, relu: 1 }

/**
 * Where sequences lie in n rows: step after step, a row each of the sequences that are that long, the longest first. Numbers and a
 * tensor, no closure over one, as gradient rules hold it.
 */
export interface Steps {
  readonly count: number
  readonly batch: number
  /** Sequences in each step, where they are of several lengths. */
  readonly sizes: readonly number[] | null
}

/** In the order of the command's operands: see recurrence in native/ops.def. */
export interface LayerOperands {
  x: Tensor
  weightIh: Tensor
  weightHh: Tensor
  biasIh: Tensor | null
  biasHh: Tensor | null
  h0: Tensor | null
  c0: Tensor | null
  weightHr: Tensor | null
}
export const OPERANDS = ['x', 'weightIh', 'weightHh', 'biasIh', 'biasHh', 'h0', 'c0', 'weightHr'] as const

/** Numbers that describe a layer; gradient rules may hold them. */
export interface LayerSpec {
  readonly cell: Cell
  readonly reverse: boolean
  readonly steps: Steps
}
