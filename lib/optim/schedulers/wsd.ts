// Warm-up, stable, decay. Place in the whole: for runs whose length is decided late: a checkpoint of the stable phase can be decayed
// at any time.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { type ScheduledOptimizer, Scheduler } from './scheduler.js'

export interface WSDOptions {
  /** Steps of the whole schedule; the rate stays at its least afterwards. */
  readonly totalSteps: number
  /** The last ones, in which the rate falls. */
  readonly decaySteps: number
  /** Step i of these runs at (i + 1) / warmupSteps of the base rate. Default 0. */
  readonly warmupSteps?: number
  /** The rate at the end, as a share of the base rate. Default 0. */
  readonly minFactor?: number
  /** The fall's shape, at share x of it: 1 - x, half a cosine, 1 - sqrt(x), or minFactor^x. Default 'linear'. */
  readonly decay?: 'linear' | 'cosine' | '1-sqrt' | 'exponential'
}

const SHAPES: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => 1 - x,
  cosine: (x) => (1 + Math.cos(Math.PI * x)) / 2,
  '1-sqrt': (x) => 1 - Math.sqrt(x),
}

/** Linear warm-up, the base rate, and a fall at the end (Hu et al., "MiniCPM", 2024, equation 1). */
export class WSD extends Scheduler {
  readonly #options: Required<WSDOptions>

  constructor(optimizer: ScheduledOptimizer, options: WSDOptions) {
    known('WSD', options, ['totalSteps', 'decaySteps', 'warmupSteps', 'minFactor', 'decay'])
    super(optimizer)
    const { totalSteps, decaySteps, warmupSteps = 0, minFactor = 0, decay = 'linear' } = options
    whole('WSD', { totalSteps }, 1)
    whole('WSD', { decaySteps }, 0)
    whole('WSD', { warmupSteps }, 0)
    if (warmupSteps + decaySteps > totalSteps)
      throw new ValueError(
        `WSD: warmupSteps ${warmupSteps} and decaySteps ${decaySteps} are more than totalSteps ${totalSteps}`,
      )
    if (decay !== 'exponential' && !(decay in SHAPES)) {
      const known = [...Object.keys(SHAPES), 'exponential'].map((name) => `'${name}'`).join(', ')
      throw new ValueError(`WSD: decay is '${decay}', expected one of ${known}`)
    }
    if (decay === 'exponential' && !(minFactor > 0))
      throw new ValueError(`WSD: minFactor is ${minFactor}: an exponential decay needs more than 0`)
    this.#options = { totalSteps, decaySteps, warmupSteps, minFactor, decay }
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    const { totalSteps, decaySteps, warmupSteps, minFactor, decay } = this.#options
    if (step < warmupSteps) return (base * (step + 1)) / warmupSteps
    const from = totalSteps - decaySteps
    if (step < from) return base
    const x = decaySteps === 0 ? 1 : Math.min((step - from) / decaySteps, 1)
    const shape = SHAPES[decay]
    return base * (shape ? minFactor + (1 - minFactor) * shape(x) : minFactor ** x)
  }
}
