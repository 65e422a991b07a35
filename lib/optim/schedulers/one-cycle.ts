// The one-cycle policy. Place in the whole: torch's OneCycleLR.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { needMomentum, setMomentum } from './momentum.js'
import { type ScheduledOptimizer, Scheduler } from './scheduler.js'

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
    known('OneCycleLR', options, [
      'maxLr',
      'totalSteps',
      'pctStart',
      'anneal',
      'cycleMomentum',
      'baseMomentum',
      'maxMomentum',
      'divFactor',
      'finalDivFactor',
      'threePhase',
    ])
    super(optimizer)
    const { totalSteps, pctStart = 0.3, threePhase = false, cycleMomentum = true, maxLr } = options
    whole('OneCycleLR', { totalSteps }, 1)
    if (!(pctStart >= 0 && pctStart <= 1)) throw new ValueError(`OneCycleLR: pctStart is ${pctStart}, expected 0 to 1`)
    const groups = optimizer.paramGroups
    if (typeof maxLr !== 'number' && maxLr.length !== groups.length) {
      throw new ValueError(`OneCycleLR: maxLr has ${maxLr.length} rates for ${groups.length} parameter groups`)
    }
    if (cycleMomentum) needMomentum('OneCycleLR', groups)
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
    for (const group of this.optimizer.paramGroups) setMomentum(group, momentum)
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
