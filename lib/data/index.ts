// lib/data: datasets, batches and loaders.
export { collate, type HostArray, type HostBatch, type Sample } from './batch.js'
export {
  type AnyDataset,
  ArrayDataset,
  type Dataset,
  type DatasetModule,
  int,
  type IterableDataset,
  type SampleContext,
} from './dataset.js'
export { DataError, type DataErrorCode } from './errors.js'
export { type Collated, DataLoader, type DataLoaderOptions, disposeBatch, type LoaderState } from './loader.js'
export type { Collate } from './maker.js'
export { Random } from './random.js'
