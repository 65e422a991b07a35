// Batches of samples of similar length, so that little is padding. Place in the whole: DataLoaderOptions.batchSampler for texts and
// sounds; collation pads (pad.ts).

import { sequence } from '../../filled.js'
import { Slice } from '../../slice.js'
import { DataError } from '../errors.js'
import { checkOptions, whole } from '../options.js'
import { Random, streamOf } from '../random.js'
import { named, permuted } from './order.js'
import { type Batches, type BatchSampler, digest, type SamplerContext } from './sampler.js'

export interface BucketBatchSamplerOptions {
  /** Most samples a batch. Default: as many as `maxTokens` allows. */
  readonly batchSize?: number
  /** Most tokens a batch, padding included: samples times the longest of them. Default: as many as `batchSize` allows. */
  readonly maxTokens?: number
  /** Samples that are sorted by length together: the more, the less padding, and the less chance in a batch. Default 8192. */
  readonly bucketSize?: number
  /** Which samples share a bucket, and the order of the batches, are drawn anew each epoch. Default true. */
  readonly shuffle?: boolean
  /** Leave out a bucket's last batch where it has fewer samples than `batchSize`, which is then needed. Default false. */
  readonly dropLast?: boolean
}

export class BucketBatchSampler implements BatchSampler {
  readonly identity: string
  readonly #lengths: Float64Array
  readonly #batchSize: number
  readonly #maxTokens: number
  readonly #bucketSize: number
  readonly #shuffle: boolean
  readonly #dropLast: boolean

  /**
   * @param lengths of each sample, in tokens
   * @throws DataError DATA_OPTIONS where neither size is given, or a sample alone has more than `maxTokens`
   */
  constructor(lengths: ArrayLike<number>, options: BucketBatchSamplerOptions) {
    const name = 'BucketBatchSampler'
    checkOptions(name, options, ['batchSize', 'maxTokens', 'bucketSize', 'shuffle', 'dropLast'])
    const { batchSize, maxTokens, bucketSize = 8192, shuffle = true, dropLast = false } = options
    if (batchSize === undefined && maxTokens === undefined)
      throw new DataError('DATA_OPTIONS', `${name}: neither batchSize nor maxTokens is given: batches need an end`)
    if (dropLast && batchSize === undefined)
      throw new DataError('DATA_OPTIONS', `${name}: dropLast needs a batchSize, which tells what batch is not full`)
    if (batchSize !== undefined) whole(name, 'batchSize', batchSize, 1)
    if (maxTokens !== undefined) whole(name, 'maxTokens', maxTokens, 1)
    whole(name, 'bucketSize', bucketSize, 1)
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i] as number
      whole(name, `the length of sample ${i}`, length, 0)
      if (length > (maxTokens ?? length))
        throw new DataError(
          'DATA_OPTIONS',
          `${name}: sample ${i} has ${length} tokens, maxTokens is ${maxTokens}: cut the sample, or allow more`,
          { index: i },
        )
    }
    this.#lengths = Float64Array.from(lengths)
    this.#batchSize = batchSize ?? Number.POSITIVE_INFINITY
    this.#maxTokens = maxTokens ?? Number.POSITIVE_INFINITY
    this.#bucketSize = bucketSize
    this.#shuffle = shuffle
    this.#dropLast = dropLast
    this.identity = named('bucket', [
      batchSize === undefined ? '' : `batchSize ${batchSize}`,
      maxTokens === undefined ? '' : `maxTokens ${maxTokens}`,
      `bucketSize ${bucketSize}`,
      shuffle ? 'shuffle' : '',
      dropLast ? 'dropLast' : '',
      `lengths ${digest(this.#lengths)}`,
    ])
  }

  async batches({ length, seed, epoch }: SamplerContext): Promise<Batches> {
    if (length !== this.#lengths.length) {
      const message = `BucketBatchSampler: ${this.#lengths.length} lengths for a dataset of ${length} samples`
      throw new DataError('DATA_OPTIONS', message)
    }
    const random = new Random(seed, streamOf('order', epoch))
    const order = this.#shuffle ? await permuted(sequence(length), random) : sequence(length)
    const batches: Uint32Array[] = []
    const slice = new Slice()
    for (let at = 0; at < length; at += this.#bucketSize) {
      const bucket = order.subarray(at, at + this.#bucketSize)
      // Ties stay in the drawn order: sorting is stable.
      bucket.sort((a, b) => (this.#lengths[a] as number) - (this.#lengths[b] as number))
      this.#cut(bucket, batches)
      await slice.rest()
    }
    const turns = this.#shuffle ? await permuted(sequence(batches.length), random) : sequence(batches.length)
    const indices = new Uint32Array(batches.reduce((sum, batch) => sum + batch.length, 0))
    let end = 0
    const ends = turns.map((turn) => {
      const batch = batches[turn] as Uint32Array
      indices.set(batch, end)
      return (end += batch.length)
    })
    return { indices, ends }
  }

  /** Cuts a sorted bucket: the last sample of a batch is its longest. */
  #cut(bucket: Uint32Array, batches: Uint32Array[]): void {
    let begin = 0
    for (let i = 0; i < bucket.length; i++) {
      const count = i + 1 - begin
      const fits = count <= this.#batchSize && count * (this.#lengths[bucket[i] as number] as number) <= this.#maxTokens
      if (fits) continue
      batches.push(bucket.subarray(begin, i))
      begin = i
    }
    const full = bucket.length - begin >= this.#batchSize
    if (begin < bucket.length && (full || !this.#dropLast)) batches.push(bucket.subarray(begin))
  }
}
