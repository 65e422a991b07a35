// Cosine schedules. Place in the whole: one half cosine with warm-up, torch's CosineAnnealingLR and CosineAnnealingWarmRestarts.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { type ScheduledOptimizer, Scheduler } from './scheduler.js'

export interface CosineOptions {
  /** Steps of the whole schedule, warm-up included; the rate stays at its least afterwards. */
  readonly totalSteps: number
  /** Step i of these runs at (i + 1) / warmupSteps of the base rate. Default 0. */
  readonly warmupSteps?: number
  /** The rate at the end, as a share of the base rate. Default 0. */
  readonly minFactor?: number
}

/** Linear warm-up, then half a cosine down to the least rate. */
export class CosineLR extends Scheduler {
  readonly #total: number
  readonly #warmup: number
  readonly #least: number

  constructor(optimizer: ScheduledOptimizer, options: CosineOptions) {
    known('CosineLR', options, ['totalSteps', 'warmupSteps', 'minFactor'])
    const { totalSteps, warmupSteps = 0, minFactor = 0 } = options
    super(optimizer)
    whole('CosineLR', { totalSteps }, 1)
    whole('CosineLR', { warmupSteps }, 0)
    if (warmupSteps > totalSteps) {
      throw new ValueError(`CosineLR: warmupSteps ${warmupSteps} is more than totalSteps ${totalSteps}`)
    }
    this.#total = totalSteps
    this.#warmup = warmupSteps
    this.#least = minFactor
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    if (step < this.#warmup) return (base * (step + 1)) / this.#warmup
    const length = this.#total - this.#warmup
    const progress = length === 0 ? 1 : Math.min((step - this.#warmup) / length, 1)
    return base * (this.#least + (1 - this.#least) * 0.5 * (1 + Math.cos(Math.PI * progress)))
  }
}

export interface CosineAnnealingOptions {
  /** Steps of half a cosine. */
  readonly tMax: number
  /** The least rate. Default 0. */
  readonly etaMin?: number
}

/** A cosine from the base rate (step 0) to `etaMin` (step `tMax`) and back, on and on. */
export class CosineAnnealingLR extends Scheduler {
  readonly #tMax: number
  readonly #etaMin: number

  constructor(optimizer: ScheduledOptimizer, options: CosineAnnealingOptions) {
    known('CosineAnnealingLR', options, ['tMax', 'etaMin'])
    const { tMax, etaMin = 0 } = options
    super(optimizer)
    whole('CosineAnnealingLR', { tMax }, 1)
    this.#tMax = tMax
    this.#etaMin = etaMin
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return this.#etaMin + ((base - this.#etaMin) * (1 + Math.cos((Math.PI * step) / this.#tMax))) / 2
  }
}

export interface WarmRestartsOptions {
  /** Steps of the first cycle. */
  readonly t0: number
  /** Every cycle is this many times as long as the one before. Default 1. */
  readonly tMult?: number
  /** The least rate. Default 0. */
  readonly etaMin?: number
  /** Step i of these runs at (i + 1) / warmupSteps of the base rate, before the first cycle. Default 0. */
  readonly warmupSteps?: number
}

/** Half cosines from the base rate to `etaMin`, each followed by a restart (Loshchilov and Hutter, "SGDR", 2017). */
export class CosineAnnealingWarmRestarts extends Scheduler {
  readonly #options: Required<WarmRestartsOptions>

  constructor(optimizer: ScheduledOptimizer, options: WarmRestartsOptions) {
    known('CosineAnnealingWarmRestarts', options, ['t0', 'tMult', 'etaMin', 'warmupSteps'])
    const { t0, tMult = 1, etaMin = 0, warmupSteps = 0 } = options
    super(optimizer)
    whole('CosineAnnealingWarmRestarts', { t0 }, 1)
    whole('CosineAnnealingWarmRestarts', { tMult }, 1)
    whole('CosineAnnealingWarmRestarts', { warmupSteps }, 0)
    this.#options = { t0, tMult, etaMin, warmupSteps }
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    const { t0, tMult, etaMin, warmupSteps } = this.#options
    if (step < warmupSteps) return (base * (step + 1)) / warmupSteps
    let [at, length] = [step - warmupSteps, t0]
    if (tMult === 1) at %= t0
    for (; at >= length; length *= tMult) at -= length
    return etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * at) / length))) / 2
  }
}
