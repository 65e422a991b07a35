// Sequences whose keys and values lie in one KeyValueCache, in step. Place in the whole: see decoding.ts.
import type { Tensor } from '../../tensor/tensor.js'
import type { KeyValueCache } from '../kv-cache.js'
import type { Decoding, EncodedSources } from './decoding.js'
import { lastOf, padded, sameNumbers } from './rows.js'

/** Tokens (B, T) behind those in the cache to logits (B, T, V), or those of the last position. */
type Decode = (tokens_BT: Tensor, cache: KeyValueCache) => Tensor

/**
 * Rows that all get one token a step, after prompts of any lengths, the shorter ones padded in front. Where the cache is full, the last
 * `window` tokens of every row are computed anew.
 */
export class CachedDecoding implements Decoding {
  readonly #decode: Decode
  readonly #cache: KeyValueCache
  readonly #window: number
  #tokens: (readonly number[])[]

  /** The cache is empty, and disposed of by `dispose`. */
  constructor(decode: Decode, cache: KeyValueCache, window: number) {
    this.#decode = decode
    this.#cache = cache
    this.#window = Math.min(window, cache.capacity)
    this.#tokens = Array.from({ length: cache.batch }, () => [])
  }

  step(tokens: readonly (readonly number[])[]): Tensor {
    this.#tokens = this.#tokens.map((before, n) =>
      [...before, ...(tokens[n] as readonly number[])].slice(-this.#window),
    )
    const cache = this.#cache
    const even = tokens.every(({ length }) => length === (tokens[0] as readonly number[]).length)
    let rows = tokens
    if (cache.length === 0 || !even || cache.length + (tokens[0] as readonly number[]).length > this.#window) {
      cache.truncate()
      rows = this.#tokens
      const longest = Math.max(...rows.map(({ length }) => length))
      cache.pad(rows.map(({ length }) => longest - length))
    }
    return lastOf(this.#decode(padded(rows), cache))
  }

  select(rows: readonly number[]): void {
    this.#cache.select(rows)
    this.#tokens = rows.map((row) => this.#tokens[row] as readonly number[])
  }

  dispose(): void {
    this.#cache.dispose()
  }
}

/** Targets that an encoder-decoder writes. */
export class TargetDecoding implements Decoding {
  readonly #given: EncodedSources
  #sources: EncodedSources
  /** Which of the given sources each row reads. */
  #origins: readonly number[]
  readonly #decoding: CachedDecoding

  constructor(sources: EncodedSources, capacity: number) {
    this.#given = sources
    this.#sources = sources
    this.#origins = Array.from({ length: sources.rows }, (_, n) => n)
    const cache = sources.cache({ batch: sources.rows, capacity })
    this.#decoding = new CachedDecoding((tokens_BT, cache) => this.#sources.decode(tokens_BT, cache), cache, capacity)
  }

  step(tokens: readonly (readonly number[])[]): Tensor {
    return this.#decoding.step(tokens)
  }

  select(rows: readonly number[]): void {
    this.#decoding.select(rows)
    const origins = rows.map((row) => this.#origins[row] as number)
    // Beams of one source change places among themselves: what they read stays.
    if (sameNumbers(origins, this.#origins)) return
    this.#free()
    this.#sources = this.#given.select(origins)
    this.#origins = origins
  }

  #free(): void {
    if (this.#sources !== this.#given) this.#sources.dispose()
  }

  dispose(): void {
    this.#decoding.dispose()
    this.#free()
  }
}
