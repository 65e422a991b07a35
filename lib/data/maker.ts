// One batch from one dataset. Place in the whole: the same code in the loader's thread and in its workers; a batch is a
// function of (dataset, options, epoch, number) alone, which is what makes the loader independent of its workers and
// able to resume anywhere.
import { Slice } from '../slice.js'
import { type Allocate, Arena } from './arena.js'
import { collate, type HostBatch, type Sample } from './batch.js'
import { batchContext, type StreamShard, sampleContext, streamContext, WHOLE } from './context.js'
import { type AnyDataset, type Dataset, type IterableDataset, isIterable } from './dataset.js'
import { type DataError, RecordError, sampleFailed } from './errors.js'
import type { BatchSource } from './lanes.js'
import { SampleStream } from './stream.js'

export interface MakerOptions {
  readonly batchSize: number
  readonly dropLast: boolean
  readonly seed: number
  /** Whether a batch is made without the samples that failed. */
  readonly tolerant: boolean
  /** Whether batches are made in memory that threads can share. */
  readonly shared: boolean
  /** Which maker this is, of those that read the same stream. */
  readonly shard: StreamShard
}

/** A batch and the samples that are in it: indices of the dataset, or for an iterable one their numbers in the epoch. */
export interface MadeBatch {
  /** undefined where every sample of it failed. */
  readonly batch: HostBatch | undefined
  readonly indices: Uint32Array
  /** Of the samples that are missing, in their order. */
  readonly errors: readonly DataError[]
  /** Its memory may be used again: tensors have been made of it, or it is not wanted. */
  readonly release: () => void
}

/** Instead of a batch: the epoch has no more than so many. */
export interface EndOfData {
  readonly batches: number
}

export type Collate = (samples: readonly Sample[], allocate?: Allocate) => HostBatch | Promise<HostBatch>

/** What a loader must know of the dataset that a maker has. */
export interface DataShape {
  /** Samples, undefined of a stream. */
  readonly samples: number | undefined
  /** Whether each maker has a part of the stream, with an end of its own. */
  readonly sharded: boolean
  /** Batches that may be asked for before they are needed where there are no workers. */
  readonly readAhead: number
}

export class BatchMaker implements BatchSource {
  readonly #dataset: AnyDataset
  readonly #options: MakerOptions
  readonly #collate: Collate
  readonly #arena: Arena
  #stream: SampleStream | undefined
  #end: (EndOfData & { readonly epoch: number }) | undefined

  constructor(dataset: AnyDataset, options: MakerOptions, custom?: Collate) {
    this.#dataset = dataset
    this.#options = options
    this.#arena = new Arena(options.shared)
    this.#collate = custom ?? dataset.collate?.bind(dataset) ?? collate
  }

  get shape(): DataShape {
    const dataset = this.#dataset
    if (!isIterable(dataset)) return { samples: dataset.length, sharded: false, readAhead: dataset.readAhead ?? 0 }
    return { samples: undefined, sharded: dataset.sharded === true, readAhead: 0 }
  }

  /** Batch `number` of an epoch, made of the samples `indices` unless it is a stream's. One call at a time unless the dataset reads ahead. */
  async make(epoch: number, number: number, indices: Uint32Array | undefined): Promise<MadeBatch | EndOfData> {
    if (isIterable(this.#dataset)) return this.#fromStream(this.#dataset, epoch, number)
    return this.#fromIndices(this.#dataset, epoch, indices as Uint32Array)
  }

  /** The epoch is left: what an iterable dataset holds open for it can be closed. */
  async leave(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    await stream?.close()
  }

  async #fromIndices(dataset: Dataset, epoch: number, indices: Uint32Array): Promise<MadeBatch> {
    const { seed, tolerant } = this.#options
    const { getBatch } = dataset
    if (getBatch !== undefined) {
      try {
        return await this.#inArena(async (allocate) => ({
          batch: await getBatch.call(dataset, indices, batchContext(seed, epoch, indices, allocate)),
          indices,
          errors: [],
        }))
      } catch (cause) {
        const oneByOne = tolerant && cause instanceof RecordError
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
    return this.#inArena((allocate) => kept.batch(this.#collate, allocate))
  }

  /** Makes a batch in memory of the arena, which has it back when it is released or could not be made. */
  async #inArena(make: (allocate: Allocate) => Promise<Omit<MadeBatch, 'release'>>): Promise<MadeBatch> {
    const slab = this.#arena.take()
    let released = false
    const release = () => {
      if (!released) this.#arena.release(slab)
      released = true
    }
    try {
      return { ...(await make(slab.allocate)), release }
    } catch (error) {
      release()
      throw error
    }
  }

  // A stream that knows nothing of shards is dealt out here, a batch to each process in turn, and what is another's is passed over: the
  // same batches whatever the number of workers. What does not make a round of the processes full is left out, since all need as many.
  async #fromStream(dataset: IterableDataset, epoch: number, number: number): Promise<MadeBatch | EndOfData> {
    const { batchSize, tolerant, shard } = this.#options
    const { rank, worldSize } = dataset.sharded ? WHOLE : shard
    if (this.#end?.epoch === epoch && number >= this.#end.batches) return this.#end
    const round = number * worldSize
    const first = (round + rank) * batchSize
    const stream = await this.#streamAt(dataset, epoch, first)
    const records = stream.place < first ? [] : await stream.take(batchSize)
    const needed = (round + worldSize - 1) * batchSize + this.#least
    await stream.pass(needed - stream.place)
    if (stream.done) this.#end = { epoch, batches: this.#batches(stream.place, worldSize) }
    if (stream.place < needed) return { batches: this.#batches(stream.place, worldSize) }
    const kept = new Kept(tolerant)
    for (const [i, record] of records.entries()) {
      if ('error' in record) kept.fail(record.error)
      else kept.add(record.sample, this.#numberOf(dataset, first + i))
    }
    return this.#inArena((allocate) => kept.batch(this.#collate, allocate))
  }

  /** Samples that the last batch needs to be one. */
  get #least(): number {
    return this.#options.dropLast ? this.#options.batchSize : 1
  }

  /** Batches that `records` give each of so many processes. */
  #batches(records: number, worldSize: number): number {
    const { batchSize } = this.#options
    return Math.max(0, Math.floor((records - this.#least - (worldSize - 1) * batchSize) / (worldSize * batchSize)) + 1)
  }

  /** The number in the epoch of a maker's record: where streams are parts, no two have the same. */
  #numberOf(dataset: IterableDataset, record: number): number {
    const { rank, worldSize, worker, workers } = this.#options.shard
    return dataset.sharded ? (record * worldSize + rank) * workers + worker : record
  }

  /** The epoch's stream at record `place`, or at its end where that comes first. */
  async #streamAt(dataset: IterableDataset, epoch: number, place: number): Promise<SampleStream> {
    const open = this.#stream
    if (open?.epoch === epoch && open.place <= place) {
      await open.pass(place - open.place)
      return open
    }
    await this.leave()
    const shard = dataset.sharded ? this.#options.shard : WHOLE
    this.#stream = await SampleStream.open(dataset, streamContext(this.#options.seed, epoch, shard), place)
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

  async batch(collate: Collate, allocate: Allocate): Promise<Omit<MadeBatch, 'release'>> {
    const batch = this.#samples.length === 0 ? undefined : await collate(this.#samples, allocate)
    return { batch, indices: Uint32Array.from(this.#indices), errors: this.#errors }
  }
}
