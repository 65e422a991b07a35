// Byte-pair encoding's learning: the most frequent pair of neighbours becomes a token, again and again (Sennrich et al. 2016). Place in the
// whole: in a worker; WordPiece is learnt by it too, as Hugging Face's trainers do.
import type { WordCounts } from './count.js'
import { Heap } from './heap.js'

export interface MergeOptions {
  /** Tokens that have the first numbers. */
  readonly special: readonly string[]
  /** Single characters with the next numbers, in this order. */
  readonly alphabet: readonly string[]
  readonly vocabSize: number
  /** Pairs that stand there less often are not merged. */
  readonly minFrequency: number
  /** Written before every part of a word but the first, '##' of WordPiece; '' for none. */
  readonly prefix: string
}

export interface Merges {
  /** Tokens by number. */
  readonly tokens: readonly string[]
  /** Numbers of the left and the right part, in the order of learning. */
  readonly merges: readonly (readonly [number, number])[]
}

/** A pair's key is left * WIDTH + right, an exact integer, so keys compare as (left, right) do. */
const WIDTH = 2 ** 26

/**
 * Learns merges until the vocabulary is full or no pair is frequent enough. Of pairs that are equally frequent the one with the smaller
 * numbers goes first, left before right, as in Hugging Face's trainer. Words with characters that are not in the alphabet are left out.
 */
export function learnMerges({ words, counts }: WordCounts, options: MergeOptions): Merges {
  const { special, alphabet, vocabSize, minFrequency, prefix } = options
  const tokens = [...new Set([...special, ...alphabet])]
  const numbers = new Map(tokens.map((token, id) => [token, id]))
  const spelled = spell(words, numbers, tokens, prefix)
  const pairs = new Pairs()
  for (const [w, symbols] of spelled.entries())
    for (let i = 0; i + 1 < symbols.length; i++)
      pairs.add(symbols[i] as number, symbols[i + 1] as number, counts[w] as number, w)
  pairs.queueChanged()

  const merges: (readonly [number, number])[] = []
  const learnt = new Set<number>()
  while (tokens.length < vocabSize) {
    const next = pairs.take()
    if (next === undefined || next.count < minFrequency) break
    const { pair, left, right } = next
    const token = (tokens[left] as string) + withoutPrefix(tokens[right] as string, prefix)
    let id = numbers.get(token)
    if (id === undefined) {
      id = tokens.length
      tokens.push(token)
      numbers.set(token, id)
    }
    // A pair stands there again when another way of spelling makes one of its tokens: it is merged again, but learnt once.
    if (!learnt.has(pair)) merges.push([left, right])
    learnt.add(pair)
    for (const w of pairs.words(pair))
      spelled[w] = mergeWord(pairs, spelled[w] as number[], left, right, id, counts[w] as number, w)
    pairs.clear(pair)
    pairs.queueChanged()
  }
  return { tokens, merges }
}

const withoutPrefix = (token: string, prefix: string): string =>
  prefix !== '' && token.startsWith(prefix) ? token.slice(prefix.length) : token

/** Words as numbers of their characters; those of characters inside words, which bear the prefix, are made in the order of their codes. */
function spell(words: readonly string[], numbers: Map<string, number>, tokens: string[], prefix: string): number[][] {
  if (prefix !== '') {
    const inside = new Set<string>()
    for (const word of words) for (const [i, c] of [...word].entries()) if (i > 0 && numbers.has(c)) inside.add(c)
    for (const c of [...inside].sort(byCode)) {
      const token = prefix + c
      if (numbers.has(token)) continue
      numbers.set(token, tokens.length)
      tokens.push(token)
    }
  }
  return words.map((word) => {
    const symbols: number[] = []
    for (const c of word) {
      const id = numbers.get(symbols.length === 0 ? c : prefix + c)
      if (id === undefined) return []
      symbols.push(id)
    }
    return symbols
  })
}

export const byCode = (a: string, b: string): number => (a.codePointAt(0) as number) - (b.codePointAt(0) as number)

/** Puts `id` for every (left, right) of a word and tells the pairs that come and go. */
function mergeWord(
  pairs: Pairs,
  symbols: readonly number[],
  left: number,
  right: number,
  id: number,
  count: number,
  word: number,
): number[] {
  const merged: number[] = []
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] !== left || symbols[i + 1] !== right) {
      merged.push(symbols[i] as number)
      continue
    }
    const [before, after] = [merged.at(-1), symbols[i + 2]]
    if (before !== undefined) {
      pairs.remove(before, left, count)
      pairs.add(before, id, count, word)
    }
    if (after !== undefined) {
      pairs.remove(right, after, count)
      pairs.add(id, after, count, word)
    }
    merged.push(id)
    i++
  }
  return merged
}

interface Entry {
  readonly pair: number
  readonly key: number
  readonly count: number
}

/** Counts of neighbouring pairs, the words that have them, and the most frequent one. */
class Pairs {
  readonly #index = new Map<number, number>()
  readonly #keys: number[] = []
  readonly #counts: number[] = []
  /** Words that have, or had, the pair. */
  readonly #words: number[][] = []
  readonly #changed = new Set<number>()
  /** Counts as they were when a pair was put in: those that fell since are noticed when it is taken. */
  readonly #queue = new Heap<Entry>((a, b) => (a.count === b.count ? a.key < b.key : a.count > b.count))

  add(left: number, right: number, count: number, word: number): void {
    const key = left * WIDTH + right
    let pair = this.#index.get(key)
    if (pair === undefined) {
      pair = this.#keys.length
      this.#index.set(key, pair)
      this.#keys.push(key)
      this.#counts.push(0)
      this.#words.push([])
    }
    this.#counts[pair] = (this.#counts[pair] as number) + count
    const words = this.#words[pair] as number[]
    if (words.at(-1) !== word) words.push(word)
    this.#changed.add(pair)
  }

  remove(left: number, right: number, count: number): void {
    const pair = this.#index.get(left * WIDTH + right) as number
    this.#counts[pair] = (this.#counts[pair] as number) - count
  }

  /** Puts the pairs that were added to into the queue. */
  queueChanged(): void {
    for (const pair of this.#changed) this.#enqueue(pair)
    this.#changed.clear()
  }

  /** The most frequent pair, undefined where none is left. */
  take(): { left: number; right: number; pair: number; count: number } | undefined {
    for (;;) {
      const entry = this.#queue.pop()
      if (entry === undefined) return undefined
      const { pair, key, count } = entry
      if (this.#counts[pair] === count) return { pair, count, left: Math.floor(key / WIDTH), right: key % WIDTH }
      this.#enqueue(pair)
    }
  }

  /** Words that have the pair, and some that had it. */
  words(pair: number): readonly number[] {
    return this.#words[pair] as number[]
  }

  /** No word has it any more. */
  clear(pair: number): void {
    this.#counts[pair] = 0
    this.#words[pair] = []
  }

  #enqueue(pair: number): void {
    const [key, count] = [this.#keys[pair] as number, this.#counts[pair] as number]
    if (count > 0) this.#queue.push({ pair, key, count })
  }
}
