// All ways to put a word together from pieces. Place in the whole: the sums and the best ways of unigram training.
import { Trie } from './trie.js'

/** Pieces by number: the symbols of each and the logarithm of its probability. */
export interface Model {
  readonly pieces: readonly (readonly number[])[]
  readonly scores: Float64Array
}

/** log(e^a + e^b). */
function logAdd(a: number, b: number): number {
  const [more, less] = a > b ? [a, b] : [b, a]
  return less === Number.NEGATIVE_INFINITY ? more : more + Math.log1p(Math.exp(less - more))
}

/** A model's lattices, one word at a time; every single character of a word is to be a piece. */
export class Lattice {
  readonly #scores: Float64Array
  readonly #trie = new Trie()
  /** Edges of the word at hand, by their beginnings: a piece from one place of the word to another. */
  #edges = 0
  #from: Int32Array = new Int32Array(64)
  #to: Int32Array = new Int32Array(64)
  #piece: Int32Array = new Int32Array(64)

  constructor({ pieces, scores }: Model) {
    this.#scores = scores
    for (const [id, symbols] of pieces.entries()) this.#trie.add(symbols, id)
  }

  /** Adds to `expected` how often each piece stands in the word on average over all ways; returns the logarithm of their sum. */
  expect(symbols: ArrayLike<number>, count: number, expected: Float64Array): number {
    const length = symbols.length
    this.#find(symbols)
    const before = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY)
    const behind = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY)
    before[0] = 0
    behind[length] = 0
    for (let e = 0; e < this.#edges; e++) {
      const [from, to] = [this.#from[e] as number, this.#to[e] as number]
      before[to] = logAdd(before[to] as number, (before[from] as number) + this.#score(e))
    }
    for (let e = this.#edges - 1; e >= 0; e--) {
      const [from, to] = [this.#from[e] as number, this.#to[e] as number]
      behind[from] = logAdd(behind[from] as number, (behind[to] as number) + this.#score(e))
    }
    const sum = before[length] as number
    for (let e = 0; e < this.#edges; e++) {
      const way =
        (before[this.#from[e] as number] as number) + this.#score(e) + (behind[this.#to[e] as number] as number)
      const piece = this.#piece[e] as number
      expected[piece] = (expected[piece] as number) + count * Math.exp(way - sum)
    }
    return sum
  }

  /** The pieces of the most probable way; with `without`, of those that do not use that piece. Empty: there is none. */
  best(symbols: ArrayLike<number>, without = -1): { pieces: number[]; score: number } {
    const length = symbols.length
    this.#find(symbols)
    const best = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY)
    const last = new Int32Array(length + 1).fill(-1)
    best[0] = 0
    for (let e = 0; e < this.#edges; e++) {
      if (this.#piece[e] === without) continue
      const to = this.#to[e] as number
      const score = (best[this.#from[e] as number] as number) + this.#score(e)
      if (score <= (best[to] as number)) continue
      best[to] = score
      last[to] = e
    }
    const pieces: number[] = []
    for (let at = length; at > 0; ) {
      const e = last[at] as number
      if (e < 0) return { pieces: [], score: Number.NEGATIVE_INFINITY }
      pieces.push(this.#piece[e] as number)
      at = this.#from[e] as number
    }
    return { pieces: pieces.reverse(), score: best[length] as number }
  }

  #score(edge: number): number {
    return this.#scores[this.#piece[edge] as number] as number
  }

  #find(symbols: ArrayLike<number>): void {
    this.#edges = 0
    for (let from = 0; from < symbols.length; from++) {
      let node = 0
      for (let to = from + 1; to <= symbols.length; to++) {
        node = this.#trie.child(node, symbols[to - 1] as number)
        if (node < 0) break
        const piece = this.#trie.values[node] as number
        if (piece >= 0) this.#push(from, to, piece)
      }
    }
  }

  #push(from: number, to: number, piece: number): void {
    if (this.#edges === this.#from.length) {
      const grown = (array: Int32Array) => {
        const larger = new Int32Array(2 * array.length)
        larger.set(array)
        return larger
      }
      this.#from = grown(this.#from)
      this.#to = grown(this.#to)
      this.#piece = grown(this.#piece)
    }
    this.#from[this.#edges] = from
    this.#to[this.#edges] = to
    this.#piece[this.#edges++] = piece
  }
}
