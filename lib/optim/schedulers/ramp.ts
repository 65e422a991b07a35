// Schedules that end after some steps. Place in the whole: torch's ConstantLR, LinearLR and PolynomialLR, as warm-up (the first
// part of a SequentialLR) or as a whole run.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { type ScheduledOptimizer, Scheduler } from './scheduler.js'

/** The base rate times `factor` (default 1/3) for `totalIters` steps (default 5), then the base rate. */
export class ConstantLR extends Scheduler {
  readonly #factor: number
  readonly #total: number

  constructor(optimizer: ScheduledOptimizer, options: { factor?: number; totalIters?: number } = {}) {
    known('ConstantLR', options, ['factor', 'totalIters'])
    const { factor = 1 / 3, totalIters = 5 } = options
    super(optimizer)
    share('ConstantLR', 'factor', factor)
    whole('ConstantLR', { totalIters }, 0)
    this.#factor = factor
    this.#total = totalIters
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return step < this.#total ? base * this.#factor : base
  }
}

export interface LinearOptions {
  /** Share of the base rate at step 0, more than 0 and at most 1. Default 1/3. */
  readonly startFactor?: number
  /** Share of the base rate from step `totalIters` on, 0 to 1. Default 1. */
  readonly endFactor?: number
  /** Default 5. */
  readonly totalIters?: number
}

/** The base rate times a factor that goes in a straight line from one to another. */
export class LinearLR extends Scheduler {
  readonly #options: Required<LinearOptions>

  constructor(optimizer: ScheduledOptimizer, options: LinearOptions = {}) {
    known('LinearLR', options, ['startFactor', 'endFactor', 'totalIters'])
    super(optimizer)
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options
    share('LinearLR', 'startFactor', startFactor)
    if (startFactor === 0) throw new ValueError('LinearLR: startFactor is 0, expected more than 0')
    share('LinearLR', 'endFactor', endFactor)
    whole('LinearLR', { totalIters }, 1)
    this.#options = { startFactor, endFactor, totalIters }
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    const { startFactor, endFactor, totalIters } = this.#options
    return base * (startFactor + ((endFactor - startFactor) * Math.min(step, totalIters)) / totalIters)
  }
}

/** The base rate times (1 - step / totalIters)^power (defaults 5 and 1), 0 afterwards. */
export class PolynomialLR extends Scheduler {
  readonly #total: number
  readonly #power: number

  constructor(optimizer: ScheduledOptimizer, options: { totalIters?: number; power?: number } = {}) {
    known('PolynomialLR', options, ['totalIters', 'power'])
    const { totalIters = 5, power = 1 } = options
    super(optimizer)
    whole('PolynomialLR', { totalIters }, 1)
    if (!(power >= 0)) throw new ValueError(`PolynomialLR: power is ${power}, expected at least 0`)
    this.#total = totalIters
    this.#power = power
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return base * (1 - Math.min(step, this.#total) / this.#total) ** this.#power
  }
}

function share(who: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new ValueError(`${who}: ${name} is ${value}, expected 0 to 1`)
}
