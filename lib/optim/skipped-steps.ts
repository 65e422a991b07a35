// How many of a parameter's steps the device left out. Place in the whole: beside the optimizers' host counts of steps, which such
// steps are part of; the kernels take one from the other (CountedStep in lib/ops/multiTensor.ts).
import { noGrad } from '../autograd/mode.js'
import { outsideScopes } from '../engine/lifetime.js'
import { clone } from '../ops/convert.js'
import { full } from '../ops/creation.js'
import { add_ } from '../ops/inplace.js'
import type { Tensor } from '../tensor/tensor.js'

/** Parameters that have always stepped together, so that one number serves them all. */
export interface Cohort {
  readonly id: number
  /** One f32: exact up to 2^24 steps. */
  readonly skipped: Tensor
  readonly params: Set<Tensor>
}

export class SkippedSteps {
  readonly #cohorts = new Map<Tensor, Cohort>()
  #made = 0

  of(param: Tensor): Cohort | undefined {
    return this.#cohorts.get(param)
  }

  /** Counts a step of these parameters, which `step` encodes: left out on the device where `flag`, one f32, is 1. */
  count(params: readonly Tensor[], flag: Tensor, step: () => void): void {
    const cohorts = this.#together(params)
    step()
    noGrad(() => {
      for (const { skipped } of cohorts) add_(skipped, flag)
    })
  }

  /** The cohorts of the parameters. One that has other members, too, is split, as they will differ from now on. */
  #together(params: readonly Tensor[]): Cohort[] {
    const parts = new Map<Cohort | undefined, Tensor[]>()
    for (const param of params) {
      const cohort = this.#cohorts.get(param)
      const part = parts.get(cohort)
      if (part) part.push(param)
      else parts.set(cohort, [param])
    }
    return [...parts].map(([cohort, members]) => {
      if (cohort?.params.size === members.length) return cohort
      const skipped = outsideScopes(() =>
        noGrad(() => (cohort ? clone(cohort.skipped) : full([], 0, { device: (members[0] as Tensor).device }))),
      )
      const own = { id: ++this.#made, skipped, params: new Set(members) }
      for (const member of members) {
        cohort?.params.delete(member)
        this.#cohorts.set(member, own)
      }
      return own
    })
  }

  /** Waits for the device; f(parameter, its skipped steps), after which none are counted any more. */
  settle(f: (param: Tensor, skipped: number) => void): void {
    for (const { skipped, params } of new Set(this.#cohorts.values())) {
      const count = skipped.itemSync()
      for (const param of params) f(param, count)
    }
    this.clear()
  }

  clear(): void {
    for (const { skipped } of new Set(this.#cohorts.values())) skipped.dispose()
    this.#cohorts.clear()
  }
}
