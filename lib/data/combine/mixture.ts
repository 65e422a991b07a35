// Datasets mixed by weights. Place in the whole: beside samples.ts, for training on several sources, such as a language model's; mixStreams
// in streams.ts is the same for streams. Definition: the blended datasets of Megatron-LM.

import { sequence } from '../../filled.js'
import { type Dataset, isIterable } from '../dataset.js'
import { DataError } from '../errors.js'
import { checkOptions, whole } from '../options.js'
import { Random, streamOf } from '../random.js'
import { permuted } from '../samplers/order.js'
import { collatedAs } from './reading.js'
import { checkedShares } from './streams.js'

export interface MixOptions {
  /** Samples an epoch. Default: as many as all datasets have. */
  readonly samples?: number
  /** Of the orders in which the datasets' samples come. Default 0. */
  readonly seed?: number
}

/**
 * Samples of several datasets, each with its share of `weights` (which need not sum to 1). At every place of the epoch the shares are kept
 * to within a sample; each dataset is gone through in an order drawn anew each time, over the epochs: none of its samples comes twice
 * before all came once. Samples are joined as the first dataset joins its own. The plan takes 8 bytes of memory a sample of the epoch.
 *
 * @throws DataError DATA_OPTIONS
 */
export function mixDatasets<S>(
  datasets: readonly Dataset<S>[],
  weights: ArrayLike<number>,
  options: MixOptions = {},
): Dataset<S> {
  const name = 'mixDatasets'
  checkOptions(name, options, ['samples', 'seed'])
  const stream = datasets.findIndex((dataset) => isIterable(dataset))
  if (stream >= 0) throw new DataError('DATA_OPTIONS', `${name}: dataset ${stream} is a stream: mixStreams mixes those`)
  const shares = checkedShares(name, datasets.length, weights)
  const empty = datasets.findIndex((dataset, i) => dataset.length === 0 && (shares[i] as number) > 0)
  if (empty >= 0)
    throw new DataError('DATA_OPTIONS', `${name}: dataset ${empty} is empty, its weight is ${weights[empty]}`)
  const { samples = datasets.reduce((sum, dataset) => sum + dataset.length, 0), seed = 0 } = options
  whole(name, 'samples', samples, 0)
  whole(name, 'seed', seed, 0)
  const { source, place, counts } = blend(shares, samples)
  const passes = datasets.map((dataset, i) => new Passes(dataset.length, seed, i))
  return {
    length: samples,
    async get(index, context) {
      const from = source[index] as number
      const number = context.epoch * (counts[from] as number) + (place[index] as number)
      return (datasets[from] as Dataset<S>).get(await (passes[from] as Passes).index(number), context)
    },
    ...collatedAs(datasets[0] as Dataset<S>),
  }
}

/** At each place the source that is furthest behind its share, and the how many-th sample of it that is. */
function blend(
  shares: Float64Array,
  samples: number,
): { source: Uint32Array; place: Uint32Array; counts: Uint32Array } {
  const sum = shares.reduce((total, share) => total + share, 0)
  const source = new Uint32Array(samples)
  const place = new Uint32Array(samples)
  const counts = new Uint32Array(shares.length)
  for (let i = 0; i < samples; i++) {
    let [chosen, most] = [0, Number.NEGATIVE_INFINITY]
    for (let s = 0; s < shares.length; s++) {
      const share = shares[s] as number
      const behind = share === 0 ? Number.NEGATIVE_INFINITY : (share / sum) * (i + 1) - (counts[s] as number)
      if (behind > most) [chosen, most] = [s, behind]
    }
    source[i] = chosen
    place[i] = counts[chosen] as number
    counts[chosen] = (counts[chosen] as number) + 1
  }
  return { source, place, counts }
}

/** Orders in which a dataset is gone through again and again. */
class Passes {
  readonly #length: number
  readonly #seed: number
  readonly #source: number
  /** Two: a batch may begin in one pass and end in the next. */
  readonly #orders = new Map<number, Promise<Uint32Array>>()

  constructor(length: number, seed: number, source: number) {
    this.#length = length
    this.#seed = seed
    this.#source = source
  }

  async index(number: number): Promise<number> {
    const pass = Math.floor(number / this.#length)
    let order = this.#orders.get(pass)
    if (order === undefined) {
      const oldest = this.#orders.keys().next()
      if (this.#orders.size >= 2 && !oldest.done) this.#orders.delete(oldest.value)
      order = permuted(sequence(this.#length), new Random(this.#seed, streamOf('mixture', pass), this.#source))
      this.#orders.set(pass, order)
    }
    return (await order)[number % this.#length] as number
  }
}
