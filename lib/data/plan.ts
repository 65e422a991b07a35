// Which samples make which batch of an epoch. Place in the whole: drawn by the loader on its own thread, once an epoch; makers and
// workers are told the indices of each batch.
import { DataError } from './errors.js'
import { DistributedBatchSampler, type DistributedOptions, DistributedSampler } from './samplers/distributed.js'
import { RandomSampler, SequentialSampler } from './samplers/order.js'
import type { BatchSampler, Sampler, SamplerContext } from './samplers/sampler.js'

export interface PlanOptions {
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly seed: number
  readonly sampler: Sampler | undefined
  readonly batchSampler: BatchSampler | undefined
  readonly distributed: Required<DistributedOptions> | undefined
}

/** The batches of one epoch. */
export interface EpochPlan {
  readonly count: number
  /** The samples of batch `number`. */
  batch(number: number): Uint32Array
}

export class Planner {
  readonly #options: PlanOptions
  readonly #sampler: Sampler
  readonly #batchSampler: BatchSampler | undefined
  #last: { readonly length: number; readonly epoch: number; readonly plan: Promise<EpochPlan> } | undefined

  constructor(options: PlanOptions) {
    const { sampler, batchSampler, shuffle, distributed } = options
    const order = sampler ?? (shuffle ? new RandomSampler() : new SequentialSampler())
    this.#options = options
    this.#sampler = distributed === undefined ? order : new DistributedSampler(order, distributed)
    this.#batchSampler =
      batchSampler === undefined || distributed === undefined
        ? batchSampler
        : new DistributedBatchSampler(batchSampler, distributed)
  }

  /** What decides the order, for the loader's state. */
  get identity(): string {
    return (this.#batchSampler ?? this.#sampler).identity
  }

  /** The plan of an epoch of a dataset of `length` samples. */
  plan(length: number, epoch: number): Promise<EpochPlan> {
    if (this.#last?.length !== length || this.#last.epoch !== epoch) {
      const plan = this.#make({ length, epoch, seed: this.#options.seed })
      plan.catch(() => {})
      this.#last = { length, epoch, plan }
    }
    return this.#last.plan
  }

  async #make(context: SamplerContext): Promise<EpochPlan> {
    const { batchSize, dropLast } = this.#options
    if (this.#batchSampler !== undefined) {
      const { indices, ends } = await this.#batchSampler.batches(context)
      this.#check(indices, context.length)
      return {
        count: ends.length,
        batch: (number) => indices.slice(number === 0 ? 0 : ends[number - 1], ends[number]),
      }
    }
    const indices = await this.#sampler.order(context)
    this.#check(indices, context.length)
    const count = indices.length / batchSize
    return {
      count: dropLast ? Math.floor(count) : Math.ceil(count),
      batch: (number) => indices.slice(number * batchSize, (number + 1) * batchSize),
    }
  }

  #check(indices: Uint32Array, length: number): void {
    const bad = indices.findIndex((index) => index >= length)
    if (bad < 0) return
    const message = `DataLoader: the sampler (${this.identity}) asks for sample ${indices[bad]} of a dataset of ${length} samples`
    throw new DataError('DATA_OPTIONS', message)
  }
}
