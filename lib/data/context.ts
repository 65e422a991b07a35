// What datasets are told when samples are asked of them. Place in the whole: made by maker.ts and by the datasets that stand before
// others; the random numbers in them are functions of seed, epoch and sample, never of the worker or the batch size.
import { type Allocate, allocateFresh } from './arena.js'
import { Random, streamOf } from './random.js'

/** Handed to `get`: `random` belongs to the sample. */
export interface SampleContext {
  readonly epoch: number
  readonly random: Random
}

/** Handed to `getBatch`. */
export interface BatchContext {
  readonly epoch: number
  /** The random numbers of sample `indices[row]`, always from the beginning: those that `get` is given. */
  random(row: number): Random
  /** Memory for the batch's arrays, which the loader uses again once it has made tensors of them. */
  readonly allocate: Allocate
}

/** Which part of a stream is wanted. All 0 of 1 unless the dataset says that it is `sharded`. */
export interface StreamShard {
  /** Process, of `worldSize` that train together. */
  readonly rank: number
  readonly worldSize: number
  /** Thread, of `workers` in this process. */
  readonly worker: number
  readonly workers: number
}

/** Handed to `iterate`: `random` belongs to the epoch. */
export interface StreamContext extends SampleContext, StreamShard {
  readonly seed: number
}

export const WHOLE: StreamShard = { rank: 0, worldSize: 1, worker: 0, workers: 1 }

export function sampleContext(seed: number, epoch: number, index: number): SampleContext {
  return { epoch, random: new Random(seed, streamOf('sample', epoch), index) }
}

export function batchContext(
  seed: number,
  epoch: number,
  indices: ArrayLike<number>,
  allocate: Allocate = allocateFresh,
): BatchContext {
  return {
    epoch,
    allocate,
    random(row) {
      const index = indices[row]
      if (index === undefined) throw new RangeError(`random: row ${row} of a batch of ${indices.length}`)
      return new Random(seed, streamOf('sample', epoch), index)
    },
  }
}

export function streamContext(seed: number, epoch: number, shard: StreamShard = WHOLE): StreamContext {
  return { seed, epoch, random: new Random(seed, streamOf('stream', epoch)), ...shard }
}

/** The context of part `part` of what was asked for: a dataset that stands for others gives each its own random numbers. */
export function derivedContext(context: StreamContext, part: number): StreamContext {
  const { epoch, rank, worldSize, worker, workers } = context
  const random = new Random(context.seed, streamOf('part', 0), part)
  return streamContext(random.int(Number.MAX_SAFE_INTEGER), epoch, { rank, worldSize, worker, workers })
}
