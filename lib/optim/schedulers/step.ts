// Decay by a constant factor. Place in the whole: torch's StepLR, MultiStepLR and ExponentialLR.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { type ScheduledOptimizer, Scheduler } from './scheduler.js'

/** The base rate times `gamma` for every `stepSize` steps passed. */
export class StepLR extends Scheduler {
  readonly #stepSize: number
  readonly #gamma: number

  constructor(optimizer: ScheduledOptimizer, options: { stepSize: number; gamma?: number }) {
    known('StepLR', options, ['stepSize', 'gamma'])
    const { stepSize, gamma = 0.1 } = options
    super(optimizer)
    whole('StepLR', { stepSize }, 1)
    this.#stepSize = stepSize
    this.#gamma = gamma
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return base * this.#gamma ** Math.floor(step / this.#stepSize)
  }
}

/** The base rate times `gamma` for every milestone reached; a milestone that is there twice counts twice. */
export class MultiStepLR extends Scheduler {
  readonly #milestones: readonly number[]
  readonly #gamma: number

  constructor(optimizer: ScheduledOptimizer, options: { milestones: readonly number[]; gamma?: number }) {
    known('MultiStepLR', options, ['milestones', 'gamma'])
    const { milestones, gamma = 0.1 } = options
    super(optimizer)
    for (const [i, milestone] of milestones.entries()) whole('MultiStepLR', { [`milestones[${i}]`]: milestone }, 0)
    this.#milestones = [...milestones]
    this.#gamma = gamma
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return base * this.#gamma ** this.#milestones.filter((milestone) => milestone <= step).length
  }
}

/** The base rate times `gamma` to the power of the step. */
export class ExponentialLR extends Scheduler {
  readonly #gamma: number

  constructor(optimizer: ScheduledOptimizer, options: { gamma: number }) {
    known('ExponentialLR', options, ['gamma'])
    const { gamma } = options
    super(optimizer)
    if (!Number.isFinite(gamma)) throw new ValueError(`ExponentialLR: gamma is ${gamma}, expected a number`)
    this.#gamma = gamma
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return base * this.#gamma ** step
  }
}
