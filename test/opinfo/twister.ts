/**
 * MT19937 (Matsumoto and Nishimura 1998), PyTorch's generator on CPUs. Place in the whole: for operators that draw, OpInfo
 * seeds it; with the same numbers given, Sinter's operator must agree.
 */

const N = 624
const M = 397

export class MersenneTwister {
  readonly #state = new Uint32Array(N)
  #next = N

  constructor(seed: number) {
    const s = this.#state
    s[0] = seed
    for (let i = 1; i < N; i++) {
      const previous = s[i - 1] as number
      s[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i
    }
  }

  #refill(): void {
    const s = this.#state
    for (let i = 0; i < N; i++) {
      const bits = ((s[i] as number) & 0x80000000) | ((s[(i + 1) % N] as number) & 0x7fffffff)
      s[i] = (s[(i + M) % N] as number) ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0)
    }
    this.#next = 0
  }

  /** 32 bits. */
  next(): number {
    if (this.#next === N) this.#refill()
    let y = this.#state[this.#next++] as number
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  /** Uniform in [0, 1) as torch.rand makes it in float32. */
  float(): number {
    return (this.next() % 2 ** 24) / 2 ** 24
  }

  /** The same in float64: the first word is the high one. */
  double(): number {
    const high = this.next()
    const low = this.next()
    return ((high % 2 ** 21) * 2 ** 32 + low) / 2 ** 53
  }
}
