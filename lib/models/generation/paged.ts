// Sequences of any lengths whose keys and values lie in the blocks of a PagedKvCache. Place in the whole: see decoding.ts.
import { tensor } from '../../ops/creation.js'
import { indexSelect } from '../../ops/indexing.js'
import { concat } from '../../ops/join.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { PagedKvCache } from '../paged-cache.js'
import type { CachedDecoder, Decoding } from './decoding.js'
import { distinct, lastOf, padded } from './rows.js'

/**
 * Equal prompts are computed once, and continuations of one sequence share its blocks until they write to them. Where a sequence has
 * more than `window` tokens, its last ones are computed anew.
 */
export class PagedDecoding implements Decoding {
  readonly #model: CachedDecoder
  readonly #cache: PagedKvCache
  readonly #ownsCache: boolean
  readonly #window: number
  #sequences: number[]
  #tokens: (readonly number[])[]

  constructor(model: CachedDecoder, cache: PagedKvCache, rows: number, window: number, ownsCache: boolean) {
    this.#model = model
    this.#cache = cache
    this.#ownsCache = ownsCache
    this.#window = window
    this.#sequences = Array.from({ length: rows }, () => cache.allocate())
    this.#tokens = this.#sequences.map(() => [])
  }

  step(tokens: readonly (readonly number[])[]): Tensor {
    const begins = this.#tokens.every(({ length }) => length === 0)
    this.#tokens = this.#tokens.map((before, n) =>
      [...before, ...(tokens[n] as readonly number[])].slice(-this.#window),
    )
    if (!begins) return this.#extend([...this.#sequences.keys()], tokens)
    const { first, of } = distinct(tokens)
    const logits_BV = this.#extend(first, tokens)
    if (first.length === tokens.length) return logits_BV
    for (const [n, place] of of.entries()) {
      const same = first[place] as number
      if (same === n) continue
      this.#cache.free(this.#sequences[n] as number)
      this.#sequences[n] = this.#cache.fork(this.#sequences[same] as number)
    }
    return indexSelect(logits_BV, 0, tensor(Int32Array.from(of)))
  }

  /** Logits behind the new tokens of some rows. */
  #extend(rows: readonly number[], tokens: readonly (readonly number[])[]): Tensor {
    const cache = this.#cache
    const fresh = rows.map((n) => {
      const sequence = this.#sequences[n] as number
      if (cache.lengthOf(sequence) + (tokens[n] as readonly number[]).length <= this.#window)
        return tokens[n] as number[]
      cache.truncate(sequence, 0)
      return this.#tokens[n] as number[]
    })
    const call = (rows: readonly number[], tokens: readonly (readonly number[])[]): Tensor => {
      const step = cache.extend(
        rows.map((n) => this.#sequences[n] as number),
        tokens.map(({ length }) => length),
      )
      return lastOf(this.#model.call(padded(tokens), step, { logitsToKeep: 1 }) as Tensor)
    }
    const counts = fresh.map(({ length }) => length)
    const all = counts.reduce((sum, count) => sum + count, 0)
    if (rows.length * Math.max(...counts) <= MOST_PADDING * all) return call(rows, fresh)
    return concat(rows.map((n, i) => call([n], [fresh[i] as number[]])))
  }

  select(rows: readonly number[]): void {
    const before = this.#sequences
    const taken = new Set<number>()
    this.#sequences = rows.map((row) => {
      const sequence = before[row] as number
      if (taken.has(row)) return this.#cache.fork(sequence)
      taken.add(row)
      return sequence
    })
    for (const [row, sequence] of before.entries()) if (!taken.has(row)) this.#cache.free(sequence)
    this.#tokens = rows.map((row) => this.#tokens[row] as readonly number[])
  }

  dispose(): void {
    for (const sequence of this.#sequences) this.#cache.free(sequence)
    this.#sequences = []
    if (this.#ownsCache) this.#cache.dispose()
  }
}

/** Prompts whose padding would make them this many times longer are computed one by one. */
const MOST_PADDING = 1.5
