// Batches of tensors from a dataset. Place in the whole: the public face of lib/data; order and content come from
// maker.ts (here or in workers), this file uploads them and keeps the position.
import { scope } from '../engine/lifetime.js'
import type { TypedArray } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import type { HostArray } from './batch.js'
import { WHOLE } from './context.js'
import { type AnyDataset, buildDataset, type DatasetModule, isDataset } from './dataset.js'
import { DataError } from './errors.js'
import { batchesOf, inTurn, type Job, type LaneBatch } from './lanes.js'
import { checkLoader, type DataLoaderOptions, type LoaderSettings } from './loader-options.js'
import { BatchMaker, type DataShape, type EndOfData, type MadeBatch, type MakerOptions } from './maker.js'
import { whole } from './options.js'
import { Planner } from './plan.js'
import { ErrorPolicy } from './policy.js'
import type { LoaderState } from './state.js'
import { transformContext } from './transform.js'
import { upload } from './upload.js'
import { BatchWorkers } from './workers.js'

export type { DataLoaderOptions } from './loader-options.js'
export { disposeBatch } from './upload.js'

/** What a loader has done since it was made. */
export interface DataLoaderStats {
  /** Batches and samples handed out. */
  readonly batches: number
  readonly samples: number
  /** Samples left out because they could not be read. */
  readonly skipped: number
  /** Milliseconds for which batches were waited for: what the data cost the training loop. */
  readonly waitMs: number
}

/** The batch that samples of type S make; `any` of any. */
export type Collated<S> = 0 extends 1 & S
  ? any
  : S extends number | bigint | boolean | TypedArray | HostArray
    ? Tensor
    : S extends string
      ? string[]
      : S extends object
        ? { readonly [K in keyof S]: Collated<S[K]> }
        : never

/** Options that decide what the batches are: those of a saved position must be the same. */
const DECISIVE = ['seed', 'batchSize', 'shuffle', 'dropLast'] as const

/**
 * Iterates a dataset in batches; each `for await` is one epoch. The batches are functions of the dataset, the options
 * and the epoch alone: the same for any number of workers, and the same after `loadState`.
 */
export class DataLoader<S = any> {
  readonly #source: AnyDataset<S> | DatasetModule
  readonly #options: Omit<DataLoaderOptions, keyof LoaderSettings>
  readonly #settings: LoaderSettings
  readonly #planner: Planner
  readonly #policy: ErrorPolicy
  readonly #done = { batches: 0, samples: 0, skipped: 0, waitMs: 0 }
  #maker: Promise<BatchMaker> | undefined
  #workers: BatchWorkers | undefined
  #epoch = 0
  #batch = 0
  /** Batches taken of each worker's part of a sharded stream. */
  #streams: number[] | undefined
  #resumed = false
  #busy = false
  readonly #indices = new WeakMap<object, ArrayLike<number>>()

  /** @throws DataError DATA_OPTIONS, DATA_DATASET_INVALID */
  constructor(dataset: AnyDataset<S> | DatasetModule, options: DataLoaderOptions = {}) {
    this.#settings = checkLoader(dataset, options)
    this.#policy = new ErrorPolicy(options.onError ?? 'fatal', options.maxErrors ?? Number.POSITIVE_INFINITY)
    this.#source = dataset
    this.#options = options
    this.#planner = new Planner(this.#settings)
  }

  /** Batches of the epoch that comes next or is being iterated, undefined where an iterable dataset does not tell. */
  async batchCount(): Promise<number | undefined> {
    const { samples } = await this.#shape()
    return samples === undefined ? undefined : (await this.#planner.plan(samples, this.#epoch)).count
  }

  /** The position, for a checkpoint: batches already handed out are behind it. */
  state(): LoaderState {
    const { seed, batchSize, shuffle, dropLast } = this.#settings
    return {
      epoch: this.#epoch,
      batch: this.#batch,
      seed,
      batchSize,
      shuffle,
      dropLast,
      sampler: this.#planner.identity,
      skipped: this.#policy.skipped,
      ...(this.#streams === undefined ? {} : { streams: [...this.#streams] }),
    }
  }

  stats(): DataLoaderStats {
    return { ...this.#done }
  }

  /**
   * Continues at a position: the next `for await` begins with that very batch, and rejects with DATA_STATE where the dataset ends
   * before it.
   * @throws DataError DATA_STATE when the loader was made with other options than the state's
   */
  loadState(state: LoaderState): void {
    for (const name of DECISIVE) refuseOther(name, state[name], this.#settings[name])
    if (state.sampler !== undefined) refuseOther('sampler', state.sampler, this.#planner.identity)
    whole('DataLoader', 'state.epoch', state.epoch, 0)
    whole('DataLoader', 'state.batch', state.batch, 0)
    whole('DataLoader', 'state.skipped', state.skipped ?? 0, 0)
    if (state.streams !== undefined) refuseOther('workers', state.streams.length, this.#lanes)
    this.#epoch = state.epoch
    this.#batch = state.batch
    this.#streams = state.streams === undefined ? undefined : [...state.streams]
    this.#policy.skipped = state.skipped ?? 0
    this.#resumed = true
  }

  /** Indices of the samples that a batch of this loader was made of; undefined for what is none. */
  samplesOf(batch: unknown): ArrayLike<number> | undefined {
    return typeof batch === 'object' && batch !== null ? this.#indices.get(batch) : undefined
  }

  /** One epoch. Leaving it early abandons it: the next `for await` begins the next epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Collated<S>, void, undefined> {
    if (this.#busy) {
      throw new DataError(
        'DATA_LOADER_BUSY',
        'DataLoader: an epoch is being iterated: make a second loader for another one',
      )
    }
    this.#busy = true
    try {
      if (this.#batch > 0 && !this.#resumed) this.#nextEpoch()
      this.#resumed = false
      let since = performance.now()
      for await (const { lane, made } of this.#hostBatches()) {
        this.#done.waitMs += performance.now() - since
        const batch = this.#finish(made)
        if (typeof batch === 'object' && batch !== null) this.#indices.set(batch, made.indices)
        this.#batch++
        if (this.#streams !== undefined) (this.#streams[lane] as number)++
        if (batch !== undefined) {
          this.#done.batches++
          this.#done.samples += made.indices.length
          yield batch
        }
        since = performance.now()
      }
      this.#nextEpoch()
    } finally {
      this.#busy = false
    }
  }

  /** Ends the worker threads. Idle workers never keep a process running, so a program that ends need not call it. */
  async close(): Promise<void> {
    const workers = this.#workers
    this.#workers = undefined
    await workers?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #nextEpoch(): void {
    this.#epoch++
    this.#batch = 0
    this.#streams = undefined
  }

  /** The batch of tensors, undefined where no sample of it could be read. */
  #finish(made: MadeBatch): Collated<S> | undefined {
    try {
      return this.#tensors(made)
    } finally {
      made.release()
    }
  }

  #tensors({ batch, indices, errors }: MadeBatch): Collated<S> | undefined {
    this.#policy.judge(errors)
    this.#done.skipped += errors.length
    if (batch === undefined) return undefined
    const { transform, device } = this.#options
    if (transform === undefined) return upload(batch, device) as Collated<S>
    const context = transformContext({ indices, seed: this.#settings.seed, epoch: this.#epoch, batch: this.#batch })
    return scope(() => {
      const result: unknown = transform(upload(batch, device), context)
      if (!(result instanceof Promise)) return result as Collated<S>
      result.catch(() => {})
      throw new DataError('DATA_OPTIONS', 'DataLoader: the transform returned a promise: it is to be synchronous')
    })
  }

  /** The batches from the position on. */
  async *#hostBatches(): AsyncGenerator<LaneBatch> {
    const job = await this.#job()
    if (job.count !== undefined) this.#checkPlace(job.count)
    const workers = this.#settings.workers > 0 ? this.#pool() : undefined
    const batches = batchesOf(workers?.sources ?? [await this.#inProcess()], job)
    const next = () => batches.next()
    const begun = this.#batch
    try {
      for (;;) {
        const result = workers === undefined ? await next() : await workers.holding(next)
        if (!result.done) yield result.value
        else {
          if (this.#batch === begun) this.#checkEnd(result.value)
          return
        }
      }
    } finally {
      await batches.return(undefined)
    }
  }

  async #job(): Promise<Job> {
    const { samples, sharded, readAhead } = await this.#shape()
    const { workers, prefetch, shuffle, sampler, batchSampler } = this.#settings
    const common = { epoch: this.#epoch, ahead: workers > 0 ? prefetch : readAhead }
    if (samples !== undefined) {
      const plan = await this.#planner.plan(samples, this.#epoch)
      const indicesOf = (number: number) => plan.batch(number)
      return { ...common, from: inTurn(this.#lanes, this.#batch), step: this.#lanes, count: plan.count, indicesOf }
    }
    if (shuffle || sampler !== undefined || batchSampler !== undefined) {
      const message = 'DataLoader: an iterable dataset has an order of its own: it cannot be shuffled or sampled'
      throw new DataError('DATA_OPTIONS', `${message}; shuffleBuffer(dataset, size) mixes what stands near`)
    }
    if (!sharded) return { ...common, from: inTurn(this.#lanes, this.#batch), step: this.#lanes }
    if (this.#streams === undefined && this.#batch > 0 && this.#lanes > 1) {
      const message = 'DataLoader: the saved position does not tell the places in the parts of a sharded stream'
      throw new DataError('DATA_STATE', `${message}: it was not saved by a loader with ${this.#lanes} workers`)
    }
    this.#streams ??= Array.from({ length: this.#lanes }, () => this.#batch)
    return { ...common, from: [...this.#streams], step: 1 }
  }

  /** Makers that take turns. */
  get #lanes(): number {
    return Math.max(1, this.#settings.workers)
  }

  /** @throws DataError DATA_STATE where the epoch has fewer batches than the position says */
  #checkPlace(count: number): void {
    if (this.#batch <= count) return
    const message = `DataLoader: the saved position is batch ${this.#batch} of epoch ${this.#epoch}, but an epoch has ${count} batches`
    throw new DataError('DATA_STATE', `${message}: it is not the dataset of that position`)
  }

  /** Nothing was found at the position: of a stream, it is now known where that ends. */
  #checkEnd(end: EndOfData | undefined): void {
    if (end !== undefined && this.#streams === undefined) this.#checkPlace(end.batches)
  }

  #shape(): Promise<DataShape> {
    if (this.#settings.workers > 0) return this.#pool().shape()
    return this.#inProcess().then((maker) => maker.shape)
  }

  #makerOptions(): MakerOptions {
    const { batchSize, dropLast, seed, distributed } = this.#settings
    const { rank, worldSize } = distributed ?? WHOLE
    const shard = { ...WHOLE, rank, worldSize }
    return { batchSize, dropLast, seed, tolerant: this.#policy.tolerant, shared: this.#settings.workers > 0, shard }
  }

  #pool(): BatchWorkers {
    const source = this.#source as DatasetModule
    if (this.#workers?.dead) {
      // Those that still live are of no use without the others.
      void this.#workers.close()
      this.#workers = undefined
    }
    this.#workers ??= new BatchWorkers(source, this.#makerOptions(), this.#settings.workers)
    return this.#workers
  }

  #inProcess(): Promise<BatchMaker> {
    const source = this.#source
    const build = async () => {
      const dataset = isDataset(source) ? (source as AnyDataset) : await buildDataset(source as DatasetModule)
      return new BatchMaker(dataset, this.#makerOptions(), this.#options.collate)
    }
    this.#maker ??= build()
    return this.#maker
  }
}

function refuseOther(name: string, saved: unknown, found: unknown): void {
  if (saved === found) return
  const message = `DataLoader: the saved position is for ${name} ${saved}, this loader has ${name} ${found}`
  throw new DataError('DATA_STATE', `${message}: the batches would not be the same`)
}
