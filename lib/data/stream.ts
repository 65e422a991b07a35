// One pass over an iterable dataset. Place in the whole: used by maker.ts, which asks for a batch at a time; this file knows where
// in the stream it stands, and tells records that cannot be read from streams that cannot go on.
import type { Sample } from './batch.js'
import type { StreamContext } from './context.js'
import type { IterableDataset, Stream } from './dataset.js'
import { type DataError, RecordError, sampleFailed } from './errors.js'
import { Slice } from './slice.js'

/** What stood at a place of the stream. */
export type Taken = { readonly sample: Sample } | { readonly error: DataError }

export class SampleStream {
  readonly epoch: number
  /** Records behind it, those that could not be read among them. */
  #place: number
  readonly #iterator: Iterator<Sample | RecordError> | AsyncIterator<Sample | RecordError>
  #done = false

  private constructor(epoch: number, place: number, source: Stream) {
    this.epoch = epoch
    this.#place = place
    this.#iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  /** The stream of an epoch behind its first `place` records. */
  static async open(dataset: IterableDataset, context: StreamContext, place: number): Promise<SampleStream> {
    if (place > 0 && dataset.iterateFrom !== undefined) {
      return new SampleStream(context.epoch, place, dataset.iterateFrom(context, place))
    }
    const stream = new SampleStream(context.epoch, 0, dataset.iterate(context))
    await stream.pass(place)
    return stream
  }

  get place(): number {
    return this.#place
  }

  /** Whether it is known that nothing follows. */
  get done(): boolean {
    return this.#done
  }

  /** Up to `count` records; fewer at the end. */
  async take(count: number): Promise<Taken[]> {
    const records: Taken[] = []
    const slice = new Slice()
    while (records.length < count) {
      const record = await this.#next()
      if (record === undefined) break
      records.push(record)
      await slice.rest()
    }
    return records
  }

  /** Passes over what others take, or took before: whether it can be read is their affair. */
  async pass(count: number): Promise<void> {
    const slice = new Slice()
    for (let i = 0; i < count && (await this.#next()) !== undefined; i++) await slice.rest()
  }

  /** Lets the dataset free what it holds. */
  async close(): Promise<void> {
    if (this.#done) return
    this.#done = true
    await this.#iterator.return?.()
  }

  async #next(): Promise<Taken | undefined> {
    if (this.#done) return undefined
    const number = this.#place
    try {
      const result = await this.#iterator.next()
      if (result.done) {
        this.#done = true
        return undefined
      }
      this.#place++
      return result.value instanceof RecordError ? { error: result.value.at(number) } : { sample: result.value }
    } catch (cause) {
      if (cause instanceof RecordError && !isGenerator(this.#iterator)) {
        this.#place++
        return { error: cause.at(number) }
      }
      this.#done = true
      throw ended(cause, number)
    }
  }
}

function isGenerator(iterator: object): boolean {
  return /Generator\]$/.test(Object.prototype.toString.call(iterator))
}

function ended(cause: unknown, number: number): DataError {
  if (!(cause instanceof RecordError)) return sampleFailed(cause, `sample ${number} of iterate()`, number)
  const reason = `${cause.reason} (a generator ends with what it throws: yield the RecordError to go on behind it)`
  return new RecordError(reason, cause, { index: number, cause: cause.cause })
}
