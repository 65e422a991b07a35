// Learning-rate schedules. Place in the whole: they write `lr` (one-cycle also momentum) into an optimizer's groups and
// know nothing else of it. Definitions follow torch.optim.lr_scheduler; cosine with warm-up is linear warm-up followed by
// half a cosine. A schedule is a function of the step number, so its state is that number.
import { ValueError } from '../errors.js'

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

/** A scheduler's place; JSON. */
export interface SchedulerState {
  readonly step: number
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

  /** Moves on by one; call it after the optimizer's step. */
  step(): void {
    this.#step++
    this.apply()
  }

  stateDict(): SchedulerState {
    return { step: this.#step }
  }

  loadStateDict(state: SchedulerState): void {
    if (!Number.isSafeInteger(state.step) || state.step < 0) {
      throw new ValueError(`Scheduler.loadStateDict: step is ${state.step}, expected a whole number of at least 0`)
    }
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

/** The base rate times `factor(step)`, one function for all groups or one a group. */
export class LambdaLR extends Scheduler {
  readonly #factors: ((step: number) => number) | readonly ((step: number) => number)[]

  constructor(
    optimizer: ScheduledOptimizer,
    factor: ((step: number) => number) | readonly ((step: number) => number)[],
  ) {
    super(optimizer)
    const groups = optimizer.paramGroups.length
    if (typeof factor !== 'function' && factor.length !== groups) {
      throw new ValueError(`LambdaLR: ${factor.length} functions for ${groups} parameter groups`)
    }
    this.#factors = factor
    this.apply()
  }

  protected override rate(step: number, base: number, index: number): number {
    const factors = this.#factors
    const factor = typeof factors === 'function' ? factors : (factors[index] as (step: number) => number)
    return base * factor(step)
  }
}

/** The base rate times `gamma` for every `stepSize` steps passed. */
export class StepLR extends Scheduler {
  readonly #stepSize: number
  readonly #gamma: number

  constructor(optimizer: ScheduledOptimizer, { stepSize, gamma = 0.1 }: { stepSize: number; gamma?: number }) {
    super(optimizer)
    whole('StepLR', 'stepSize', stepSize, 1)
    this.#stepSize = stepSize
    this.#gamma = gamma
    this.apply()
  }

  protected override rate(step: number, base: number): number {
    return base * this.#gamma ** Math.floor(step / this.#stepSize)
  }
}

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

  constructor(optimizer: ScheduledOptimizer, { totalSteps, warmupSteps = 0, minFactor = 0 }: CosineOptions) {
    super(optimizer)
    whole('CosineLR', 'totalSteps', totalSteps, 1)
    whole('CosineLR', 'warmupSteps', warmupSteps, 0)
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

export interface OneCycleOptions {
  /** The highest rate, one for all groups or one a group. */
  readonly maxLr: number | readonly number[]
  readonly totalSteps: number
  /** Share of the steps in which the rate rises. Default 0.3. */
  readonly pctStart?: number
  /** Default 'cos'. */
  readonly anneal?: 'cos' | 'linear'
  /** Moves momentum (SGD) or the first beta (Adam) against the rate. Default true. */
  readonly cycleMomentum?: boolean
  readonly baseMomentum?: number
  readonly maxMomentum?: number
  /** The first rate is maxLr / divFactor. Default 25. */
  readonly divFactor?: number
  /** The last rate is the first / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number
  /** Fall as long as the rise, then down to the last rate. Default false. */
  readonly threePhase?: boolean
}

type Level = 'initial' | 'max' | 'final'

/** Rise to the highest rate and fall far below the first (Smith and Topin 2018; torch's OneCycleLR, number for number). */
export class OneCycleLR extends Scheduler {
  readonly #options: Required<OneCycleOptions>
  readonly #phases: readonly { readonly end: number; readonly from: Level; readonly to: Level }[]

  constructor(optimizer: ScheduledOptimizer, options: OneCycleOptions) {
    super(optimizer)
    const { totalSteps, pctStart = 0.3, threePhase = false, cycleMomentum = true, maxLr } = options
    whole('OneCycleLR', 'totalSteps', totalSteps, 1)
    if (!(pctStart >= 0 && pctStart <= 1)) throw new ValueError(`OneCycleLR: pctStart is ${pctStart}, expected 0 to 1`)
    const groups = optimizer.paramGroups
    if (typeof maxLr !== 'number' && maxLr.length !== groups.length) {
      throw new ValueError(`OneCycleLR: maxLr has ${maxLr.length} rates for ${groups.length} parameter groups`)
    }
    if (cycleMomentum && groups.some((group) => group.betas === undefined && !(group.momentum as number))) {
      throw new ValueError(
        'OneCycleLR: cycleMomentum needs an optimizer with momentum or betas: set cycleMomentum to false',
      )
    }
    const defaults = {
      anneal: 'cos',
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
    } as const
    this.#options = { ...defaults, ...options, pctStart, threePhase, cycleMomentum }
    const top = pctStart * totalSteps - 1
    this.#phases = threePhase
      ? [
          { end: top, from: 'initial', to: 'max' },
          { end: 2 * pctStart * totalSteps - 2, from: 'max', to: 'initial' },
          { end: totalSteps - 1, from: 'initial', to: 'final' },
        ]
      : [
          { end: top, from: 'initial', to: 'max' },
          { end: totalSteps - 1, from: 'max', to: 'final' },
        ]
    this.apply()
  }

  protected override apply(): void {
    const { totalSteps, cycleMomentum, baseMomentum, maxMomentum } = this.#options
    const step = this.stepCount
    if (step > totalSteps) {
      throw new ValueError(`OneCycleLR: step ${step} is past totalSteps ${totalSteps}: the cycle is over`)
    }
    super.apply()
    if (!cycleMomentum) return
    const momentum = this.#between(step, { initial: maxMomentum, max: baseMomentum, final: maxMomentum })
    for (const group of this.optimizer.paramGroups) {
      if (group.betas !== undefined) group.betas = [momentum, group.betas[1]]
      else group.momentum = momentum
    }
  }

  protected override rate(step: number, _base: number, index: number): number {
    const { maxLr, divFactor, finalDivFactor } = this.#options
    const max = typeof maxLr === 'number' ? maxLr : (maxLr[index] as number)
    const initial = max / divFactor
    return this.#between(step, { initial, max, final: initial / finalDivFactor })
  }

  #between(step: number, levels: Readonly<Record<Level, number>>): number {
    const phase = this.#phases.find(({ end }) => step <= end) ?? this.#phases.at(-1)
    if (phase === undefined) return levels.final
    const start = this.#phases[this.#phases.indexOf(phase) - 1]?.end ?? 0
    const share = (step - start) / (phase.end - start)
    const from = levels[phase.from]
    const to = levels[phase.to]
    if (this.#options.anneal === 'linear') return from + (to - from) * share
    return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share))
  }
}

function whole(who: string, name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new ValueError(`${who}: ${name} is ${value}, expected a whole number of at least ${least}`)
}
