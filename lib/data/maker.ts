// One batch from one dataset. Place in the whole: the same code in the loader's thread and in its workers; a batch is a
// function of (dataset, options, epoch, number) alone, which is what makes the loader independent of its workers and
// able to resume anywhere.
import { Slice } from '../slice.js'
import { collate, type HostBatch, type Sample } from './batch.js'
import { batchContext, sampleContext, streamContext } from './context.js'
import { type AnyDataset, type Dataset, type IterableDataset, isIterable } from './dataset.js'
import { DataError, RecordError, sampleFailed } from './errors.js'
import { Random, shuffle, streamOf } from './random.js'
import { Slice } from './slice.js'
import { SampleStream } from './stream.js'

export interface BatchOptions {
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly seed: number
}

export interface MakerOptions extends BatchOptions {
  /** Whether a batch is made without the samples that failed. */
  readonly tolerant: boolean
}

/** A batch and the samples that are in it: indices of the dataset, or for an iterable one their numbers in the epoch. */
export interface MadeBatch {
  /** undefined where every sample of it failed. */
  readonly batch: HostBatch | undefined
  readonly indices: Uint32Array
  /** Of the samples that are missing, in their order. */
  readonly errors: readonly DataError[]
}

/** Instead of a batch: the epoch has no more than so many records. */
export interface EndOfData {
  readonly records: number
}

export type Collate = (samples: readonly Sample[]) => HostBatch | Promise<HostBatch>

const SHUFFLE_SLICE = 1 << 15

export function batchCount(samples: number, { batchSize, dropLast }: BatchOptions): number {
  return dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize)
}

export class BatchMaker {
  readonly #dataset: AnyDataset
  readonly #options: MakerOptions
  readonly #collate: Collate
  #order: { epoch: number; indices: Promise<Uint32Array> } | undefined
  #stream: SampleStream | undefined
  #end: (EndOfData & { readonly epoch: number }) | undefined

  constructor(dataset: AnyDataset, options: MakerOptions, custom?: Collate) {
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

  /** Batch `number` of an epoch, or that it has ended before. One call at a time. */
  async make(epoch: number, number: number): Promise<MadeBatch | EndOfData> {
    if (isIterable(this.#dataset)) return this.#fromStream(this.#dataset, epoch, number)
    return this.#fromIndices(this.#dataset, epoch, number)
  }

  /** The epoch is left: what an iterable dataset holds open for it can be closed. */
  async leave(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    await stream?.close()
  }

  async #fromIndices(dataset: Dataset, epoch: number, number: number): Promise<MadeBatch | EndOfData> {
    const { batchSize, seed } = this.#options
    if (number >= batchCount(dataset.length, this.#options)) return { records: dataset.length }
    if (this.#order?.epoch !== epoch) this.#order = { epoch, indices: this.#permutation(dataset.length, epoch) }
    const indices = (await this.#order.indices).slice(number * batchSize, (number + 1) * batchSize)
    if (dataset.getBatch !== undefined) {
      try {
        const batch = await dataset.getBatch(indices, batchContext(seed, epoch, indices))
        return { batch, indices, errors: [] }
      } catch (cause) {
        const oneByOne = this.#options.tolerant && cause instanceof RecordError
        if (!oneByOne) throw sampleFailed(cause, `getBatch of ${indices.length} samples`, indices[0])
      }
    }
    return this.#oneByOne(dataset, epoch, indices)
  }

  async #oneByOne(dataset: Dataset, epoch: number, indices: Uint32Array): Promise<MadeBatch> {
    const kept = new Kept(this.#options.tolerant)
    const slice = new Slice()
    for (const index of indices) {
      try {
        kept.add(await dataset.get(index, sampleContext(this.#options.seed, epoch, index)), index)
      } catch (cause) {
        kept.fail(sampleFailed(cause, `get(${index})`, index))
      }
      await slice.rest()
    }
    return kept.batch(this.#collate)
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

  async #fromStream(dataset: IterableDataset, epoch: number, number: number): Promise<MadeBatch | EndOfData> {
    const { batchSize, dropLast } = this.#options
    const first = number * batchSize
    const least = dropLast ? batchSize : 1
    // A stream is not read anew only to find the same end.
    if (this.#end?.epoch === epoch && first + least > this.#end.records) return this.#end
    const stream = await this.#streamAt(dataset, epoch, first)
    const records = stream.place < first ? [] : await stream.take(batchSize)
    if (stream.done) this.#end = { epoch, records: stream.place }
    if (records.length < least) return { records: stream.place }
    const kept = new Kept(this.#options.tolerant)
    for (const [i, record] of records.entries()) {
      if ('error' in record) kept.fail(record.error)
      else kept.add(record.sample, first + i)
    }
    return kept.batch(this.#collate)
  }

  /** The epoch's stream at record `place`, or at its end where that comes first. */
  async #streamAt(dataset: IterableDataset, epoch: number, place: number): Promise<SampleStream> {
    const open = this.#stream
    if (open?.epoch === epoch && open.place <= place) {
      await open.pass(place - open.place)
      return open
    }
    await this.leave()
    this.#stream = await SampleStream.open(dataset, streamContext(this.#options.seed, epoch), place)
    return this.#stream
  }
}

/** The samples of a batch that could be read, and the errors of the others. */
class Kept {
  readonly #tolerant: boolean
  readonly #samples: Sample[] = []
  readonly #indices: number[] = []
  readonly #errors: DataError[] = []

  constructor(tolerant: boolean) {
    this.#tolerant = tolerant
  }

  add(sample: Sample, index: number): void {
    this.#samples.push(sample)
    this.#indices.push(index)
  }

  fail(error: DataError): void {
    if (!this.#tolerant) throw error
    this.#errors.push(error)
  }

  async batch(collate: Collate): Promise<MadeBatch> {
    const batch = this.#samples.length === 0 ? undefined : await collate(this.#samples)
    return { batch, indices: Uint32Array.from(this.#indices), errors: this.#errors }
  }
}
