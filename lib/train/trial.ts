// What a step needs that may be taken back. Place in the whole: of steps.ts. Where it updates only when a step's numbers are good, batches
// are kept until then, to be looked at again; and what the forward pass has changed besides can be undone, there or on the device.
import { noGrad } from '../autograd/mode.js'
import { disposeBatch } from '../data/loader.js'
import { outsideScopes } from '../engine/lifetime.js'
import type { Module } from '../nn/module.js'
import { writesUnless } from '../ops/conditional.js'
import { cast, clone } from '../ops/convert.js'
import { copy_ } from '../ops/inplace.js'
import { concat } from '../ops/join.js'
import { all } from '../ops/reduce.js'
import { isfinite } from '../ops/unary.js'
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

  /** Ends a step whose updates the device has judged by these norms: undone there, unless all are finite. */
  settle(norms: readonly Tensor[]): void {
    if (this.#buffers.size > 0 && norms.length > 0) {
      const finite = noGrad(() => norms.map((norm) => isfinite(norm).reshape([1])))
      const fine = noGrad(() => cast(all(concat(finite)), 'f32'))
      writesUnless(fine, () => this.undo())
    }
    this.end()
  }

  /** Frees batches and copies. */
  end(): void {
    for (const { batch } of this.#held.splice(0)) disposeBatch(batch)
    for (const before of this.#buffers.values()) before.dispose()
    this.#buffers.clear()
  }
}
