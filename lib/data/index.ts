// lib/data: datasets, batches and loaders.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { collate, type HostArray, type HostBatch, type Sample } from './batch.js'
export {
  type AnyDataset,
  ArrayDataset,
  type Dataset,
  type DatasetModule,
  type IterableDataset,
  int,
  type SampleContext,
} from './dataset.js'
export { DataError, type DataErrorCode, RecordError, type RecordPlace } from './errors.js'
export { type Collated, DataLoader, type DataLoaderOptions, disposeBatch, type LoaderState } from './loader.js'
export type { Collate } from './maker.js'
export { Random } from './random.js'
export * from './readers/index.js'
export { type BatchTransform, type ContextOptions, type TransformContext, transformContext } from './transform.js'
