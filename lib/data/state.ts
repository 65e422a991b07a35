// Where a loader stands. Place in the whole: written into the Trainer's checkpoints and read back from them.
import { z } from 'zod'

const count = z.number().int().min(0)

/**
 * Where a loader stands; JSON. The next batch is number `batch` of `epoch`. Batches are numbered by the records they are made of,
 * whether or not those can be read: one that is left out makes its batch smaller and moves no other.
 */
export interface LoaderState {
  readonly epoch: number
  readonly batch: number
  readonly seed: number
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  /** Samples left out since the beginning of training, which count against `maxErrors`. */
  readonly skipped?: number | undefined
  /** What decides the order; a state of before there were samplers has none. */
  readonly sampler?: string | undefined
  /** Of a sharded stream, the batches taken from each worker's part. */
  readonly streams?: readonly number[] | undefined
}

/** A loader's state as JSON; what later versions add is kept. */
export const loaderStateSchema: z.ZodType<LoaderState> = z.looseObject({
  epoch: count,
  batch: count,
  seed: count,
  batchSize: count,
  shuffle: z.boolean(),
  dropLast: z.boolean(),
  skipped: count.optional(),
  sampler: z.string().optional(),
  streams: z.array(count).optional(),
})
