// The base of learning-rate schedules. Place in the whole: they write `lr` (cyclic ones also momentum) into an optimizer's groups
// and know nothing else of it. Definitions follow torch.optim.lr_scheduler, in closed form: a schedule is a function of the step
// number, so its state is that number, and what is written into `lr` from elsewhere lasts until the next step.
import { whole } from '../../check.js'
import { ValueError } from '../../errors.js'

/** What a schedule needs of an optimizer's parameter group. */
export interface ScheduledGroup {
  lr: number
  /** The rate the group was made with, which schedules scale. */
  initialLr?: number
  momentum?: number
  betas?: readonly [number, number]
}

export interface ScheduledOptimizer {
  readonly paramGroups: readonly ScheduledGroup[]
}

/** A scheduler's place; JSON. Most are functions of the step number, and have nothing else. */
export interface SchedulerState {
  readonly step: number
  readonly [name: string]: unknown
}

export abstract class Scheduler {
  protected readonly optimizer: ScheduledOptimizer
  #step = 0

  constructor(optimizer: ScheduledOptimizer) {
    this.optimizer = optimizer
    for (const group of optimizer.paramGroups) group.initialLr ??= group.lr
  }

  /** Steps taken so far. */
  get stepCount(): number {
    return this.#step
  }

  /** The groups' rates as they are now. */
  lastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr)
  }

  /** Whether this schedule writes into that optimizer's groups. */
  schedules(optimizer: ScheduledOptimizer): boolean {
    return this.optimizer === optimizer
  }

  /** Moves on by one; call it after the optimizer's step. */
  step(): void {
    this.#step++
    this.apply()
  }

  stateDict(): SchedulerState {
    return { step: this.#step }
  }

  loadStateDict(state: SchedulerState): void {
    whole('Scheduler.loadStateDict', { step: state.step }, 0)
    this.#step = state.step
    this.apply()
  }

  /** Writes the rates of the present step. A subclass's constructor calls it once its own fields stand. */
  protected apply(): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = this.rate(this.#step, group.initialLr as number, i)
    })
  }

  /** The rate of group `index`, made with rate `base`, at a step. */
  protected abstract rate(step: number, base: number, index: number): number
}

/** One value for all groups, or one a group. @throws ValueError for another number of values */
export function perGroup<T>(who: string, name: string, given: T | readonly T[], groups: number): readonly T[] {
  if (!Array.isArray(given)) return Array.from({ length: groups }, () => given as T)
  if (given.length !== groups) throw new ValueError(`${who}: ${given.length} ${name} for ${groups} parameter groups`)
  return given
}
