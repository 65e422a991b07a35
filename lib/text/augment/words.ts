// Changes of words that leave the meaning mostly alone (Wei and Zou 2019, "EDA: Easy Data Augmentation"). Place in the whole: called where a
// sample is made, with the sample's random numbers; lists of tokens are changed as lists of words are.

import { known, probability, whole } from '../../check.js'
import type { Random } from '../../data/random.js'
import { ValueError } from '../../errors.js'

export interface DeletionOptions {
  /** With which each item goes. Default 0.1. */
  readonly probability?: number
}

/** Leaves items out; if all were to go, one stays. */
export function randomDeletion<T>(items: readonly T[], random: Random, options: DeletionOptions = {}): T[] {
  known('randomDeletion', options, ['probability'])
  const { probability: p = 0.1 } = options
  probability('randomDeletion', 'probability', p)
  const kept = items.filter(() => random.uniform() >= p)
  return kept.length > 0 || items.length === 0 ? kept : [items[random.int(items.length)] as T]
}

/** Shares of a text are rounded, and at least one word is meant, as in EDA. */
export interface CountOptions {
  /** How many times. Default: by `share`. */
  readonly count?: number
  /** As many times as this share of the items, at least once. Default 0.1. */
  readonly share?: number
}

/** Exchanges two items at random places, `count` times. */
export function randomSwap<T>(items: readonly T[], random: Random, options: CountOptions = {}): T[] {
  const swapped = [...items]
  const times = timesOf('randomSwap', items.length, options)
  if (items.length < 2) return swapped
  for (let i = 0; i < times; i++) {
    const a = random.int(items.length)
    const b = (a + 1 + random.int(items.length - 1)) % items.length
    ;[swapped[a], swapped[b]] = [swapped[b] as T, swapped[a] as T]
  }
  return swapped
}

/** Words and what may stand for each: a Map, an object, or a function. Words without entries are left alone. */
export type Synonyms =
  | ReadonlyMap<string, readonly string[]>
  | Readonly<Record<string, readonly string[]>>
  | ((word: string) => readonly string[] | undefined)

export interface SynonymOptions extends CountOptions {
  /** Looked up as words stand, then in lower case. */
  readonly synonyms: Synonyms
}

/** A synonym takes the place of `count` different words that have any. */
export function synonymReplacement(words: readonly string[], random: Random, options: SynonymOptions): string[] {
  const { find, times } = lookUp('synonymReplacement', words, options)
  const replaced = [...words]
  for (const place of choose(replaceable(words, find), times, random)) {
    const others = find(words[place] as string)
    replaced[place] = others[random.int(others.length)] as string
  }
  return replaced
}

/** Synonyms of random words come in at random places, `count` times. */
export function randomInsertion(words: readonly string[], random: Random, options: SynonymOptions): string[] {
  const { find, times } = lookUp('randomInsertion', words, options)
  const places = replaceable(words, find)
  const longer = [...words]
  for (let i = 0; i < times && places.length > 0; i++) {
    const others = find(words[places[random.int(places.length)] as number] as string)
    longer.splice(random.int(longer.length + 1), 0, others[random.int(others.length)] as string)
  }
  return longer
}

function timesOf(name: string, items: number, options: CountOptions, more: readonly string[] = []): number {
  known(name, options, ['count', 'share', ...more])
  const { count, share = 0.1 } = options
  probability(name, 'share', share)
  if (count === undefined) return Math.max(1, Math.round(share * items))
  whole(name, { count }, 0)
  return count
}

function lookUp(name: string, words: readonly string[], options: SynonymOptions) {
  const times = timesOf(name, words.length, options, ['synonyms'])
  const { synonyms } = options
  if (typeof synonyms !== 'function' && (typeof synonyms !== 'object' || synonyms === null))
    throw new ValueError(`${name}: synonyms is ${String(synonyms)}, expected a Map, an object or a function of words`)
  const entry = (word: string): readonly string[] | undefined => {
    if (typeof synonyms === 'function') return synonyms(word)
    if (synonyms instanceof Map) return synonyms.get(word)
    return Object.hasOwn(synonyms, word) ? (synonyms as Record<string, readonly string[]>)[word] : undefined
  }
  const find = (word: string): readonly string[] => entry(word) ?? entry(word.toLowerCase()) ?? []
  return { find, times }
}

const replaceable = (words: readonly string[], find: (word: string) => readonly string[]): number[] =>
  [...words.keys()].filter((place) => find(words[place] as string).length > 0)

/** `count` different places, or all. */
function choose(places: number[], count: number, random: Random): number[] {
  const chosen: number[] = []
  while (chosen.length < count && places.length > 0) chosen.push(...places.splice(random.int(places.length), 1))
  return chosen
}
