/** Seeded random numbers for tests. Place in the whole: every random test names its seed, so that a failure repeats. */
import { filled } from '#lib/filled.js'

export class Random {
  #state: number

  constructor(seed: number | string) {
    this.#state = typeof seed === 'number' ? seed >>> 0 : seedOf(seed)
  }

  /** Uniform in [0, 1): mulberry32, a 32-bit mixing of a counter; plenty for test data. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  uniform(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** An integer, low <= n < high. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low))
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length)] as T
  }

  array(n: number, draw: (r: Random) => number): Float64Array {
    return filled(new Float64Array(n), () => draw(this))
  }
}

/** A seed of a text: FNV-1a. */
export function seedOf(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
