// Rows that follow from a position alone, such as sines and cosines. Place in the whole: what positional layers keep between calls; no part
// of a state dict, since it can be computed anew.
import { noGrad } from '../autograd/mode.js'
import { outsideScopes, scope, type TensorOwner } from '../engine/lifetime.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'

/** What a table depends on beside its length. */
export interface TableKind {
  readonly dtype: DType
  readonly device: string
  /** Tells tables with other numbers apart. */
  readonly variant?: string
}

/** Tables of one kind at a time, which grow with the longest sequence that was seen. */
export class PositionTable<T extends readonly Tensor[]> implements TensorOwner {
  readonly #make: (length: number, kind: TableKind) => T
  #tables: T | null = null
  #length = 0
  #key = ''

  constructor(make: (length: number, kind: TableKind) => T) {
    this.#make = make
  }

  /** Tables with `length` rows or more. */
  rows(length: number, kind: TableKind): T {
    const key = `${kind.dtype} ${kind.device} ${kind.variant ?? ''}`
    const old = this.#tables
    if (old && key === this.#key && length <= this.#length && !old.some((table) => table.isDisposed)) return old
    for (const table of old ?? []) table.dispose()
    // Powers of two, so that a sequence that grows by one makes few tables.
    this.#length = 2 ** Math.ceil(Math.log2(Math.max(length, 1)))
    this.#key = key
    this.#tables = noGrad(() => outsideScopes(() => scope(() => this.#make(this.#length, kind))))
    return this.#tables
  }

  ownedTensors(): Tensor[] {
    return [...(this.#tables ?? [])]
  }
}
