// How often each word stands in a corpus. Place in the whole: the first half of every trainer, on the caller's thread because the texts
// are the caller's, in slices; what follows sees words and counts only.
import { ValueError } from '../../errors.js'
import { Slice } from '../../slice.js'
import type { Normalizer } from '../normalize.js'
import { own } from '../own.js'
import { GPT2 } from '../patterns.js'

/** One text, or many: documents, lines; a stream of them need not fit into memory. */
export type TextSource = string | Iterable<string> | AsyncIterable<string>

/** Distinct words and how often each stands there, in the order in which they first stand. */
export interface WordCounts {
  readonly words: readonly string[]
  readonly counts: readonly number[]
}

/** Characters of a text that are split at once. */
const PART = 1 << 14
/** Words between two looks at the clock. */
const BETWEEN = 1 << 10

/** @throws ValueError for what is no text; an abort is thrown as it was given */
async function count(
  caller: string,
  texts: TextSource,
  signal: AbortSignal | undefined,
  split: (text: string) => Iterable<string>,
): Promise<WordCounts> {
  const found = new Map<string, number>()
  const slice = new Slice()
  for await (const text of typeof texts === 'string' ? [texts] : texts) {
    if (typeof text !== 'string')
      throw new ValueError(`${caller}: takes texts, found ${text === null ? 'null' : typeof text} among them`)
    let turn = BETWEEN
    for (const word of split(text)) {
      const before = found.get(word)
      if (before === undefined) found.set(own(word), 1)
      else found.set(word, before + 1)
      if (--turn > 0) continue
      turn = BETWEEN
      await slice.rest()
      signal?.throwIfAborted()
    }
    await slice.rest()
    signal?.throwIfAborted()
  }
  return { words: [...found.keys()], counts: [...found.values()] }
}

/** Counts what GPT-2's pattern finds in normalized texts. */
export function countGpt2(
  caller: string,
  texts: TextSource,
  normalizer: Normalizer | null,
  signal?: AbortSignal,
): Promise<WordCounts> {
  return count(caller, texts, signal, function* (text) {
    for (const [word] of (normalizer?.(text) ?? text).matchAll(GPT2)) yield word
  })
}

/** Counts what `split` makes of the texts; one that is long comes in parts that end at white space, so `split` is to part words there. */
export function countParts(
  caller: string,
  texts: TextSource,
  split: (part: string) => Iterable<string>,
  signal?: AbortSignal,
): Promise<WordCounts> {
  return count(caller, texts, signal, function* (text) {
    for (let from = 0; from < text.length; ) {
      let to = Math.min(from + PART, text.length)
      while (to < text.length && !/\s/.test(text[to] as string)) to++
      yield* split(text.slice(from, to))
      from = to
    }
  })
}
