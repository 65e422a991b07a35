// What streams are made of: one mixed within a buffer, several one after another or in turn, samples in groups. Place in the whole:
// beside samples.ts; all resume at a record, with what is passed over left unmade.
import { derivedContext, type StreamContext } from '../context.js'
import type { IterableDataset } from '../dataset.js'
import { DataError, RecordError } from '../errors.js'
import { checkOptions, whole } from '../options.js'
import { Random, streamOf } from '../random.js'
import { checkedWeights, weightedDraw } from '../samplers/order.js'
import { type Later, lazyDataset, type Records, reading, shardedAs, sharedOf } from './reading.js'

type Record<S> = Later<S> | RecordError

/**
 * Mixes a stream: each sample is drawn from a buffer of `size`, which the stream refills. Samples that stand further apart than that
 * hardly change places: shuffle files first. An epoch that is resumed reads its stream from the beginning, since what the buffer holds
 * depends on all that came before, but no function of `mapSamples` behind or before it is called for what is passed over.
 */
export function shuffleBuffer<S>(dataset: IterableDataset<S>, size: number): IterableDataset<S> {
  whole('shuffleBuffer', 'size', size, 1)
  async function* mixed(context: StreamContext): AsyncGenerator<Record<S>> {
    const random = new Random(context.seed, streamOf('buffer', context.epoch))
    const buffer: Record<S>[] = []
    for await (const record of reading(dataset, derivedContext(context, 0))) {
      if (buffer.length < size) {
        buffer.push(record)
        continue
      }
      const at = random.int(size)
      yield buffer[at] as Record<S>
      buffer[at] = record
    }
    while (buffer.length > 0) {
      const at = random.int(buffer.length)
      const last = buffer.pop() as Record<S>
      if (at === buffer.length) yield last
      else {
        yield buffer[at] as Record<S>
        buffer[at] = last
      }
    }
  }
  return lazyDataset((context, from) => behind(mixed(context), from), sharedOf(dataset))
}

/** One stream after another. Samples are joined as the first stream joins its own. */
export function chainDatasets<S>(...datasets: readonly IterableDataset<S>[]): IterableDataset<S> {
  const shared = sharedBy('chainDatasets', datasets)
  async function* chained(context: StreamContext): AsyncGenerator<Record<S>> {
    for (const [i, dataset] of datasets.entries()) yield* reading(dataset, derivedContext(context, i))
  }
  return lazyDataset((context, from) => behind(chained(context), from), shared)
}

export interface InterleaveOptions {
  /** Samples of a stream before it is the next one's turn. Default 1. */
  readonly block?: number
  /** The epoch ends with the first stream that ends, or when all have ended (default), the others going on. */
  readonly stop?: 'first' | 'all'
}

/** Several streams in turn. Samples are joined as the first stream joins its own. */
export function interleaveDatasets<S>(
  datasets: readonly IterableDataset<S>[],
  options: InterleaveOptions = {},
): IterableDataset<S> {
  const name = 'interleaveDatasets'
  checkOptions(name, options, ['block', 'stop'])
  const { block = 1, stop = 'all' } = options
  whole(name, 'block', block, 1)
  checkStop(name, stop)
  const shared = sharedBy(name, datasets)
  const records = picked(datasets, stop, () => {
    let turn = -1
    return (live) => {
      turn++
      const place = Math.floor(turn / block) % datasets.length
      if (live[place]) return place
      // The turn of one that has ended is passed over whole.
      do turn = (Math.floor(turn / block) + 1) * block
      while (!live[(turn / block) % datasets.length])
      return (turn / block) % datasets.length
    }
  })
  return lazyDataset(records, shared)
}

export interface MixStreamsOptions {
  /** As of interleaveDatasets. Default 'first': the shares stay what was asked for to the end. */
  readonly stop?: 'first' | 'all'
}

/** Several streams mixed by weights: from which one a sample comes is drawn each time. Samples are joined as the first stream joins its own. */
export function mixStreams<S>(
  datasets: readonly IterableDataset<S>[],
  weights: ArrayLike<number>,
  options: MixStreamsOptions = {},
): IterableDataset<S> {
  const name = 'mixStreams'
  checkOptions(name, options, ['stop'])
  const { stop = 'first' } = options
  checkStop(name, stop)
  const shared = sharedBy(name, datasets)
  const shares = checkedShares(name, datasets.length, weights)
  const records = picked(datasets, stop, (context) => {
    const random = new Random(context.seed, streamOf('mixture', context.epoch))
    let draw = weightedDraw(shares)
    let known = datasets.length
    return (live) => {
      const count = live.filter(Boolean).length
      if (count < known) {
        known = count
        const left = shares.map((share, i) => (live[i] ? share : 0))
        // Only streams of weight 0 are left: they never come.
        if (!left.some((share) => share > 0)) return undefined
        draw = weightedDraw(left)
      }
      return draw(random)
    }
  })
  return lazyDataset(records, shared)
}

/** @throws DataError DATA_OPTIONS unless there is a weight for each dataset, one of them positive */
export function checkedShares(where: string, datasets: number, weights: ArrayLike<number>): Float64Array {
  const shares = checkedWeights(where, weights)
  if (shares.length !== datasets)
    throw new DataError('DATA_OPTIONS', `${where}: ${shares.length} weights for ${datasets} datasets`)
  if (!shares.some((share) => share > 0)) throw new DataError('DATA_OPTIONS', `${where}: no weight is positive`)
  return shares
}

/** Groups of `count` samples, as arrays; the last one may be smaller. A record that cannot be read is passed on by itself. */
export function groupSamples<S>(
  dataset: IterableDataset<S>,
  count: number,
  options: { readonly dropLast?: boolean } = {},
): IterableDataset<S[]> {
  whole('groupSamples', 'count', count, 1)
  checkOptions('groupSamples', options, ['dropLast'])
  const together = (group: Later<S>[]): Later<S[]> => {
    return async () => {
      const samples: S[] = []
      for (const make of group) samples.push(await make())
      return samples
    }
  }
  async function* grouped(context: StreamContext): AsyncGenerator<Record<S[]>> {
    let group: Later<S>[] = []
    for await (const record of reading(dataset, context)) {
      if (record instanceof RecordError) {
        yield record
        continue
      }
      if (group.push(record) < count) continue
      yield together(group)
      group = []
    }
    if (group.length > 0 && !options.dropLast) yield together(group)
  }
  return lazyDataset((context, from) => behind(grouped(context), from), shardedAs(dataset))
}

/** Chooses the stream that gives the next record, of those that live; undefined: the end. */
type Pick = (live: readonly boolean[]) => number | undefined

function picked<S>(
  datasets: readonly IterableDataset<S>[],
  stop: 'first' | 'all',
  begin: (context: StreamContext) => Pick,
): Records<S> {
  async function* inOrder(context: StreamContext): AsyncGenerator<Record<S>> {
    const iterators = datasets.map((dataset, i) => reading(dataset, derivedContext(context, i)))
    const live = datasets.map(() => true)
    const pick = begin(context)
    try {
      while (live.includes(true)) {
        const i = pick(live)
        if (i === undefined) return
        const result = await (iterators[i] as AsyncGenerator<Record<S>>).next()
        if (!result.done) yield result.value
        else if (stop === 'first') return
        else live[i] = false
      }
    } finally {
      for (const iterator of iterators) await iterator.return(undefined)
    }
  }
  return (context, from) => behind(inOrder(context), from)
}

/** What comes behind the first `count` records. */
async function* behind<R>(records: AsyncGenerator<R>, count: number): AsyncGenerator<R> {
  let passed = 0
  for await (const record of records) if (passed++ >= count) yield record
}

function checkStop(where: string, stop: string): void {
  if (stop === 'first' || stop === 'all') return
  throw new DataError('DATA_OPTIONS', `${where}: stop is ${JSON.stringify(stop)}, expected 'first' or 'all'`)
}

/** What streams that become one share: all are parts by shards, or none is. */
function sharedBy<S>(where: string, datasets: readonly IterableDataset<S>[]): ReturnType<typeof sharedOf<S>> {
  const first = datasets[0]
  if (first === undefined) throw new DataError('DATA_OPTIONS', `${where}: no datasets`)
  const other = datasets.findIndex((dataset) => (dataset.sharded ?? false) !== (first.sharded ?? false))
  if (other < 0) return sharedOf(first)
  const message = `${where}: dataset 0 is ${first.sharded ? '' : 'not '}sharded, but dataset ${other} is ${first.sharded ? 'not' : 'so'}`
  throw new DataError('DATA_OPTIONS', `${message}: workers would read one of them twice`)
}
