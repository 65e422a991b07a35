// How many of a parameter's steps the device left out, or, below zero, took without the host's asking (cudaGraph). Place in the whole:
// beside the optimizers' host counts of steps; the kernels take one from the other (CountedStep in lib/ops/multiTensor.ts).
import { noGrad } from '../autograd/mode.js'
import { isRecorded } from '../engine/graphing.js'
import { outsideScopes } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
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
  /** The device counts their steps, and the host no more: some are taken by graphs. */
  onDevice: boolean
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
      for (const { skipped, onDevice } of cohorts) if (!onDevice) add_(skipped, flag)
    })
  }

  /**
   * The cohort of parameters that step together now, in commands that will be done again; the device counts for it from now on.
   * @throws ValueError where that is being recorded already and there is none
   */
  counted(params: readonly Tensor[]): Cohort {
    const [first] = params as [Tensor]
    const known = this.#cohorts.get(first)
    const complete = known?.onDevice && known.params.size === params.length
    if (!complete && isRecorded(first.device))
      throw new ValueError('cudaGraph: a step of other parameters than in the first run')
    const [cohort] = complete ? [known] : this.#together(params)
    ;(cohort as Cohort).onDevice = true
    return cohort as Cohort
  }

  /** How many the device has taken of each parameter whose steps it counts. Waits for it. */
  taken(): Map<Tensor, number> {
    const counts = new Map<Tensor, number>()
    for (const { skipped, params, onDevice } of new Set(this.#cohorts.values())) {
      if (!onDevice) continue
      const count = -skipped.itemSync()
      for (const param of params) counts.set(param, count)
    }
    return counts
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
      const own = { id: ++this.#made, skipped, params: new Set(members), onDevice: cohort?.onDevice ?? false }
      for (const member of members) {
        cohort?.params.delete(member)
        this.#cohorts.set(member, own)
      }
      return own
    })
  }

  /** Waits for the device; f(parameter, its skipped steps), after which none are counted any more, but those that the device counts. */
  settle(f: (param: Tensor, skipped: number) => void): void {
    for (const { skipped, params, onDevice } of new Set(this.#cohorts.values())) {
      if (onDevice) continue
      const count = skipped.itemSync()
      skipped.dispose()
      for (const param of params) {
        f(param, count)
        this.#cohorts.delete(param)
      }
    }
  }

  clear(): void {
    for (const { skipped } of new Set(this.#cohorts.values())) skipped.dispose()
    this.#cohorts.clear()
  }
}
