// The unigram language model's learning (Kudo 2018, "Subword Regularization"): begin with all frequent substrings, fit their probabilities
// by expectation maximization, drop those that the text misses least, again and again. Place in the whole: in a worker.

import { filled } from '../../filled.js'
import type { WordCounts } from './count.js'
import { Lattice, type Model } from './lattice.js'
import { frequentSubstrings, type Spelled, spell } from './substrings.js'

export interface PieceOptions {
  /** Most pieces. */
  readonly size: number
  /** Characters of the longest piece. */
  readonly maxPieceLength: number
  /** Pieces to begin with, at most. */
  readonly seedSize: number
  /** Share of the pieces that one round of dropping leaves. */
  readonly shrinkingFactor: number
  /** Steps of expectation maximization between two rounds. */
  readonly subIterations: number
  /** Share of the text's characters that have pieces. */
  readonly characterCoverage: number
}

export interface Pieces {
  /** Pieces and the logarithms of their probabilities, the most probable first. */
  readonly vocabulary: readonly (readonly [string, number])[]
  /** Distinct characters, each a piece. */
  readonly characters: number
}

/** Pieces that are expected less often are dropped. */
const LEAST_EXPECTED = 0.5
/** Fitting goes on with this many times the pieces that are wanted; the least probable of them go at the end. */
const MARGIN = 1.1

/** Single characters are always kept, so that every text has a way; where they alone are more than `size` there is no vocabulary. */
export function learnPieces(words: WordCounts, options: PieceOptions): Pieces {
  const { size, shrinkingFactor, subIterations, characterCoverage } = options
  const corpus = spell(words, characterCoverage)
  const characters = corpus.alphabet.length
  if (characters > size || characters === 0) return { vocabulary: [], characters }
  const wanted = Math.floor(size * MARGIN)
  let model = seed(corpus, options)
  for (;;) {
    for (let i = 0; i < subIterations; i++) model = maximize(corpus, model)
    if (model.pieces.length <= wanted) break
    model = prune(corpus, model, Math.max(wanted, Math.floor(model.pieces.length * shrinkingFactor)))
  }
  const text = (symbols: readonly number[]) => symbols.map((symbol) => corpus.alphabet[symbol]).join('')
  const order = [...model.pieces.keys()].sort((a, b) => score(model, b) - score(model, a) || a - b)
  const single = order.filter((id) => isCharacter(model, id))
  const several = order.filter((id) => !isCharacter(model, id)).slice(0, size - single.length)
  const kept = new Set([...single, ...several])
  const vocabulary = order
    .filter((id) => kept.has(id))
    .map((id) => [text(pieceOf(model, id)), score(model, id)] as const)
  return { vocabulary, characters }
}

const score = (model: Model, id: number): number => model.scores[id] as number
const pieceOf = (model: Model, id: number): readonly number[] => model.pieces[id] as readonly number[]
const isCharacter = (model: Model, id: number): boolean => pieceOf(model, id).length === 1

/** The characters, and the substrings that cover most of the text: probabilities by what each covers. */
function seed(corpus: Spelled, { maxPieceLength, seedSize }: PieceOptions): Model {
  const covers = ({ count, length }: { count: number; length: number }) => count * length
  const substrings = frequentSubstrings(corpus, maxPieceLength)
    .sort((a, b) => covers(b) - covers(a) || a.from - b.from || a.length - b.length)
    .slice(0, Math.max(0, seedSize - corpus.alphabet.length))
  const pieces = [
    ...corpus.alphabet.map((_, symbol) => [symbol]),
    ...substrings.map(({ from, length }) => [...corpus.symbols.subarray(from, from + length)]),
  ]
  const covered = Float64Array.from([...corpus.frequencies, ...substrings.map(covers)])
  const total = Math.log(covered.reduce((sum, count) => sum + count, 0))
  return { pieces, scores: covered.map((count) => Math.log(count) - total) }
}

function* wordsOf({ symbols, starts, counts }: Spelled): Generator<[Int32Array, number]> {
  for (const [w, count] of counts.entries()) yield [symbols.subarray(starts[w], starts[w + 1]), count]
}

/** One step of expectation maximization, with the digamma function in place of the logarithm, which makes rare pieces rarer. */
function maximize(corpus: Spelled, model: Model): Model {
  const lattice = new Lattice(model)
  const expected = new Float64Array(model.pieces.length)
  for (const [word, count] of wordsOf(corpus)) lattice.expect(word, count, expected)
  const kept = [...model.pieces.keys()].filter(
    (id) => isCharacter(model, id) || (expected[id] as number) >= LEAST_EXPECTED,
  )
  const counts = filled(new Float64Array(kept.length), (i) =>
    Math.max(expected[kept[i] as number] as number, LEAST_EXPECTED),
  )
  const total = digamma(counts.reduce((sum, count) => sum + count, 0))
  return { pieces: kept.map((id) => pieceOf(model, id)), scores: counts.map((count) => digamma(count) - total) }
}

/** Leaves `size` pieces: those without which the most probable ways would lose most. */
function prune(corpus: Spelled, model: Model, size: number): Model {
  const lattice = new Lattice(model)
  const used = new Float64Array(model.pieces.length)
  for (const [word, count] of wordsOf(corpus))
    for (const id of lattice.best(word).pieces) used[id] = (used[id] as number) + count
  const total = used.reduce((sum, count) => sum + count, 0)
  const kept: number[] = []
  const losses: { id: number; loss: number }[] = []
  for (const [id, symbols] of model.pieces.entries()) {
    const count = used[id] as number
    const others = lattice.best(symbols, id)
    if (others.pieces.length === 0) kept.push(id)
    else if (count > 0 && others.score < score(model, id)) {
      // Without the piece its count goes to those that take its place.
      const after = Math.log(total + count * (others.pieces.length - 1))
      const instead = others.pieces.reduce((sum, other) => sum + Math.log((used[other] as number) + count) - after, 0)
      losses.push({ id, loss: count * (Math.log(count) - Math.log(total) - instead) })
    }
  }
  losses.sort((a, b) => b.loss - a.loss || a.id - b.id)
  for (const { id } of losses.slice(0, Math.max(0, size - kept.length))) kept.push(id)
  kept.sort((a, b) => a - b)
  return {
    pieces: kept.map((id) => pieceOf(model, id)),
    scores: filled(new Float64Array(kept.length), (i) => score(model, kept[i] as number)),
  }
}

/** Derivative of the logarithm of the gamma function, x > 0: the recurrence up to 6, then its asymptotic series. */
function digamma(x: number): number {
  let shift = 0
  for (; x < 6; x++) shift += 1 / x
  const inverse = 1 / (x * x)
  const series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse / 132))))
  return Math.log(x) - 0.5 / x - series - shift
}
