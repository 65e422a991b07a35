// The rate of stochastic weight averaging. Place in the whole: torch.optim.swa_utils.SWALR; the averages are in ../averaging.

import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import { perGroup, type ScheduledOptimizer, Scheduler, type SchedulerState } from './scheduler.js'

export interface SWALROptions {
  /** The rate to end at, one for all groups or one a group. */
  readonly swaLr: number | readonly number[]
  /** Steps on the way there. Default 10. */
  readonly annealEpochs?: number
  /** Default 'cos'. */
  readonly annealStrategy?: 'cos' | 'linear'
}

/** From the rates that the groups have when this is made, half a cosine or a straight line to `swaLr`, which then stays. */
export class SWALR extends Scheduler {
  readonly #swaLr: readonly number[]
  readonly #steps: number
  readonly #strategy: 'cos' | 'linear'
  #from: readonly number[]

  constructor(optimizer: ScheduledOptimizer, options: SWALROptions) {
    known('SWALR', options, ['swaLr', 'annealEpochs', 'annealStrategy'])
    const { swaLr, annealEpochs = 10, annealStrategy = 'cos' } = options
    super(optimizer)
    whole('SWALR', { annealEpochs }, 0)
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear')
      throw new ValueError(`SWALR: annealStrategy is '${annealStrategy as string}', expected 'cos' or 'linear'`)
    this.#swaLr = perGroup('SWALR', 'swaLr', swaLr, optimizer.paramGroups.length)
    this.#steps = annealEpochs
    this.#strategy = annealStrategy
    this.#from = optimizer.paramGroups.map(({ lr }) => lr)
    this.apply()
  }

  override stateDict(): SchedulerState {
    return { ...super.stateDict(), from: [...this.#from] }
  }

  override loadStateDict(state: SchedulerState): void {
    const from = state['from']
    if (Array.isArray(from) && from.length === this.#from.length) this.#from = from as number[]
    super.loadStateDict(state)
  }

  protected override rate(step: number, _base: number, index: number): number {
    const t = this.#steps === 0 ? 1 : Math.min(step / this.#steps, 1)
    const share = this.#strategy === 'linear' ? t : (1 - Math.cos(Math.PI * t)) / 2
    return (this.#swaLr[index] as number) * share + (this.#from[index] as number) * (1 - share)
  }
}
