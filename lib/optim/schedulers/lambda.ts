// Schedules by a function of the step. Place in the whole: torch's LambdaLR and MultiplicativeLR.
import { perGroup, type ScheduledOptimizer, Scheduler } from './scheduler.js'

type Factor = (step: number) => number

/** The base rate times `factor(step)`, one function for all groups or one a group. */
export class LambdaLR extends Scheduler {
  readonly #factors: readonly Factor[]

  constructor(optimizer: ScheduledOptimizer, factor: Factor | readonly Factor[]) {
    super(optimizer)
    this.#factors = perGroup('LambdaLR', 'functions', factor, optimizer.paramGroups.length)
    this.apply()
  }

  protected override rate(step: number, base: number, index: number): number {
    return base * (this.#factors[index] as Factor)(step)
  }
}

/** The base rate times factor(1) factor(2) ... factor(step), one function for all groups or one a group. */
export class MultiplicativeLR extends Scheduler {
  readonly #factors: readonly Factor[]
  /** By group: the products up to every step that was asked for so far. */
  readonly #products: number[][]

  constructor(optimizer: ScheduledOptimizer, factor: Factor | readonly Factor[]) {
    super(optimizer)
    this.#factors = perGroup('MultiplicativeLR', 'functions', factor, optimizer.paramGroups.length)
    this.#products = this.#factors.map(() => [1])
    this.apply()
  }

  protected override rate(step: number, base: number, index: number): number {
    const products = this.#products[index] as number[]
    for (let i = products.length; i <= step; i++)
      products.push((products[i - 1] as number) * (this.#factors[index] as Factor)(i))
    return base * (products[step] as number)
  }
}
