// Substrings that stand in a corpus more than once: the pieces with which unigram training begins. Place in the whole: in a worker.
import type { WordCounts } from './count.js'

/** Words as numbers of their characters, one after the other. */
export interface Spelled {
  /** Characters by number, the most frequent first. */
  readonly alphabet: readonly string[]
  /** How often each stands there. */
  readonly frequencies: readonly number[]
  readonly symbols: Int32Array
  /** Where each word begins in `symbols`, and at last where they end. */
  readonly starts: readonly number[]
  readonly counts: readonly number[]
}

/**
 * The rarest characters are left out, as many as make at most 1 - coverage of the text; they part words.
 */
export function spell({ words, counts }: WordCounts, coverage: number): Spelled {
  const found = new Map<string, number>()
  let total = 0
  for (const [w, word] of words.entries())
    for (const c of word) {
      found.set(c, (found.get(c) ?? 0) + (counts[w] as number))
      total += counts[w] as number
    }
  const frequent = [...found].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  let covered = 0
  const kept = frequent.filter(([, count]) => {
    if (covered >= coverage * total) return false
    covered += count
    return true
  })
  const numbers = new Map(kept.map(([c], symbol) => [c, symbol]))
  const symbols: number[] = []
  const starts = [0]
  const parts: number[] = []
  for (const [w, word] of words.entries()) {
    const end = () => {
      if (symbols.length === starts.at(-1)) return
      starts.push(symbols.length)
      parts.push(counts[w] as number)
    }
    for (const c of word) {
      const symbol = numbers.get(c)
      if (symbol === undefined) end()
      else symbols.push(symbol)
    }
    end()
  }
  const [alphabet, frequencies] = [kept.map(([c]) => c), kept.map(([, count]) => count)]
  return { alphabet, frequencies, symbols: Int32Array.from(symbols), starts, counts: parts }
}

export interface Substring {
  /** Where it stands in the symbols, once. */
  readonly from: number
  readonly length: number
  readonly count: number
}

/**
 * Substrings of 2 to `longest` characters that stand there at least twice and are not always followed by the same character, which
 * would make the longer one the better piece (the inner nodes of a suffix tree). Length by length: a substring is frequent only if those
 * without its first and without its last character are, so it is named by their two numbers, and memory stays that of one length.
 */
export function frequentSubstrings(
  { alphabet, frequencies, symbols, starts, counts }: Spelled,
  longest: number,
): Substring[] {
  const found: Substring[] = []
  let ids = Int32Array.from(symbols)
  let shorter: Substring[] = alphabet.map((_, c) => ({ from: -1, length: 1, count: frequencies[c] as number }))
  for (let length = 2; length <= longest && shorter.length > 0; length++) {
    const seen = new Map<number, number>()
    const candidates: { from: number; count: number; parent: number }[] = []
    const next = new Int32Array(symbols.length).fill(-1)
    for (let w = 0; w + 1 < starts.length; w++) {
      const end = (starts[w + 1] as number) - length
      for (let at = starts[w] as number; at <= end; at++) {
        const [left, right] = [ids[at] as number, ids[at + 1] as number]
        if (left < 0 || right < 0) continue
        const key = left * shorter.length + right
        let id = seen.get(key)
        if (id === undefined) {
          id = candidates.length
          seen.set(key, id)
          candidates.push({ from: at, count: 0, parent: left })
        }
        ;(candidates[id] as { count: number }).count += counts[w] as number
        next[at] = id
      }
    }
    const most = new Float64Array(shorter.length)
    for (const { parent, count } of candidates) most[parent] = Math.max(most[parent] as number, count)
    if (length > 2) for (const [id, item] of shorter.entries()) if ((most[id] as number) < item.count) found.push(item)
    const names = new Int32Array(candidates.length).fill(-1)
    shorter = []
    for (const [id, { from, count }] of candidates.entries()) {
      if (count < 2) continue
      names[id] = shorter.length
      shorter.push({ from, length, count })
    }
    ids = next.map((id) => (id < 0 ? -1 : (names[id] as number)))
  }
  return (shorter[0]?.length ?? 1) > 1 ? found.concat(shorter) : found
}
