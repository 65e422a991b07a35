// lib/data: datasets, batches and loaders.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { collate, type HostArray, type HostBatch, type Sample } from './batch.js'
export type { BatchContext, SampleContext, StreamContext, StreamShard } from './context.js'
export {
  type AnyDataset,
  ArrayDataset,
  type Dataset,
  type DatasetModule,
  type IterableDataset,
  int,
  type Stream,
} from './dataset.js'
export { DataError, type DataErrorCode, RecordError, type RecordPlace } from './errors.js'
export { type Collated, DataLoader, type DataLoaderOptions, type DataLoaderStats, disposeBatch } from './loader.js'
export type { Collate } from './maker.js'
export type { OnError } from './policy.js'
export { Random } from './random.js'
export * from './readers/index.js'
export type { LoaderState } from './state.js'
export { type BatchTransform, type ContextOptions, type TransformContext, transformContext } from './transform.js'
