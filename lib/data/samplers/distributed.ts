// One process's part of an epoch. Place in the whole: DataLoaderOptions.distributed wraps the loader's sampler in these; every process
// draws the same order and takes its own part of it. Definition: torch.utils.data.DistributedSampler.

import { filled } from '../../filled.js'
import { DataError } from '../errors.js'
import { checkOptions, whole } from '../options.js'
import type { Batches, BatchSampler, Sampler, SamplerContext } from './sampler.js'

export interface DistributedOptions {
  /** Which process this is, from 0. */
  readonly rank: number
  /** Processes that train together. */
  readonly worldSize: number
  /**
   * All processes need as many batches. 'pad' (default): some of the first samples come again; 'drop': some of the last are left out.
   * Streams, which cannot begin again, drop.
   */
  readonly uneven?: 'pad' | 'drop'
}

/** @throws DataError DATA_OPTIONS */
export function checkDistributed(options: DistributedOptions): Required<DistributedOptions> {
  const name = 'DataLoader: distributed'
  checkOptions(name, options, ['rank', 'worldSize', 'uneven'])
  const { rank, worldSize, uneven = 'pad' } = options
  whole(name, 'worldSize', worldSize, 1)
  whole(name, 'rank', rank, 0)
  if (rank >= worldSize)
    throw new DataError('DATA_OPTIONS', `${name}: rank is ${rank} of ${worldSize}: ranks begin at 0`)
  if (uneven !== 'pad' && uneven !== 'drop')
    throw new DataError('DATA_OPTIONS', `${name}: uneven is ${JSON.stringify(uneven)}, expected 'pad' or 'drop'`)
  return { rank, worldSize, uneven }
}

/** Sample i of the order is that of process i modulo their number. */
export class DistributedSampler implements Sampler {
  readonly identity: string
  readonly #sampler: Sampler
  readonly #options: Required<DistributedOptions>

  constructor(sampler: Sampler, options: Required<DistributedOptions>) {
    this.#sampler = sampler
    this.#options = options
    this.identity = identityOf(sampler, options)
  }

  async order(context: SamplerContext): Promise<Uint32Array> {
    const order = await this.#sampler.order(context)
    const own = ownPart(order.length, this.#options)
    return own.map((place) => order[place] as number)
  }
}

/** Batch i is that of process i modulo their number. */
export class DistributedBatchSampler implements BatchSampler {
  readonly identity: string
  readonly #sampler: BatchSampler
  readonly #options: Required<DistributedOptions>

  constructor(sampler: BatchSampler, options: Required<DistributedOptions>) {
    this.#sampler = sampler
    this.#options = options
    this.identity = identityOf(sampler, options)
  }

  async batches(context: SamplerContext): Promise<Batches> {
    const { indices, ends } = await this.#sampler.batches(context)
    const taken: number[] = []
    const own = ownPart(ends.length, this.#options).map((n) => {
      for (let i = n === 0 ? 0 : (ends[n - 1] as number); i < (ends[n] as number); i++) taken.push(indices[i] as number)
      return taken.length
    })
    return { indices: Uint32Array.from(taken), ends: own }
  }
}

/** Without the rank: a position is the same for all processes, and one of them may save it for all. */
function identityOf(
  { identity }: { readonly identity: string },
  { worldSize, uneven }: Required<DistributedOptions>,
): string {
  return `distributed(worldSize ${worldSize}, ${uneven}): ${identity}`
}

/** Which of `count` things are this process's. */
function ownPart(count: number, { rank, worldSize, uneven }: Required<DistributedOptions>): Uint32Array {
  const share = count / worldSize
  const length = uneven === 'pad' ? Math.ceil(share) : Math.floor(share)
  return filled(new Uint32Array(length), (i) => (rank + i * worldSize) % count)
}
