// What a step needs that may be taken back. Place in the whole: of steps.ts, which updates only when a step's numbers are good; until then
// its batches are kept, to be looked at again, and what the forward pass has changed besides can be undone.
import { noGrad } from '../autograd/mode.js'
import { disposeBatch } from '../data/loader.js'
import { outsideScopes } from '../engine/lifetime.js'
import type { Module } from '../nn/module.js'
import { clone } from '../ops/convert.js'
import { copy_ } from '../ops/inplace.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Replay } from './diagnose.js'

export class Trial<B, R> {
  readonly #model: Module
  readonly #undoes: boolean
  readonly #held: (Replay<B> & { readonly running: R })[] = []
  /** Buffers, as running statistics, and copies of what they were. */
  readonly #buffers = new Map<Tensor, Tensor>()

  /** @param undoes whether `undo` may be called: buffers are then copied before every step */
  constructor(model: Module, undoes: boolean) {
    this.#model = model
    this.#undoes = undoes
  }

  /** The step's batches. */
  get held(): readonly (Replay<B> & { readonly running: R })[] {
    return this.#held
  }

  begin(): void {
    if (!this.#undoes) return
    const copy = (buffer: Tensor) => outsideScopes(() => clone(buffer.detach()))
    noGrad(() => {
      for (const buffer of this.#model.buffers()) this.#buffers.set(buffer, copy(buffer))
    })
  }

  hold(batch: Replay<B> & { readonly running: R }): void {
    this.#held.push(batch)
  }

  /** Buffers must not keep what a skipped step put into them. */
  undo(): void {
    noGrad(() => {
      for (const [buffer, before] of this.#buffers) copy_(buffer, before)
    })
  }

  /** Frees batches and copies. */
  end(): void {
    for (const { batch } of this.#held.splice(0)) disposeBatch(batch)
    for (const before of this.#buffers.values()) before.dispose()
    this.#buffers.clear()
  }
}
