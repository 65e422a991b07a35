// Averages of weights along a run. Place in the whole: a Callback that feeds lib/optim's averages (EMA, SWA) and keeps them in checkpoints.

import { known, whole } from '../check.js'
import type { WeightAverage } from '../optim/averaging/weights.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Callback, FitContext, FitResult, Json } from './callback.js'

export interface WeightAveragingOptions {
  /** Take the weights in after every n-th update. Default 1. */
  readonly every?: number
  /** The first update that counts, from 0: the warm-up before is left out. Default 0. */
  readonly from?: number
  /** Overwrite the model's weights by the average when the run ends as complete. Default false: use `average.during`. */
  readonly copyAtEnd?: boolean
  /** Names its state in checkpoints, where a run has several averages. Default 'weight-averaging'. */
  readonly name?: string
}

/**
 * Updates an average of the weights after optimizer updates, and keeps it in checkpoints. With several optimizers each one's updates
 * count.
 *
 *     const ema = new ExponentialMovingAverage(model, { decay: 0.999 })
 *     new Trainer({ ..., callbacks: [new WeightAveraging(ema)], evaluate: () => ema.during(() => evaluate(...)) })
 */
export class WeightAveraging implements Callback {
  readonly name: string
  readonly #average: WeightAverage
  readonly #options: Required<Omit<WeightAveragingOptions, 'name'>>
  #updates = 0
  #context: FitContext | undefined

  /** @throws ValueError for options that make no sense */
  constructor(average: WeightAverage, options: WeightAveragingOptions = {}) {
    known('WeightAveraging', options, ['every', 'from', 'copyAtEnd', 'name'])
    const { every = 1, from = 0, copyAtEnd = false, name = 'weight-averaging' } = options
    whole('WeightAveraging', { every }, 1)
    whole('WeightAveraging', { from }, 0)
    this.name = name
    this.#average = average
    this.#options = { every, from, copyAtEnd }
  }

  onFitStart(context: FitContext): void {
    this.#context = context
  }

  onUpdate(): void {
    const { every, from } = this.#options
    const at = this.#updates++ - from
    if (at >= 0 && at % every === 0) this.#average.update()
  }

  onFitEnd({ stopped, error }: FitResult): void {
    if (!this.#options.copyAtEnd || stopped || error !== undefined || this.#average.updates === 0) return
    this.#average.copyTo()
    this.#context?.log(`the weights are the average of ${this.#average.updates} updates`)
  }

  stateDict(): Json {
    return { updates: this.#updates, averaged: this.#average.updates }
  }

  stateTensors(): ReadonlyMap<string, Tensor> {
    return this.#average.stateDict().averages
  }

  loadStateDict(state: Json, averages: ReadonlyMap<string, Tensor>): void {
    const { updates, averaged } = state as { updates: number; averaged: number }
    this.#updates = updates
    this.#average.loadStateDict({ updates: averaged, averages })
  }
}
