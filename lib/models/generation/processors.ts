// What changes logits before a token is chosen. Place in the whole: generate.ts and beam-search.ts call them in turn; users write more.
// Definitions: Hugging Face transformers' logits processors; presence and frequency penalties are those of OpenAI's API.
// Shapes: B rows, one a sequence, V vocabulary.
import { ValueError } from '../../errors.js'
import { mul, sub } from '../../ops/binary.js'
import { fullLike, tensor } from '../../ops/creation.js'
import { put, take } from '../../ops/indexing.js'
import { where } from '../../ops/select.js'
import { show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'

/** What is known of each row when its next token is chosen. */
export interface LogitsContext {
  /** Its tokens so far, the prompt's first. Not to be changed. */
  readonly tokens: readonly (readonly number[])[]
  /** How many of them are the prompt's. */
  readonly promptLengths: readonly number[]
  /** Which of the caller's prompts it continues. */
  readonly prompts: readonly number[]
}

/**
 * Gives the logits (B, V), f32, from which the next tokens are chosen, in place of those of the model: -Infinity for a token that must not
 * come. Called under noGrad and in a scope, before temperature and the choice of candidates.
 */
export type LogitsProcessor = (logits_BV: Tensor, context: LogitsContext) => Tensor

/** The next tokens that are allowed behind a row's tokens, prompt included; null: all. */
export type AllowedTokens = (tokens: readonly number[], prompt: number) => Iterable<number> | null

/** Sets these tokens' logits, given for each row, to -Infinity. */
function banned(name: string, logits_BV: Tensor, tokensOf: (row: number) => Iterable<number>): Tensor {
  const at = placesOf(name, logits_BV, tokensOf)
  if (at.length === 0) return logits_BV
  return put(logits_BV, tensor(at), tensor(new Float32Array(at.length).fill(Number.NEGATIVE_INFINITY)))
}

/** Where tokens, each once, stand in the flattened logits. */
function placesOf(name: string, logits_BV: Tensor, tokensOf: (row: number) => Iterable<number>): Int32Array {
  const [rows, vocabulary] = logits_BV.shape as [number, number]
  const places: number[] = []
  for (let row = 0; row < rows; row++) {
    for (const token of new Set(tokensOf(row))) {
      if (!Number.isInteger(token) || token < 0 || token >= vocabulary)
        throw new ValueError(`${name}: token ${token} is not in the vocabulary of logits ${show(logits_BV.shape)}`)
      places.push(row * vocabulary + token)
    }
  }
  return Int32Array.from(places)
}

/**
 * Logits of tokens that have come, in the prompt too, are divided by the penalty where they are positive, else multiplied by it (Keskar et
 * al. 2019, "CTRL"). Above 1 against repetition. Definition: RepetitionPenaltyLogitsProcessor.
 */
export function repetitionPenalty(penalty: number): LogitsProcessor {
  if (!(penalty > 0 && Number.isFinite(penalty)))
    throw new ValueError(`repetitionPenalty: the penalty is ${penalty}, expected a number above 0`)
  return (logits_BV, { tokens }) => {
    const at = tensor(placesOf('repetitionPenalty', logits_BV, (row) => tokens[row] as readonly number[]))
    const seen = take(logits_BV, at)
    return put(logits_BV, at, where(seen.lt(0), mul(seen, penalty), mul(seen, 1 / penalty)))
  }
}

/**
 * Takes off each token's logit `presence` where it has been generated, and `frequency` as often as it has been; the prompt does not count.
 */
export function countPenalty({
  presence = 0,
  frequency = 0,
}: {
  presence?: number
  frequency?: number
}): LogitsProcessor {
  for (const [name, value] of Object.entries({ presence, frequency })) {
    if (!Number.isFinite(value)) throw new ValueError(`countPenalty: ${name} is ${value}, expected a finite number`)
  }
  return (logits_BV, { tokens, promptLengths }) => {
    const counts = tokens.map((row, n) => {
      const count = new Map<number, number>()
      for (const token of row.slice(promptLengths[n])) count.set(token, (count.get(token) ?? 0) + 1)
      return count
    })
    const at = placesOf('countPenalty', logits_BV, (row) => (counts[row] as Map<number, number>).keys())
    if (at.length === 0) return logits_BV
    const all = counts.flatMap((count) => [...count.values()])
    const less = tensor(Float32Array.from(all, (count) => presence + frequency * count))
    const places = tensor(at)
    return put(logits_BV, places, sub(take(logits_BV, places), less))
  }
}

/** No `size` tokens in a row come twice, the prompt's included. Definition: NoRepeatNGramLogitsProcessor. */
export function noRepeatNgram(size: number): LogitsProcessor {
  if (!Number.isInteger(size) || size < 1)
    throw new ValueError(`noRepeatNgram: the size is ${size}, expected a whole number of at least 1`)
  return (logits_BV, { tokens }) =>
    banned('noRepeatNgram', logits_BV, (row) => repeating(tokens[row] as readonly number[], size))
}

/** Tokens that would end an n-gram which has come before. */
function* repeating(tokens: readonly number[], size: number): Generator<number> {
  const tail = tokens.length - (size - 1)
  for (let from = 0; from + size <= tokens.length; from++) {
    let i = 0
    while (i < size - 1 && tokens[from + i] === tokens[tail + i]) i++
    if (i === size - 1) yield tokens[from + i] as number
  }
}

/** These tokens never come. Definition: SuppressTokensLogitsProcessor. */
export function suppressTokens(ids: readonly number[]): LogitsProcessor {
  return (logits_BV) => banned('suppressTokens', logits_BV, () => ids)
}

/** None of the tokens `ids` among the first `count` that are generated. Definition: MinNewTokensLengthLogitsProcessor. */
export function minNewTokens(count: number, ids: readonly number[]): LogitsProcessor {
  return (logits_BV, { tokens, promptLengths }) =>
    banned('minNewTokens', logits_BV, (row) =>
      (tokens[row] as readonly number[]).length - (promptLengths[row] as number) < count ? ids : [],
    )
}

/**
 * Only tokens that `allowed` gives for what stands before, a grammar's or a trie's say. Definition: PrefixConstrainedLogitsProcessor.
 * The result throws ValueError where it gives none: end a sequence by allowing its end-of-text token alone.
 */
export function onlyAllowed(allowed: AllowedTokens): LogitsProcessor {
  return (logits_BV, { tokens, prompts }) => {
    const vocabulary = logits_BV.shape[1] as number
    const choices = tokens.map((row, n) => {
      const ids = allowed(row, prompts[n] as number)
      if (ids === null) return null
      const list = [...ids]
      if (list.length === 0)
        throw new ValueError(
          `onlyAllowed: no token is allowed behind the ${row.length} of prompt ${prompts[n]}; allow its end-of-text token to end it`,
        )
      return list
    })
    if (choices.every((ids) => ids === null)) return logits_BV
    const everything = Array.from({ length: choices.includes(null) ? vocabulary : 0 }, (_, token) => token)
    const at = tensor(placesOf('onlyAllowed', logits_BV, (row) => choices[row] ?? everything))
    return put(fullLike(logits_BV, Number.NEGATIVE_INFINITY), at, take(logits_BV, at))
  }
}

/** Only these tokens come. */
export function onlyTokens(ids: Iterable<number>): LogitsProcessor {
  const list = [...ids]
  return onlyAllowed(() => list)
}
