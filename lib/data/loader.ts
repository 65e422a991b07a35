// Batches of tensors from a dataset. Place in the whole: the public face of lib/data; order and content come from
// maker.ts (here or in workers), this file uploads them and keeps the position.
import { scope } from '../engine/lifetime.js'
import { tensor } from '../ops/creation.js'
import type { TypedArray } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import { type HostArray, type HostBatch, isHostArray } from './batch.js'
import { type AnyDataset, buildDataset, checkDataset, type DatasetModule, isDatasetModule } from './dataset.js'
import { DataError } from './errors.js'
import { BatchMaker, type BatchOptions, batchCount, type Collate, type MadeBatch } from './maker.js'
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
  /** Where the tensors are made. */
  readonly device?: string
}

/** Where a loader stands; JSON. The next batch is number `batch` of `epoch`. */
export interface LoaderState {
  readonly epoch: number
  readonly batch: number
  readonly seed: number
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
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
  #maker: Promise<BatchMaker> | undefined
  #workers: BatchWorkers | undefined
  #epoch = 0
  #batch = 0
  #resumed = false
  #busy = false
  readonly #indices = new WeakMap<object, ArrayLike<number>>()

  constructor(dataset: AnyDataset<S> | DatasetModule, options: DataLoaderOptions = {}) {
    const { batchSize = 1, shuffle = false, dropLast = false, seed = 0, workers = 0, prefetch = 2 } = options
    positive('batchSize', batchSize, 1)
    positive('workers', workers, 0)
    positive('prefetch', prefetch, 1)
    positive('seed', seed, 0)
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
    return { epoch: this.#epoch, batch: this.#batch, ...this.#options }
  }

  /**
   * Continues at a position: the next `for await` begins with that very batch.
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
    positive('state.epoch', state.epoch, 0)
    positive('state.batch', state.batch, 0)
    this.#epoch = state.epoch
    this.#batch = state.batch
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
      for await (const made of this.#hostBatches(this.#epoch, this.#batch)) {
        const batch = this.#finish(made)
        if (typeof batch === 'object' && batch !== null) this.#indices.set(batch, made.indices)
        this.#batch++
        yield batch
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

  #finish({ batch, indices }: MadeBatch): Collated<S> {
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
    if (this.#workerCount > 0) {
      yield* this.#pool().batches(epoch, from, await this.batchCount())
      return
    }
    const maker = await this.#inProcess()
    for (let number = from; ; number++) {
      const made = await maker.make(epoch, number)
      if (made === undefined) return
      yield made
    }
  }

  #pool(): BatchWorkers {
    const start = () =>
      new BatchWorkers(this.#source as DatasetModule, this.#options, this.#workerCount, this.#prefetch)
    this.#workers ??= start()
    return this.#workers
  }

  #inProcess(): Promise<BatchMaker> {
    const source = this.#source
    const build = async () => {
      const dataset = isDatasetModule(source) ? await buildDataset(source) : (source as AnyDataset)
      return new BatchMaker(dataset, this.#options, this.#collate)
    }
    this.#maker ??= build()
    return this.#maker
  }
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

function positive(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new DataError('DATA_OPTIONS', `DataLoader: ${name} is ${value}, expected a whole number of at least ${least}`)
}
