// Datasets made of datasets: mapped, cut, joined, kept in memory. Place in the whole: what stands between a reader and a loader; each is
// itself a dataset. streams.ts has what only streams can do.

import { filled } from '../../filled.js'
import { derivedContext, type SampleContext, sampleContext } from '../context.js'
import { type AnyDataset, type Dataset, type IterableDataset, isIterable } from '../dataset.js'
import { DataError, RecordError } from '../errors.js'
import { whole } from '../options.js'
import { checkedIndices } from '../samplers/order.js'
import { collatedAs, lazyDataset, reading, shardedAs, sharedOf } from './reading.js'

/** Makes a sample of another; its random numbers belong to the sample. */
export type SampleFunction<A, B> = (sample: A, context: SampleContext) => B | Promise<B>

/**
 * Each sample as `make` makes it, when it is asked for. Of a stream, a function is called only for the samples that the loader hands
 * out: with several workers each decodes its own. The result has no `collate` of the dataset's, which joined other samples.
 */
export function mapSamples<A, B>(dataset: Dataset<A>, make: SampleFunction<A, B>): Dataset<B>
export function mapSamples<A, B>(dataset: IterableDataset<A>, make: SampleFunction<A, B>): IterableDataset<B>
export function mapSamples<A, B>(dataset: AnyDataset<A>, make: SampleFunction<A, B>): AnyDataset<B>
export function mapSamples<A, B>(dataset: AnyDataset<A>, make: SampleFunction<A, B>): AnyDataset<B> {
  if (isIterable(dataset)) return mappedStream(dataset, make)
  return {
    length: dataset.length,
    get: async (index, context) => make(await dataset.get(index, context), context),
  }
}

function mappedStream<A, B>(dataset: IterableDataset<A>, make: SampleFunction<A, B>): IterableDataset<B> {
  return lazyDataset<B>(async function* (context, from) {
    let number = from
    for await (const record of reading(dataset, derivedContext(context, 0), from)) {
      const own = sampleContext(context.seed, context.epoch, number++)
      yield record instanceof RecordError ? record : async () => make(await record(), own)
    }
  }, shardedAs(dataset))
}

/** The samples `indices`, in that order. @throws DataError DATA_OPTIONS for an index that the dataset does not have */
export function subset<S>(dataset: Dataset<S>, indices: ArrayLike<number>): Dataset<S> {
  const own = checkedIndices('subset', indices, dataset.length)
  const { getBatch } = dataset
  return {
    length: own.length,
    get: (index, context) => dataset.get(own[index] as number, context),
    ...(getBatch && {
      getBatch: (rows, context) =>
        getBatch.call(
          dataset,
          rows.map((row) => own[row] as number),
          context,
        ),
    }),
    ...collatedAs(dataset),
  }
}

/** The first `count` samples, or all where there are fewer. */
export function takeSamples<S>(dataset: Dataset<S>, count: number): Dataset<S>
export function takeSamples<S>(dataset: IterableDataset<S>, count: number): IterableDataset<S>
export function takeSamples<S>(dataset: AnyDataset<S>, count: number): AnyDataset<S> {
  whole('takeSamples', 'count', count, 0)
  if (!isIterable(dataset)) return range(dataset, 0, Math.min(count, dataset.length))
  return lazyDataset(async function* (context, from) {
    let left = count - from
    if (left <= 0) return
    for await (const record of reading(dataset, context, from)) {
      yield record
      if (--left === 0) return
    }
  }, sharedOf(dataset))
}

/** All but the first `count` samples. */
export function skipSamples<S>(dataset: Dataset<S>, count: number): Dataset<S>
export function skipSamples<S>(dataset: IterableDataset<S>, count: number): IterableDataset<S>
export function skipSamples<S>(dataset: AnyDataset<S>, count: number): AnyDataset<S> {
  whole('skipSamples', 'count', count, 0)
  if (!isIterable(dataset)) return range(dataset, Math.min(count, dataset.length), dataset.length)
  return lazyDataset((context, from) => reading(dataset, context, from + count), sharedOf(dataset))
}

function range<S>(dataset: Dataset<S>, begin: number, end: number): Dataset<S> {
  return subset(
    dataset,
    filled(new Uint32Array(end - begin), (i) => begin + i),
  )
}

/** The samples of one dataset after those of another. They are joined as the first one joins its own. */
export function concatDatasets<S>(...datasets: readonly Dataset<S>[]): Dataset<S> {
  const first = datasets[0]
  if (first === undefined) throw new DataError('DATA_OPTIONS', 'concatDatasets: no datasets')
  let length = 0
  const begins = datasets.map((dataset) => (length += dataset.length) - dataset.length)
  return {
    length,
    get(index, context) {
      let part = datasets.length - 1
      while ((begins[part] as number) > index) part--
      return (datasets[part] as Dataset<S>).get(index - (begins[part] as number), context)
    },
    ...collatedAs(first),
  }
}

/**
 * Keeps in memory what was read once, in each thread for itself. What was drawn by chance stays as it was first drawn: augment behind it,
 * with `mapSamples`.
 */
export function cacheSamples<S>(dataset: Dataset<S>): Dataset<S> {
  const kept = new Map<number, S>()
  return {
    length: dataset.length,
    async get(index, context) {
      const found = kept.get(index)
      if (found !== undefined) return found
      const sample = await dataset.get(index, context)
      kept.set(index, sample)
      return sample
    },
    ...collatedAs(dataset),
  }
}
