// Cyclical rates. Place in the whole: torch's CyclicLR.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { needMomentum, setMomentum } from './momentum.js'
import { perGroup, type ScheduledGroup, type ScheduledOptimizer, Scheduler } from './scheduler.js'

export interface CyclicOptions {
  /** The least and the highest rate, one for all groups or one a group. */
  readonly baseLr: number | readonly number[]
  readonly maxLr: number | readonly number[]
  /** Steps from the least rate to the highest. Default 2000. */
  readonly stepSizeUp?: number
  /** Steps back. Default: as many. */
  readonly stepSizeDown?: number
  /** All cycles alike, each half as high as the one before, or lower by `gamma` a step. Default 'triangular'. */
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range'
  /** Of 'exp_range'. Default 1. */
  readonly gamma?: number
  /** Takes the place of `mode`: what the height is multiplied by, of the number of the cycle (from 1) or of the step. */
  readonly scaleFn?: (x: number) => number
  /** What `scaleFn` is given. Default 'cycle'. */
  readonly scaleMode?: 'cycle' | 'iterations'
  /** Moves momentum (SGD) or the first beta (Adam) against the rate. Default true. */
  readonly cycleMomentum?: boolean
  /** Default 0.8. */
  readonly baseMomentum?: number
  /** Default 0.9. */
  readonly maxMomentum?: number
}

/** Rates between two bounds, up and down (Smith, "Cyclical learning rates for training neural networks", 2017). */
export class CyclicLR extends Scheduler {
  readonly #low: readonly number[]
  readonly #high: readonly number[]
  readonly #up: number
  readonly #total: number
  readonly #scale: (cycle: number, step: number) => number
  readonly #momentum: { readonly base: number; readonly max: number } | null

  constructor(optimizer: ScheduledOptimizer, options: CyclicOptions) {
    known('CyclicLR', options, [
      'baseLr',
      'maxLr',
      'stepSizeUp',
      'stepSizeDown',
      'mode',
      'gamma',
      'scaleFn',
      'scaleMode',
      'cycleMomentum',
      'baseMomentum',
      'maxMomentum',
    ])
    super(optimizer)
    const groups = optimizer.paramGroups
    const { stepSizeUp = 2000, cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options
    const { stepSizeDown = stepSizeUp } = options
    whole('CyclicLR', { stepSizeUp }, 1)
    whole('CyclicLR', { stepSizeDown }, 1)
    this.#low = perGroup('CyclicLR', 'baseLr', options.baseLr, groups.length)
    this.#high = perGroup('CyclicLR', 'maxLr', options.maxLr, groups.length)
    this.#up = stepSizeUp
    this.#total = stepSizeUp + stepSizeDown
    this.#scale = scaleOf(options)
    if (cycleMomentum) needMomentum('CyclicLR', groups)
    this.#momentum = cycleMomentum ? { base: baseMomentum, max: maxMomentum } : null
    this.apply()
  }

  protected override apply(): void {
    super.apply()
    if (this.#momentum === null) return
    const { base, max } = this.#momentum
    const momentum = max - (max - base) * this.#height(this.stepCount)
    for (const group of this.optimizer.paramGroups as readonly ScheduledGroup[]) setMomentum(group, momentum)
  }

  protected override rate(step: number, _base: number, index: number): number {
    const low = this.#low[index] as number
    return low + ((this.#high[index] as number) - low) * this.#height(step)
  }

  /** Above the least rate, as a share of the way to the highest. */
  #height(step: number): number {
    const cycle = Math.floor(1 + step / this.#total)
    const at = step - (cycle - 1) * this.#total
    const share = at <= this.#up ? at / this.#up : (this.#total - at) / (this.#total - this.#up)
    return share * this.#scale(cycle, step)
  }
}

function scaleOf(options: CyclicOptions): (cycle: number, step: number) => number {
  const { mode = 'triangular', gamma = 1, scaleFn, scaleMode = 'cycle' } = options
  if (scaleFn) return scaleMode === 'cycle' ? (cycle) => scaleFn(cycle) : (_, step) => scaleFn(step)
  if (mode === 'triangular') return () => 1
  if (mode === 'triangular2') return (cycle) => 2 ** (1 - cycle)
  if (mode === 'exp_range') return (_, step) => gamma ** step
  throw new ValueError(`CyclicLR: mode is '${mode as string}', expected 'triangular', 'triangular2' or 'exp_range'`)
}
