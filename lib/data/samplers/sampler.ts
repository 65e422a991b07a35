// What decides the order of an epoch. Place in the whole: asked by plan.ts, once an epoch on the caller's thread; workers are told the
// indices, so a sampler may be any object.

/** Handed to a sampler at the beginning of an epoch: what it gives is to be a function of this alone. */
export interface SamplerContext {
  /** Samples of the dataset. */
  readonly length: number
  readonly epoch: number
  readonly seed: number
}

/** The samples of an epoch in their order. */
export interface Sampler {
  /** What it is, with its settings: kept in the loader's state, so that no run goes on in another order. */
  readonly identity: string
  order(context: SamplerContext): Uint32Array | Promise<Uint32Array>
}

/** The batches of an epoch: batch n has the samples `indices[ends[n - 1]]` to `indices[ends[n] - 1]`. */
export interface Batches {
  readonly indices: Uint32Array
  readonly ends: Uint32Array
}

/** The batches of an epoch, of any sizes. */
export interface BatchSampler {
  /** As of a Sampler. */
  readonly identity: string
  batches(context: SamplerContext): Batches | Promise<Batches>
}

/** A short name for what is too long for an identity: FNV-1a of the numbers. */
export function digest(values: ArrayLike<number>): string {
  const word = new Uint32Array(2)
  const float = new Float64Array(word.buffer)
  let hash = 0x811c9dc5
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i] as number
    for (const part of word) hash = Math.imul(hash ^ part, 0x01000193) >>> 0
    hash = Math.imul(hash ^ (hash >>> 15), 0x01000193) >>> 0
  }
  return hash.toString(16).padStart(8, '0')
}
