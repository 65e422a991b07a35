// Samples of a list of files, one after another. Place in the whole: what all streaming readers have in common: which files a
// process and a thread read, in which order, and how an epoch is taken up in its middle.
import { resolve } from 'node:path'
import { sequence } from '../../filled.js'
import { Slice } from '../../slice.js'
import type { Sample } from '../batch.js'
import type { SampleContext, StreamShard } from '../context.js'
import type { IterableDataset } from '../dataset.js'
import { DataError, RecordError } from '../errors.js'
import { shuffle } from '../random.js'
import { expandBraces } from './braces.js'
import { Reader } from './reader.js'

export interface StreamOptions {
  /** Read the files in a new order each epoch, a function of seed and epoch. Default false. */
  readonly shuffleFiles?: boolean
  /** Records that wait, still encoded, for a place of chance in the order; default 0: the files' order. */
  readonly shuffleBuffer?: number
  /**
   * Deal the files to processes and workers, so that each reads only its own: the order then depends on the number of workers. Otherwise
   * each reads all files and gives its part of the batches, which are the same for any number of workers. Default false; webDataset: true
   * where there are several shards.
   */
  readonly sharded?: boolean
}

export const STREAM_OPTIONS: readonly (keyof StreamOptions)[] = ['shuffleFiles', 'shuffleBuffer', 'sharded']

/** What `iterate` is told; without a part, as when it is called by hand, the whole is given. */
export type StreamRequest = SampleContext & Partial<StreamShard>

/** How the records of one file are read, and how one of them becomes a sample. */
export interface Format<R, S> {
  readonly name: string
  /** In the place of a record that cannot be read, its error. */
  records(file: string): AsyncIterable<R | RecordError>
  /** @throws RecordError */
  decode(record: R): S | Promise<S>
  /** Records decoded at a time, for those that other threads decode. Default 1. */
  readonly atOnce?: number
}

/** A stream of samples; a record that cannot be read is given as a RecordError in its place. */
export class FileStream<S = Sample, R = unknown> extends Reader implements IterableDataset<S> {
  readonly #format: Format<R, S>
  readonly #files: readonly string[]
  readonly #options: StreamOptions
  readonly sharded: boolean

  constructor(
    format: Format<R, S>,
    paths: string | readonly string[],
    options: StreamOptions,
    from: { module: string; export: string; args: readonly unknown[] },
    shardedByDefault = false,
  ) {
    const patterns = typeof paths === 'string' ? [paths] : paths
    const files = patterns.flatMap(expandBraces).map((file) => resolve(file))
    super({ ...from, args: [files, ...from.args] })
    if (files.length === 0) throw new DataError('DATA_OPTIONS', `${format.name}: no files`)
    const { shuffleBuffer = 0 } = options
    if (!Number.isSafeInteger(shuffleBuffer) || shuffleBuffer < 0) {
      const message = `${format.name}: shuffleBuffer is ${shuffleBuffer}, expected a whole number of records`
      throw new DataError('DATA_OPTIONS', message)
    }
    this.#format = format
    this.#files = files
    this.#options = options
    this.sharded = options.sharded ?? (shardedByDefault && files.length > 1)
  }

  get files(): readonly string[] {
    return this.#files
  }

  iterate(context: StreamRequest): AsyncGenerator<S | RecordError, void, undefined> {
    return this.iterateFrom(context, 0)
  }

  /** The stream behind its first records, which are read but not decoded. */
  async *iterateFrom(context: StreamRequest, records: number): AsyncGenerator<S | RecordError, void, undefined> {
    const slice = new Slice()
    const atOnce = this.#format.atOnce ?? 1
    const begun: Promise<S | RecordError>[] = []
    let place = 0
    for await (const record of this.#shuffled(this.#filesFor(context), context)) {
      if (place++ >= records) {
        const sample = this.#decoded(record)
        // Thrown where it is awaited, in its turn.
        sample.catch(() => {})
        begun.push(sample)
      }
      if (begun.length >= atOnce) yield (await begun.shift()) as S | RecordError
      await slice.rest()
    }
    for (const sample of begun) yield await sample
  }

  async #decoded(record: R | RecordError): Promise<S | RecordError> {
    if (record instanceof RecordError) return record
    try {
      return await this.#format.decode(record)
    } catch (error) {
      if (error instanceof RecordError) return error
      throw error
    }
  }

  /** The order is drawn before the files are dealt, so that all who read agree on it. */
  #filesFor({ random, rank = 0, worldSize = 1, worker = 0, workers = 1 }: StreamRequest): string[] {
    const order = sequence(this.#files.length)
    if (this.#options.shuffleFiles) shuffle(order, random)
    const files = Array.from(order, (i) => this.#files[i] as string)
    if (!this.sharded) return files
    const readers = worldSize * workers
    if (files.length < readers) {
      const who = `${readers} readers (${worldSize} processes with ${workers} workers each)`
      const message = `${this.#format.name}: ${files.length} files cannot be dealt to ${who}: use fewer workers, or sharded: false`
      throw new DataError('DATA_OPTIONS', message)
    }
    return files.filter((_, i) => i % readers === rank * workers + worker)
  }

  async *#shuffled(files: readonly string[], { random }: StreamRequest): AsyncGenerator<R | RecordError> {
    const most = this.#options.shuffleBuffer ?? 0
    const waiting: (R | RecordError)[] = []
    for (const file of files) {
      for await (const record of this.#format.records(file)) {
        if (waiting.length < most) {
          waiting.push(record)
          continue
        }
        if (most === 0) yield record
        else {
          const i = random.int(most)
          yield waiting[i] as R | RecordError
          waiting[i] = record
        }
      }
    }
    for (let count = waiting.length; count > 0; count--) {
      const i = random.int(count)
      yield waiting[i] as R | RecordError
      waiting[i] = waiting[count - 1] as R | RecordError
    }
  }
}
