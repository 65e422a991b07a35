// Decay when a metric stops getting better. Place in the whole: torch's ReduceLROnPlateau. It takes the metric, so it is no
// `Scheduler`: call it after every evaluation.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { perGroup, type ScheduledOptimizer } from './scheduler.js'

export interface PlateauOptions {
  /** Whether the metric is to fall or to rise. Default 'min'. */
  readonly mode?: 'min' | 'max'
  /** What the rate is multiplied by, less than 1. Default 0.1. */
  readonly factor?: number
  /** Evaluations in a row without progress that are let pass. Default 10. */
  readonly patience?: number
  /** What counts as progress: better than the best by this share of it ('rel') or by this much ('abs'). Default 1e-4. */
  readonly threshold?: number
  /** Default 'rel'. */
  readonly thresholdMode?: 'rel' | 'abs'
  /** Evaluations after a reduction that count for nothing. Default 0. */
  readonly cooldown?: number
  /** The least rate, one for all groups or one a group. Default 0. */
  readonly minLr?: number | readonly number[]
  /** Smaller changes of the rate are left out. Default 1e-8. */
  readonly eps?: number
}

/** JSON; `best` is null before the first metric. */
export interface PlateauState {
  readonly step: number
  readonly best: number | null
  readonly badEpochs: number
  readonly cooldown: number
  readonly lr: readonly number[]
}

export class ReduceLROnPlateau {
  readonly #optimizer: ScheduledOptimizer
  readonly #options: Required<Omit<PlateauOptions, 'minLr'>>
  readonly #minLr: readonly number[]
  #step = 0
  #best: number | null = null
  #badEpochs = 0
  #cooldown = 0

  constructor(optimizer: ScheduledOptimizer, options: PlateauOptions = {}) {
    known('ReduceLROnPlateau', options, [
      'mode',
      'factor',
      'patience',
      'threshold',
      'thresholdMode',
      'cooldown',
      'minLr',
      'eps',
    ])
    const { mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel', cooldown = 0 } = options
    const { minLr = 0, eps = 1e-8 } = options
    const who = 'ReduceLROnPlateau'
    if (!(factor >= 0 && factor < 1))
      throw new ValueError(`${who}: factor is ${factor}, expected at least 0 and less than 1`)
    if (mode !== 'min' && mode !== 'max')
      throw new ValueError(`${who}: mode is '${mode as string}', expected 'min' or 'max'`)
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
      throw new ValueError(`${who}: thresholdMode is '${thresholdMode as string}', expected 'rel' or 'abs'`)
    whole(who, { patience }, 0)
    whole(who, { cooldown }, 0)
    this.#optimizer = optimizer
    this.#options = { mode, factor, patience, threshold, thresholdMode, cooldown, eps }
    this.#minLr = perGroup(who, 'minLr', minLr, optimizer.paramGroups.length)
  }

  /** The groups' rates as they are now. */
  lastLr(): number[] {
    return this.#optimizer.paramGroups.map((group) => group.lr)
  }

  /** Takes the metric of an evaluation; one that is NaN is no progress. */
  step(metric: number): void {
    if (typeof metric !== 'number')
      throw new ValueError(`ReduceLROnPlateau.step: the metric is a ${typeof metric}, expected a number`)
    const { patience, cooldown, factor, eps } = this.#options
    this.#step++
    if (this.#isBetter(metric)) {
      this.#best = metric
      this.#badEpochs = 0
    } else {
      this.#badEpochs++
    }
    if (this.#cooldown > 0) {
      this.#cooldown--
      this.#badEpochs = 0
    }
    if (this.#badEpochs <= patience) return
    for (const [i, group] of this.#optimizer.paramGroups.entries()) {
      const next = Math.max(group.lr * factor, this.#minLr[i] ?? 0)
      if (group.lr - next > eps) group.lr = next
    }
    this.#cooldown = cooldown
    this.#badEpochs = 0
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options
    const best = this.#best ?? (mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
    const sign = mode === 'min' ? -1 : 1
    const bound = thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold
    return mode === 'min' ? metric < bound : metric > bound
  }

  stateDict(): PlateauState {
    return {
      step: this.#step,
      best: this.#best,
      badEpochs: this.#badEpochs,
      cooldown: this.#cooldown,
      lr: this.lastLr(),
    }
  }

  /** Takes over a place and its rates. */
  loadStateDict(state: PlateauState): void {
    const groups = this.#optimizer.paramGroups
    if (state.lr.length !== groups.length) {
      const found = `rates of ${state.lr.length} groups`
      throw new ValueError(`ReduceLROnPlateau.loadStateDict: ${found}, this optimizer has ${groups.length}`)
    }
    this.#step = state.step
    this.#best = state.best
    this.#badEpochs = state.badEpochs
    this.#cooldown = state.cooldown
    for (const [i, group] of groups.entries()) group.lr = state.lr[i] as number
  }
}
