// Sequences of a model without a cache: every token costs a pass over all before it. Place in the whole: see decoding.ts.
import type { Module } from '../../nn/module.js'
import { tensor } from '../../ops/creation.js'
import { indexSelect } from '../../ops/indexing.js'
import { concat } from '../../ops/join.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { Decoding } from './decoding.js'
import { distinctLengths, lastOf, padded } from './rows.js'

/** Works with any module that maps tokens (B, T) to logits (B, T, V); rows of one length are computed together. */
export class RecomputingDecoding implements Decoding {
  readonly #model: Module
  /** Tokens that the model sees at most, the last ones. */
  readonly #window: number
  #tokens: (readonly number[])[]

  constructor(model: Module, rows: number, window: number) {
    this.#model = model
    this.#window = window
    this.#tokens = Array.from({ length: rows }, () => [])
  }

  step(tokens: readonly (readonly number[])[]): Tensor {
    this.#tokens = this.#tokens.map((before, n) =>
      [...before, ...(tokens[n] as readonly number[])].slice(-this.#window),
    )
    return byLength(this.#tokens, (rows) =>
      lastOf(this.#model.call(padded(rows.map((n) => this.#tokens[n] as number[])))),
    )
  }

  select(rows: readonly number[]): void {
    this.#tokens = rows.map((row) => this.#tokens[row] as readonly number[])
  }

  dispose(): void {
    this.#tokens = []
  }
}

/** What `compute` gives (rows, ...) for rows of one length at a time, in the order of the sequences. */
function byLength(sequences: readonly (readonly number[])[], compute: (rows: readonly number[]) => Tensor): Tensor {
  const groups = distinctLengths(sequences)
  if (groups.length === 1) return compute(groups[0] as number[])
  const order = groups.flat()
  return indexSelect(concat(groups.map(compute)), 0, tensor(Int32Array.from(order, (_, n) => order.indexOf(n))))
}
