// One batch from one dataset. Place in the whole: the same code in the loader's thread and in its workers; a batch is a
// function of (dataset, options, epoch, number) alone, which is what makes the loader independent of its workers and
// able to resume anywhere.
import { Slice } from '../slice.js'
import { collate, type HostBatch, type Sample } from './batch.js'
import { type AnyDataset, type Dataset, type IterableDataset, isIterable, type SampleContext } from './dataset.js'
import { DataError, RecordError } from './errors.js'
import { Random, shuffle, streamOf } from './random.js'

export interface BatchOptions {
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly seed: number
}

/** A batch and the samples that are in it: indices of the dataset, or for an iterable one their numbers in the epoch. */
export interface MadeBatch {
  readonly batch: HostBatch
  readonly indices: Uint32Array
}

export type Collate = (samples: readonly Sample[]) => HostBatch | Promise<HostBatch>

const SHUFFLE_SLICE = 1 << 15

export function batchCount(samples: number, { batchSize, dropLast }: BatchOptions): number {
  return dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize)
}

export class BatchMaker {
  readonly #dataset: AnyDataset
  readonly #options: BatchOptions
  readonly #collate: Collate
  #order: { epoch: number; indices: Promise<Uint32Array> } | undefined
  #stream: SampleStream | undefined

  constructor(dataset: AnyDataset, options: BatchOptions, custom?: Collate) {
    this.#dataset = dataset
    this.#options = options
    this.#collate = custom ?? dataset.collate?.bind(dataset) ?? collate
    if (isIterable(dataset) && options.shuffle) {
      throw new DataError(
        'DATA_OPTIONS',
        'DataLoader: an iterable dataset has an order of its own: it cannot be shuffled',
      )
    }
  }

  /** Samples of the dataset, undefined for an iterable one. */
  get samples(): number | undefined {
    return isIterable(this.#dataset) ? undefined : this.#dataset.length
  }

  /** Batch `number` of an epoch, undefined past the last. One call at a time. */
  async make(epoch: number, number: number): Promise<MadeBatch | undefined> {
    if (isIterable(this.#dataset)) return this.#fromStream(this.#dataset, epoch, number)
    return this.#fromIndices(this.#dataset, epoch, number)
  }

  async #fromIndices(dataset: Dataset, epoch: number, number: number): Promise<MadeBatch | undefined> {
    const { batchSize, seed } = this.#options
    if (number >= batchCount(dataset.length, this.#options)) return undefined
    if (this.#order?.epoch !== epoch) this.#order = { epoch, indices: this.#permutation(dataset.length, epoch) }
    const indices = (await this.#order.indices).slice(number * batchSize, (number + 1) * batchSize)
    if (dataset.getBatch !== undefined) {
      const context = { epoch, random: new Random(seed, streamOf('batch', epoch), number) }
      const getBatch = () => dataset.getBatch?.(indices, context) as HostBatch | Promise<HostBatch>
      return { batch: await attempt(getBatch, `getBatch of ${indices.length} samples`, indices[0]), indices }
    }
    const samples: Sample[] = []
    const slice = new Slice()
    for (const index of indices) {
      const context = { epoch, random: new Random(seed, streamOf('sample', epoch), index) }
      samples.push(await attempt(() => dataset.get(index, context), `get(${index})`, index))
      await slice.rest()
    }
    return { batch: await this.#collate(samples), indices }
  }

  async #permutation(length: number, epoch: number): Promise<Uint32Array> {
    const indices = Uint32Array.from({ length }, (_, i) => i)
    if (!this.#options.shuffle) return indices
    const random = new Random(this.#options.seed, streamOf('order', epoch))
    const slice = new Slice()
    for (let end = length; end > 1; end -= SHUFFLE_SLICE) {
      shuffle(indices, random, end, Math.max(end - SHUFFLE_SLICE, 1))
      await slice.rest()
    }
    return indices
  }

  async #fromStream(dataset: IterableDataset, epoch: number, number: number): Promise<MadeBatch | undefined> {
    const { batchSize, dropLast, seed } = this.#options
    if (this.#stream?.epoch !== epoch || this.#stream.next > number) {
      await this.#stream?.close()
      const context: SampleContext = { epoch, random: new Random(seed, streamOf('batch', epoch)) }
      this.#stream = new SampleStream(epoch, dataset.iterate(context))
    }
    const stream = this.#stream
    // A resumed run passes over what was already consumed.
    while (stream.next < number) await stream.take(batchSize)
    const samples = await stream.take(batchSize)
    if (samples.length === 0 || (dropLast && samples.length < batchSize)) return undefined
    const indices = Uint32Array.from(samples, (_, i) => number * batchSize + i)
    return { batch: await this.#collate(samples), indices }
  }
}

/** One pass over an iterable dataset, a batch at a time. */
class SampleStream {
  readonly epoch: number
  /** Number of the batch that `take` gives next. */
  next = 0
  #taken = 0
  readonly #iterator: Iterator<Sample> | AsyncIterator<Sample>
  #done = false

  constructor(epoch: number, source: Iterable<Sample> | AsyncIterable<Sample>) {
    this.epoch = epoch
    this.#iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  async take(count: number): Promise<Sample[]> {
    this.next++
    const samples: Sample[] = []
    const slice = new Slice()
    while (!this.#done && samples.length < count) {
      const result = await attempt(() => this.#iterator.next(), `sample ${this.#taken} of iterate()`, this.#taken)
      if (result.done) this.#done = true
      else {
        samples.push(result.value)
        this.#taken++
      }
      await slice.rest()
    }
    return samples
  }

  async close(): Promise<void> {
    if (!this.#done) await this.#iterator.return?.()
  }
}

/** Runs the user's code; what it throws becomes the cause of an error that says which sample it was. */
async function attempt<T>(run: () => T | Promise<T>, what: string, index: number | undefined): Promise<Awaited<T>> {
  try {
    return await run()
  } catch (cause) {
    // A reader says the file and the place itself.
    if (cause instanceof RecordError) throw cause.at(index)
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new DataError('DATA_SAMPLE_FAILED', `DataLoader: the dataset's ${what} failed: ${message}`, { index, cause })
  }
}
