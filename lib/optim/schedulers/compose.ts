// Schedules made of schedules. Place in the whole: torch's SequentialLR and ChainedScheduler. The parts are made on the same
// optimizer and handed over: from then on only the whole is stepped, and its step number stands for theirs.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { type ScheduledOptimizer, Scheduler } from './scheduler.js'

/** One schedule after the other: from step `milestones[i]` on the next one, which counts from there, from the base rate. */
export class SequentialLR extends Scheduler {
  readonly #parts: readonly Scheduler[]
  readonly #milestones: readonly number[]

  constructor(
    optimizer: ScheduledOptimizer,
    options: { schedulers: readonly Scheduler[]; milestones: readonly number[] },
  ) {
    known('SequentialLR', options, ['schedulers', 'milestones'])
    const { schedulers, milestones } = options
    super(optimizer)
    checkParts('SequentialLR', optimizer, schedulers)
    if (milestones.length !== schedulers.length - 1) {
      const expected = `expected ${schedulers.length - 1}, one less than schedulers`
      throw new ValueError(`SequentialLR: ${milestones.length} milestones, ${expected}`)
    }
    for (const [i, milestone] of milestones.entries())
      whole('SequentialLR', { [`milestones[${i}]`]: milestone }, i === 0 ? 0 : (milestones[i - 1] as number) + 1)
    this.#parts = [...schedulers]
    this.#milestones = [...milestones]
    this.apply()
  }

  protected override apply(): void {
    const passed = this.#milestones.filter((milestone) => milestone <= this.stepCount).length
    const since = passed === 0 ? 0 : (this.#milestones[passed - 1] as number)
    ;(this.#parts[passed] as Scheduler).loadStateDict({ step: this.stepCount - since })
  }

  /** The parts write the rates. */
  protected override rate(_step: number, _base: number, index: number): number {
    return (this.optimizer.paramGroups[index] as { lr: number }).lr
  }
}

/**
 * Several schedules at once: the base rate times the factor of each, its rate divided by the base rate. These are torch's numbers
 * for schedules that scale the rate (all but those with a least or a highest rate of their own).
 */
export class ChainedScheduler extends Scheduler {
  readonly #parts: readonly Scheduler[]

  constructor(optimizer: ScheduledOptimizer, schedulers: readonly Scheduler[]) {
    super(optimizer)
    checkParts('ChainedScheduler', optimizer, schedulers)
    this.#parts = [...schedulers]
    this.apply()
  }

  protected override apply(): void {
    const groups = this.optimizer.paramGroups
    const rates = groups.map(({ initialLr }) => initialLr as number)
    for (const part of this.#parts) {
      part.loadStateDict({ step: this.stepCount })
      for (const [i, { lr, initialLr }] of groups.entries())
        if (initialLr) rates[i] = (rates[i] as number) * (lr / initialLr)
    }
    for (const [i, group] of groups.entries()) group.lr = rates[i] as number
  }

  /** `apply` writes the rates. */
  protected override rate(_step: number, _base: number, index: number): number {
    return (this.optimizer.paramGroups[index] as { lr: number }).lr
  }
}

function checkParts(who: string, optimizer: ScheduledOptimizer, parts: readonly Scheduler[]): void {
  if (parts.length === 0) throw new ValueError(`${who}: no schedulers`)
  for (const [i, part] of parts.entries()) {
    if (!(part instanceof Scheduler))
      throw new ValueError(`${who}: schedulers[${i}] is no Scheduler; ReduceLROnPlateau, which needs a metric, is none`)
    if (!part.schedules(optimizer)) throw new ValueError(`${who}: schedulers[${i}] was made for another optimizer`)
  }
}
