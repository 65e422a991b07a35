// Batches of tensors from a dataset. Place in the whole: the public face of lib/data; order and content come from
// maker.ts (here or in workers), this file uploads them and keeps the position.
import { scope } from '../engine/lifetime.js'
import { tensor } from '../ops/creation.js'
import type { TypedArray } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import { type HostArray, type HostBatch, isHostArray } from './batch.js'
import { type AnyDataset, buildDataset, checkDataset, type DatasetModule, isDatasetModule } from './dataset.js'
import { DataError } from './errors.js'
import {
  BatchMaker,
  type BatchOptions,
  batchCount,
  type Collate,
  type EndOfData,
  type MadeBatch,
  type MakerOptions,
} from './maker.js'
import { checkOptions, whole } from './options.js'
import { ErrorPolicy, type OnError } from './policy.js'
import type { LoaderState } from './state.js'
import { type BatchTransform, transformContext } from './transform.js'
import { BatchWorkers } from './workers.js'

export interface DataLoaderOptions {
  /** Samples a batch. Default 1. */
  readonly batchSize?: number
  /** A new order each epoch, a function of `seed` and epoch. Default false. */
  readonly shuffle?: boolean
  /** Leave out a last batch that is not full. Default false. */
  readonly dropLast?: boolean
  /** Seeds the order and the datasets' random numbers. Default 0. */
  readonly seed?: number
  /** Threads that make batches; they need a dataset given as {module}. 0 (default): the calling thread, in slices. */
  readonly workers?: number
  /** Batches each worker makes ahead. Default 2. */
  readonly prefetch?: number
  /** Joins samples, on the calling thread (with workers give the dataset a `collate` method instead). */
  readonly collate?: Collate
  /**
   * Applied to each batch of tensors as it is taken: augmentation, normalisation. What it returns is the batch; other tensors
   * that it was given or made are freed. It runs on the calling thread, its kernels off the event loop, and is to be synchronous.
   */
  readonly transform?: BatchTransform
  /** What becomes of samples that cannot be read: see OnError. Default 'fatal'. */
  readonly onError?: OnError
  /** Samples that may be left out, in all epochs together; one more is fatal. Default: any number. */
  readonly maxErrors?: number
  /** Where the tensors are made. */
  readonly device?: string
}

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

const OPTIONS = [
  'batchSize',
  'shuffle',
  'dropLast',
  'seed',
  'workers',
  'prefetch',
  'collate',
  'transform',
  'onError',
  'maxErrors',
  'device',
] as const satisfies readonly (keyof DataLoaderOptions)[]

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

/**
 * Iterates a dataset in batches; each `for await` is one epoch. The batches are functions of the dataset, the options
 * and the epoch alone: the same for any number of workers, and the same after `loadState`.
 */
export class DataLoader<S = any> {
  readonly #source: AnyDataset<S> | DatasetModule
  readonly #options: BatchOptions
  readonly #collate: Collate | undefined
  readonly #transform: BatchTransform | undefined
  readonly #device: string | undefined
  readonly #workerCount: number
  readonly #prefetch: number
  readonly #policy: ErrorPolicy
  readonly #done = { batches: 0, samples: 0, skipped: 0, waitMs: 0 }
  #maker: Promise<BatchMaker> | undefined
  #workers: BatchWorkers | undefined
  #epoch = 0
  #batch = 0
  #resumed = false
  #busy = false
  readonly #indices = new WeakMap<object, ArrayLike<number>>()

  constructor(dataset: AnyDataset<S> | DatasetModule, options: DataLoaderOptions = {}) {
    const { batchSize = 1, shuffle = false, dropLast = false, seed = 0, workers = 0, prefetch = 2 } = options
    checkOptions('DataLoader', options, OPTIONS)
    whole('DataLoader', 'batchSize', batchSize, 1)
    whole('DataLoader', 'workers', workers, 0)
    whole('DataLoader', 'prefetch', prefetch, 1)
    whole('DataLoader', 'seed', seed, 0)
    if (!isDatasetModule(dataset)) {
      checkDataset(dataset, 'DataLoader')
      if (workers > 0) {
        const message = 'DataLoader: workers build their own dataset: give {module: import.meta.url, export, args}'
        throw new DataError('DATA_OPTIONS', `${message} instead of an object, or set workers to 0`)
      }
    }
    if (options.collate !== undefined && workers > 0) {
      const message = 'DataLoader: a collate function cannot be sent to workers: give the dataset a collate method'
      throw new DataError('DATA_OPTIONS', message)
    }
    this.#source = dataset
    this.#policy = new ErrorPolicy(options.onError ?? 'fatal', options.maxErrors ?? Number.POSITIVE_INFINITY)
    this.#options = { batchSize, shuffle, dropLast, seed }
    this.#collate = options.collate
    this.#transform = options.transform
    this.#device = options.device
    this.#workerCount = workers
    this.#prefetch = prefetch
  }

  /** Batches an epoch, undefined where an iterable dataset does not tell. */
  async batchCount(): Promise<number | undefined> {
    const samples = this.#workerCount > 0 ? await this.#pool().samples() : (await this.#inProcess()).samples
    return samples === undefined ? undefined : batchCount(samples, this.#options)
  }

  /** The position, for a checkpoint: batches already handed out are behind it. */
  state(): LoaderState {
    return { epoch: this.#epoch, batch: this.#batch, ...this.#options, skipped: this.#policy.skipped }
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
    for (const [name, value] of Object.entries(this.#options)) {
      const saved = state[name as keyof BatchOptions]
      if (saved !== value) {
        const message = `DataLoader: the saved position is for ${name} ${saved}, this loader has ${name} ${value}`
        throw new DataError('DATA_STATE', `${message}: the batches would not be the same`)
      }
    }
    whole('DataLoader', 'state.epoch', state.epoch, 0)
    whole('DataLoader', 'state.batch', state.batch, 0)
    whole('DataLoader', 'state.skipped', state.skipped ?? 0, 0)
    this.#epoch = state.epoch
    this.#batch = state.batch
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
      for await (const made of this.#hostBatches(this.#epoch, this.#batch)) {
        this.#done.waitMs += performance.now() - since
        const batch = this.#finish(made)
        if (typeof batch === 'object' && batch !== null) this.#indices.set(batch, made.indices)
        this.#batch++
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
  }

  /** The batch of tensors, undefined where no sample of it could be read. */
  #finish({ batch, indices, errors }: MadeBatch): Collated<S> | undefined {
    this.#policy.judge(errors)
    this.#done.skipped += errors.length
    if (batch === undefined) return undefined
    const transform = this.#transform
    if (transform === undefined) return upload(batch, this.#device) as Collated<S>
    const context = transformContext({ indices, seed: this.#options.seed, epoch: this.#epoch, batch: this.#batch })
    return scope(() => {
      const result: unknown = transform(upload(batch, this.#device), context)
      if (!(result instanceof Promise)) return result as Collated<S>
      result.catch(() => {})
      throw new DataError('DATA_OPTIONS', 'DataLoader: the transform returned a promise: it is to be synchronous')
    })
  }

  async *#hostBatches(epoch: number, from: number): AsyncGenerator<MadeBatch> {
    const count = await this.batchCount()
    if (count !== undefined) checkPlace(epoch, from, count)
    const workers = this.#workerCount > 0 ? this.#pool() : undefined
    const source = workers?.batches(epoch, from, count) ?? this.#ownBatches(epoch, from, count)
    let number = from
    for await (const made of source) {
      if ('records' in made) {
        if (number === from) checkPlace(epoch, from, batchCount(made.records, this.#options))
        return
      }
      number++
      yield made
    }
  }

  /** The same batches as workers make, on this thread. */
  async *#ownBatches(epoch: number, from: number, count: number | undefined): AsyncGenerator<MadeBatch | EndOfData> {
    const maker = await this.#inProcess()
    try {
      for (let number = from; count === undefined || number < count; number++) yield await maker.make(epoch, number)
    } finally {
      await maker.leave()
    }
  }

  #makerOptions(): MakerOptions {
    return { ...this.#options, tolerant: this.#policy.tolerant }
  }

  #pool(): BatchWorkers {
    const start = () =>
      new BatchWorkers(this.#source as DatasetModule, this.#makerOptions(), this.#workerCount, this.#prefetch)
    this.#workers ??= start()
    return this.#workers
  }

  #inProcess(): Promise<BatchMaker> {
    const source = this.#source
    const build = async () => {
      const dataset = isDatasetModule(source) ? await buildDataset(source) : (source as AnyDataset)
      return new BatchMaker(dataset, this.#makerOptions(), this.#collate)
    }
    this.#maker ??= build()
    return this.#maker
  }
}

/** @throws DataError DATA_STATE for a place behind the epoch's end */
function checkPlace(epoch: number, batch: number, count: number): void {
  if (batch <= count) return
  const message = `DataLoader: the saved position is batch ${batch} of epoch ${epoch}, but an epoch has ${count} batches`
  throw new DataError('DATA_STATE', `${message}: it is not the dataset of that position`)
}

/** Frees a batch's tensors at once instead of when their objects are collected. */
export function disposeBatch(batch: unknown): void {
  if (batch instanceof Tensor) batch.dispose()
  else if (typeof batch === 'object' && batch !== null) for (const item of Object.values(batch)) disposeBatch(item)
}

function upload(batch: HostBatch, device: string | undefined): unknown {
  if (isHostArray(batch)) {
    const shape = batch.shape ?? [batch.data.length]
    return tensor(batch.data, { shape, ...(device === undefined ? {} : { device }) })
  }
  if (typeof batch === 'string') return batch
  if (Array.isArray(batch)) return batch.map((item: HostBatch) => upload(item, device))
  return Object.fromEntries(Object.entries(batch).map(([field, item]) => [field, upload(item as HostBatch, device)]))
}
