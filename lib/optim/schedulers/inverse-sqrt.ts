// The Transformer's schedule. Place in the whole: a warm-up and a fall that knows no last step.
import { known, whole } from '../../check.js'
import { type ScheduledOptimizer, Scheduler } from './scheduler.js'

/**
 * Linear warm-up to the base rate, then the base rate times sqrt(warmupSteps / (step + 1)) (Vaswani et al., "Attention is all you
 * need", 2017, equation 3, whose rate is the base rate 1 / sqrt(dModel warmupSteps)).
 */
export class InverseSqrtLR extends Scheduler {
  readonly #warmup: number

  constructor(optimizer: ScheduledOptimizer, options: { warmupSteps: number }) {
    known('InverseSqrtLR', options, ['warmupSteps'])
    const { warmupSteps } = options
    super(optimizer)
    whole('InverseSqrtLR', { warmupSteps }, 1)
    this.#warmup = warmupSteps
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return base * Math.min((step + 1) / this.#warmup, Math.sqrt(this.#warmup / (step + 1)))
  }
}
