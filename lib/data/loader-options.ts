// The settings of a DataLoader, and their checks. Place in the whole: read once, by the loader's constructor.
import { type AnyDataset, checkDataset, type DatasetModule, isDatasetModule } from './dataset.js'
import { DataError } from './errors.js'
import type { Collate } from './maker.js'
import { checkOptions, whole } from './options.js'
import type { PlanOptions } from './plan.js'
import type { OnError } from './policy.js'
import { checkDistributed, type DistributedOptions } from './samplers/distributed.js'
import type { BatchSampler, Sampler } from './samplers/sampler.js'
import type { BatchTransform } from './transform.js'

export interface DataLoaderOptions {
  /** Samples a batch. Default 1. A record that cannot be read still counts: see LoaderState. */
  readonly batchSize?: number
  /** A new order each epoch, a function of `seed` and epoch. Default false. */
  readonly shuffle?: boolean
  /** Leave out a last batch that is not full. Default false. */
  readonly dropLast?: boolean
  /** The order of the samples, in place of `shuffle`. */
  readonly sampler?: Sampler
  /** The batches, in place of `batchSize`, `shuffle`, `dropLast` and `sampler`. */
  readonly batchSampler?: BatchSampler
  /** Several processes train together, each on its own part of every epoch. */
  readonly distributed?: DistributedOptions
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

const NAMES = [
  'batchSize',
  'shuffle',
  'dropLast',
  'sampler',
  'batchSampler',
  'distributed',
  'seed',
  'workers',
  'prefetch',
  'collate',
  'transform',
  'onError',
  'maxErrors',
  'device',
] as const satisfies readonly (keyof DataLoaderOptions)[]

export interface LoaderSettings extends PlanOptions {
  readonly workers: number
  readonly prefetch: number
}

/** The options with their defaults. @throws DataError DATA_OPTIONS */
export function checkLoader(dataset: AnyDataset<any> | DatasetModule, options: DataLoaderOptions): LoaderSettings {
  checkOptions('DataLoader', options, NAMES)
  const { batchSize = 1, shuffle = false, dropLast = false, seed = 0, workers = 0, prefetch = 2 } = options
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
  refuseTogether(options, 'batchSampler', ['batchSize', 'shuffle', 'dropLast', 'sampler'])
  refuseTogether(options, 'sampler', ['shuffle'])
  const { sampler, batchSampler } = options
  const distributed = options.distributed === undefined ? undefined : checkDistributed(options.distributed)
  return { batchSize, shuffle, dropLast, seed, workers, prefetch, sampler, batchSampler, distributed }
}

type Name = keyof DataLoaderOptions

function refuseTogether(options: DataLoaderOptions, given: Name, others: readonly Name[]): void {
  const other = others.find((name) => options[name] !== undefined)
  if (options[given] === undefined || other === undefined) return
  throw new DataError('DATA_OPTIONS', `DataLoader: ${given} decides what ${other} would: give one of them`)
}
