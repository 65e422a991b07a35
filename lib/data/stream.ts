// One pass over an iterable dataset. Place in the whole: used by maker.ts, which asks for a batch at a time; this file knows where
// in the stream it stands.

import { Slice } from '../slice.js'
import type { Sample } from './batch.js'
import { type Later, reading } from './combine/reading.js'
import type { StreamContext } from './context.js'
import type { IterableDataset } from './dataset.js'
import { type DataError, RecordError, sampleFailed } from './errors.js'

/** What stood at a place of the stream. */
export type Taken = { readonly sample: Sample } | { readonly error: DataError }

export class SampleStream {
  readonly epoch: number
  readonly #records: AsyncGenerator<Later<Sample> | RecordError>
  #place: number
  #done = false

  private constructor(epoch: number, place: number, records: AsyncGenerator<Later<Sample> | RecordError>) {
    this.epoch = epoch
    this.#place = place
    this.#records = records
  }

  /** The stream of an epoch behind its first `place` records, or at its end where that comes first. */
  static async open(dataset: IterableDataset, context: StreamContext, place: number): Promise<SampleStream> {
    if (dataset.iterateFrom !== undefined)
      return new SampleStream(context.epoch, place, reading(dataset, context, place))
    const stream = new SampleStream(context.epoch, 0, reading(dataset, context))
    await stream.pass(place)
    return stream
  }

  /** Records behind it, those that could not be read among them. */
  get place(): number {
    return this.#place
  }

  /** Whether it is known that nothing follows. */
  get done(): boolean {
    return this.#done
  }

  /** Up to `count` records; fewer at the end. */
  async take(count: number): Promise<Taken[]> {
    const taken: Taken[] = []
    const slice = new Slice()
    while (taken.length < count) {
      const number = this.#place
      const record = await this.#next()
      if (record === undefined) break
      taken.push(await made(record, number))
      await slice.rest()
    }
    return taken
  }

  /** Passes over what others take, or took before: whether it can be read is their affair. */
  async pass(count: number): Promise<void> {
    const slice = new Slice()
    for (let i = 0; i < count && (await this.#next()) !== undefined; i++) await slice.rest()
  }

  /** Lets the dataset free what it holds. */
  async close(): Promise<void> {
    this.#done = true
    await this.#records.return(undefined)
  }

  async #next(): Promise<Later<Sample> | RecordError | undefined> {
    if (this.#done) return undefined
    try {
      const result = await this.#records.next()
      if (!result.done) {
        this.#place++
        return result.value
      }
      this.#done = true
      return undefined
    } catch (cause) {
      this.#done = true
      throw sampleFailed(cause, `sample ${this.#place} of iterate()`, this.#place)
    }
  }
}

/** A record whose sample cannot be made leaves the stream whole. */
async function made(record: Later<Sample> | RecordError, number: number): Promise<Taken> {
  if (record instanceof RecordError) return { error: record.at(number) }
  try {
    return { sample: await record() }
  } catch (cause) {
    return { error: sampleFailed(cause, `sample ${number} of iterate()`, number) }
  }
}
