// How datasets made of streams read them. Place in the whole: used by combine/ and by the loader's stream.ts: one way to begin at a
// record, to see records that cannot be read as values, and to leave a sample unmade until it is wanted.
import type { StreamContext } from '../context.js'
import type { AnyDataset, IterableDataset } from '../dataset.js'
import { RecordError } from '../errors.js'

/** Makes the sample. */
export type Later<S> = () => S | Promise<S>

/** What streams made here have besides `iterate`: their records before the functions of `mapSamples` are called. */
const LAZY: unique symbol = Symbol('sinter.data.lazy')

/** The records of a stream from number `from` on, samples unmade. */
export type Records<S> = (context: StreamContext, from: number) => AsyncGenerator<Later<S> | RecordError>

interface LazyDataset<S> extends IterableDataset<S> {
  readonly [LAZY]: Records<S>
}

/** The dataset of such records. */
export function lazyDataset<S>(
  records: Records<S>,
  rest: Pick<IterableDataset<S>, 'sharded' | 'collate'>,
): IterableDataset<S> {
  async function* iterateFrom(context: StreamContext, from: number): AsyncGenerator<S | RecordError> {
    for await (const record of records(context, from)) yield await settled(record)
  }
  const dataset: LazyDataset<S> = {
    ...rest,
    iterate: (context) => iterateFrom(context, 0),
    iterateFrom,
    [LAZY]: records,
  }
  return dataset
}

/** What a record is in the end: its sample, or the error where it cannot be read. */
export async function settled<S>(record: Later<S> | RecordError): Promise<S | RecordError> {
  if (record instanceof RecordError) return record
  try {
    return await record()
  } catch (error) {
    if (error instanceof RecordError) return error
    throw error
  }
}

/** What a dataset keeps of the one whose samples it gives. */
export function sharedOf<S>(dataset: IterableDataset<S>): Pick<IterableDataset<S>, 'sharded' | 'collate'> {
  return { ...shardedAs(dataset), ...collatedAs(dataset) }
}

export function shardedAs(dataset: IterableDataset<any>): { readonly sharded?: boolean } {
  return dataset.sharded === undefined ? {} : { sharded: dataset.sharded }
}

export function collatedAs<S>(dataset: AnyDataset<S>): Pick<AnyDataset<S>, 'collate'> {
  return dataset.collate === undefined ? {} : { collate: dataset.collate.bind(dataset) }
}

/**
 * The records of a stream from number `from` on. Errors of records are values, so that a generator that reads here goes on behind them;
 * what a generator throws ends it, and is thrown.
 */
export async function* reading<S>(
  dataset: IterableDataset<S>,
  context: StreamContext,
  from = 0,
): AsyncGenerator<Later<S> | RecordError> {
  if (LAZY in dataset) {
    yield* (dataset as LazyDataset<S>)[LAZY](context, from)
    return
  }
  const there = from > 0 ? dataset.iterateFrom?.(context, from) : undefined
  const source = there ?? dataset.iterate(context)
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  let unseen = there === undefined ? from : 0
  let done = false
  try {
    for (;;) {
      let record: Later<S> | RecordError
      try {
        const result = await iterator.next()
        if (result.done) {
          done = true
          return
        }
        const { value } = result
        record = value instanceof RecordError ? value : () => value
      } catch (error) {
        done = !(error instanceof RecordError) || isGenerator(iterator)
        if (done) throw ended(error)
        record = error as RecordError
      }
      if (unseen > 0) unseen--
      else yield record
    }
  } finally {
    if (!done) await iterator.return?.()
  }
}

function isGenerator(iterator: object): boolean {
  return /Generator\]$/.test(Object.prototype.toString.call(iterator))
}

function ended(error: unknown): unknown {
  if (!(error instanceof RecordError)) return error
  const reason = `${error.reason} (a generator ends with what it throws: yield the RecordError to go on behind it)`
  return new RecordError(reason, error, { index: error.index, cause: error.cause })
}
