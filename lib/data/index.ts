// lib/data: datasets, batches and loaders.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export type { Allocate } from './arena.js'
export { collate, type HostArray, type HostBatch, type Sample } from './batch.js'
export { type MixOptions, mixDatasets } from './combine/mixture.js'
export {
  cacheSamples,
  concatDatasets,
  mapSamples,
  type SampleFunction,
  skipSamples,
  subset,
  takeSamples,
} from './combine/samples.js'
export {
  chainDatasets,
  groupSamples,
  type InterleaveOptions,
  interleaveDatasets,
  type MixStreamsOptions,
  mixStreams,
  shuffleBuffer,
} from './combine/streams.js'
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
export {
  type PackedBatch,
  type PackedRow,
  type PackOptions,
  packDataset,
  packRows,
  packSequences,
  packStream,
} from './pack.js'
export { type PadOptions, type PadValues, padCollate } from './pad.js'
export type { OnError } from './policy.js'
export { Random } from './random.js'
export * from './readers/index.js'
export { BucketBatchSampler, type BucketBatchSamplerOptions } from './samplers/bucket.js'
export type { DistributedOptions } from './samplers/distributed.js'
export {
  RandomSampler,
  type RandomSamplerOptions,
  SequentialSampler,
  SubsetSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from './samplers/order.js'
export type { Batches, BatchSampler, Sampler, SamplerContext } from './samplers/sampler.js'
export {
  type Fold,
  type FoldOptions,
  groupKFold,
  kFold,
  randomSplit,
  type SplitOptions,
  splitIndices,
  stratifiedKFold,
} from './splits.js'
export type { LoaderState } from './state.js'
export { type TokenDType, TokenFile, type TokenFileOptions } from './tokens/file.js'
export { type TokenWindow, TokenWindows, type TokenWindowsOptions, tokenWindows } from './tokens/windows.js'
export { type WriteTokensOptions, writeTokens } from './tokens/write.js'
export { type BatchTransform, type ContextOptions, type TransformContext, transformContext } from './transform.js'
