// Orders of single samples: in sequence, at random, by weights, of a subset. Place in the whole: DataLoaderOptions.sampler; `shuffle`
// stands for RandomSampler. Definitions: torch.utils.data's samplers; the numbers are those of Random.

import { filled, sequence } from '../../filled.js'
import { Slice } from '../../slice.js'
import { DataError } from '../errors.js'
import { checkOptions, whole } from '../options.js'
import { Random, shuffle, streamOf } from '../random.js'
import { digest, type Sampler, type SamplerContext } from './sampler.js'

/** Numbers drawn or moved between two looks at the clock. */
const STRETCH = 1 << 15

/** 0, 1, 2, ... */
export class SequentialSampler implements Sampler {
  readonly identity = 'sequential'

  order({ length }: SamplerContext): Uint32Array {
    return sequence(length)
  }
}

export interface RandomSamplerOptions {
  /** Each sample is drawn from all, whatever was drawn before. Default false: a new permutation each epoch. */
  readonly replacement?: boolean
  /** Samples an epoch. Default: as many as the dataset has. More of them without replacement: permutation after permutation. */
  readonly samples?: number
}

/** At random, anew each epoch. */
export class RandomSampler implements Sampler {
  readonly identity: string
  readonly #replacement: boolean
  readonly #samples: number | undefined

  /** @throws DataError DATA_OPTIONS */
  constructor(options: RandomSamplerOptions = {}) {
    checkOptions('RandomSampler', options, ['replacement', 'samples'])
    const { replacement = false, samples } = options
    if (samples !== undefined) whole('RandomSampler', 'samples', samples, 1)
    this.#replacement = replacement
    this.#samples = samples
    const settings = [replacement ? 'replacement' : '', samples === undefined ? '' : `samples ${samples}`]
    this.identity = named('random', settings)
  }

  async order({ length, seed, epoch }: SamplerContext): Promise<Uint32Array> {
    const random = new Random(seed, streamOf('order', epoch))
    const count = length === 0 ? 0 : (this.#samples ?? length)
    if (this.#replacement) return drawn(count, () => random.int(length))
    if (count === length) return permuted(sequence(length), random)
    const order = new Uint32Array(count)
    for (let at = 0; at < count; at += length) {
      const permutation = await permuted(sequence(length), random)
      order.set(permutation.subarray(0, count - at), at)
    }
    return order
  }
}

export interface WeightedRandomSamplerOptions {
  /** Samples an epoch. Default: as many as there are weights. */
  readonly samples?: number
  /** Default true. Without it no sample comes twice; which ones come is drawn by weight, their order is even. */
  readonly replacement?: boolean
}

/** By weights, one for each sample of the dataset, which need not sum to 1; a sample of weight 0 never comes. */
export class WeightedRandomSampler implements Sampler {
  readonly identity: string
  readonly #weights: Float64Array
  readonly #samples: number
  readonly #replacement: boolean

  /** @throws DataError DATA_OPTIONS for weights that are negative or not finite, or fewer positive ones than are to be drawn */
  constructor(weights: ArrayLike<number>, options: WeightedRandomSamplerOptions = {}) {
    const name = 'WeightedRandomSampler'
    checkOptions(name, options, ['replacement', 'samples'])
    const { samples = weights.length, replacement = true } = options
    whole(name, 'samples', samples, 0)
    this.#weights = checkedWeights(name, weights)
    const positive = this.#weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0)
    const least = replacement ? Math.min(1, samples) : samples
    if (positive < least) {
      const how = replacement ? 'with' : 'without'
      const message = `${name}: ${positive} of ${weights.length} weights are positive, too few to draw ${samples} ${how} replacement`
      throw new DataError('DATA_OPTIONS', message)
    }
    this.#samples = samples
    this.#replacement = replacement
    const settings = [replacement ? '' : 'no replacement', `samples ${samples}`, `weights ${digest(this.#weights)}`]
    this.identity = named('weighted', settings)
  }

  order({ length, seed, epoch }: SamplerContext): Promise<Uint32Array> {
    if (length !== this.#weights.length) {
      const message = `WeightedRandomSampler: ${this.#weights.length} weights for a dataset of ${length} samples`
      throw new DataError('DATA_OPTIONS', message)
    }
    const random = new Random(seed, streamOf('order', epoch))
    return this.#replacement ? this.#repeating(random) : this.#distinct(random)
  }

  async #repeating(random: Random): Promise<Uint32Array> {
    const draw = weightedDraw(this.#weights)
    return drawn(this.#samples, () => draw(random))
  }

  // Efraimidis and Spirakis 2006: the smallest of the exponential times log(u) / -w.
  async #distinct(random: Random): Promise<Uint32Array> {
    if (this.#samples === 0) return new Uint32Array()
    const times = filled(new Float64Array(this.#weights.length), (i) => {
      const weight = this.#weights[i] as number
      return weight > 0 ? -Math.log(1 - random.uniform()) / weight : Number.POSITIVE_INFINITY
    })
    const last = times.slice().sort()[this.#samples - 1] as number
    const chosen: number[] = []
    for (const [i, time] of times.entries()) if (time <= last && chosen.length < this.#samples) chosen.push(i)
    return permuted(Uint32Array.from(chosen), random)
  }
}

/** Of the samples `indices` only: at random anew each epoch, or in the given order. */
export class SubsetSampler implements Sampler {
  readonly identity: string
  readonly #indices: Uint32Array
  readonly #shuffle: boolean

  /** @param options `shuffle`: default true. @throws DataError DATA_OPTIONS for what is no index */
  constructor(indices: ArrayLike<number>, options: { readonly shuffle?: boolean } = {}) {
    checkOptions('SubsetSampler', options, ['shuffle'])
    this.#indices = checkedIndices('SubsetSampler', indices)
    this.#shuffle = options.shuffle ?? true
    const settings = [this.#shuffle ? 'shuffle' : '', `indices ${digest(this.#indices)}`]
    this.identity = named('subset', settings)
  }

  order({ seed, epoch }: SamplerContext): Uint32Array | Promise<Uint32Array> {
    const indices = this.#indices.slice()
    return this.#shuffle ? permuted(indices, new Random(seed, streamOf('order', epoch))) : indices
  }
}

/** `name(setting, setting)` of the settings that are not empty. */
export function named(name: string, settings: readonly string[]): string {
  const told = settings.filter(Boolean)
  return told.length === 0 ? name : `${name}(${told.join(', ')})`
}

/** Shuffles in place, in slices. */
export async function permuted(indices: Uint32Array, random: Random): Promise<Uint32Array> {
  const slice = new Slice()
  for (let end = indices.length; end > 1; end -= STRETCH) {
    shuffle(indices, random, end, Math.max(end - STRETCH, 1))
    await slice.rest()
  }
  return indices
}

async function drawn(count: number, draw: () => number): Promise<Uint32Array> {
  const order = new Uint32Array(count)
  const slice = new Slice()
  for (let i = 0; i < count; i++) {
    order[i] = draw()
    if (i % STRETCH === STRETCH - 1) await slice.rest()
  }
  return order
}

/** Draws indices in proportion to weights, of which one at least is positive. */
export function weightedDraw(weights: ArrayLike<number>): (random: Random) => number {
  let sum = 0
  const upTo = filled(new Float64Array(weights.length), (i) => (sum += weights[i] as number))
  const last = upTo.indexOf(sum)
  return (random) => {
    const wanted = random.uniform() * sum
    // The first whose sum is greater; the last positive one where rounding makes `wanted` the sum itself.
    let [low, high] = [0, last]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((upTo[middle] as number) > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}

export function checkedWeights(where: string, weights: ArrayLike<number>): Float64Array {
  const checked = Float64Array.from(weights)
  const bad = checked.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY))
  if (bad < 0) return checked
  throw new DataError(
    'DATA_OPTIONS',
    `${where}: weight ${bad} is ${weights[bad]}, expected a finite number of at least 0`,
  )
}

/** @param length what the indices must be below */
export function checkedIndices(where: string, indices: ArrayLike<number>, length: number = 2 ** 32): Uint32Array {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number
    if (Number.isInteger(index) && index >= 0 && index < length) continue
    throw new DataError(
      'DATA_OPTIONS',
      `${where}: index ${i} is ${index}, expected a whole number from 0 to ${length - 1}`,
    )
  }
  return Uint32Array.from(indices)
}
