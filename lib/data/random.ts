// Counter-based random numbers for data. Place in the whole: loaders and datasets only; tensors have the device's
// generator (native/engine/philox.h), of which this is the same function, Philox4x32-10 (Salmon et al., SC 2011), in
// TypeScript. A number is a function of (seed, stream, position), so that neither the count of workers nor the order in
// which samples are made can change it.

const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** High 32 bits of the 64-bit product of two 32-bit numbers, which Math.imul drops. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  return (aHigh * bHigh + Math.floor((middle + aLow * bHigh) / 0x10000)) >>> 0
}

/** Streams of one kind: what a stream serves stands in the top byte of its first number, the epoch below. */
const EPOCHS = 0x100_0000
/** A purpose keeps its place for ever, or recorded runs would draw other numbers: new ones are appended. */
const PURPOSES = ['order', 'sample', 'stream', 'part', 'split', 'buffer', 'mixture'] as const
/** Purposes kept for later ones of the loader; transforms have the rest. */
const FIRST_TRANSFORM = 16
/** Streams that each row has for transforms. */
export const TRANSFORM_STREAMS: number = 256 - FIRST_TRANSFORM

/** The first stream number of what serves one purpose in an epoch; a number is the stream of a transform. */
export function streamOf(purpose: (typeof PURPOSES)[number] | number, epoch: number): number {
  const byte = typeof purpose === 'number' ? FIRST_TRANSFORM + purpose : PURPOSES.indexOf(purpose)
  return byte * EPOCHS + (epoch % EPOCHS)
}

/** A stream of random numbers, named by a seed and up to two stream numbers (say epoch and sample). */
export class Random {
  readonly #key0: number
  readonly #key1: number
  readonly #stream0: number
  readonly #stream1: number
  readonly #block: Uint32Array = new Uint32Array(4)
  #counter = 0
  #used = 4
  #spare: number | undefined

  constructor(seed: number, stream0 = 0, stream1 = 0) {
    this.#key0 = seed >>> 0
    this.#key1 = Math.floor(seed / 0x1_0000_0000) >>> 0
    this.#stream0 = stream0 >>> 0
    this.#stream1 = stream1 >>> 0
  }

  /** 32 random bits. */
  bits(): number {
    if (this.#used === 4) this.#refill()
    return this.#block[this.#used++] as number
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 0x400_0000 + (this.bits() >>> 6)) / 0x20_0000_0000_0000
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + this.uniform() * (high - low)
  }

  /** A whole number in [0, n), n up to 2^53. */
  int(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare
      this.#spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    const angle = 2 * Math.PI * this.uniform()
    this.#spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  #refill(): void {
    let c0 = this.#counter >>> 0
    let c1 = Math.floor(this.#counter / 0x1_0000_0000) >>> 0
    let c2 = this.#stream0
    let c3 = this.#stream1
    let k0 = this.#key0
    let k1 = this.#key1
    for (let round = 0; round < 10; round++) {
      const next0 = multiplyHigh(MULTIPLIER_1, c2) ^ c1 ^ k0
      const next2 = multiplyHigh(MULTIPLIER_0, c0) ^ c3 ^ k1
      c1 = Math.imul(MULTIPLIER_1, c2) >>> 0
      c3 = Math.imul(MULTIPLIER_0, c0) >>> 0
      c0 = next0 >>> 0
      c2 = next2 >>> 0
      k0 = (k0 + WEYL_0) >>> 0
      k1 = (k1 + WEYL_1) >>> 0
    }
    this.#block[0] = c0
    this.#block[1] = c1
    this.#block[2] = c2
    this.#block[3] = c3
    this.#counter++
    this.#used = 0
  }
}

/** Shuffles in place: Fisher-Yates from `end` down to `begin`, so that a long one can be done in slices. */
export function shuffle(items: Uint32Array, random: Random, end: number = items.length, begin = 1): void {
  for (let i = end - 1; i >= begin; i--) {
    const j = random.int(i + 1)
    const swapped = items[i] as number
    items[i] = items[j] as number
    items[j] = swapped
  }
}
