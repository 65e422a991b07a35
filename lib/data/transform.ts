// What is done to whole batches of tensors, and where it gets its random numbers. Place in the whole: the contract between
// loaders, which call transforms, and lib/transforms and its kin, which make them.
import { Random, streamOf, TRANSFORM_STREAMS } from './random.js'

/** Handed to a transform with each batch. */
export interface TransformContext {
  readonly epoch: number
  /** Number of the batch in its epoch. */
  readonly batch: number
  /** Samples in the batch. */
  readonly size: number
  /**
   * Random numbers for a row of the batch, always from the beginning: a function of (seed, epoch, sample, stream), never of the worker,
   * the batch's size or the row. Other streams are other numbers.
   */
  random(row: number, stream?: number): Random
}

/** A function of a batch; what it does by chance it draws from the context. */
export type BatchTransform<A = any, B = any> = (batch: A, context: TransformContext) => B

export interface ContextOptions {
  /** Of each row, the index of its sample in the dataset. */
  readonly indices: ArrayLike<number>
  /** Default 0. */
  readonly seed?: number
  /** Default 0. */
  readonly epoch?: number
  /** Default 0. */
  readonly batch?: number
}

/**
 * A context for calling a transform by hand.
 * @throws RangeError of `random` for rows that are not there, and for streams other than 0 to 239
 */
export function transformContext({ indices, seed = 0, epoch = 0, batch = 0 }: ContextOptions): TransformContext {
  return {
    epoch,
    batch,
    size: indices.length,
    random(row, stream = 0) {
      const index = indices[row]
      if (index === undefined) throw new RangeError(`random: row ${row} of a batch of ${indices.length}`)
      if (!(Number.isInteger(stream) && stream >= 0 && stream < TRANSFORM_STREAMS))
        throw new RangeError(`random: stream ${stream}; it is a whole number from 0 to ${TRANSFORM_STREAMS - 1}`)
      return new Random(seed, streamOf(stream, epoch), index)
    },
  }
}
