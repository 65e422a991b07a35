// When a text ends. Place in the whole: asked after every token by generate.ts and beam-search.ts, and by stream-text.ts for what it
// must hold back.
import { ValueError } from '../../errors.js'

/** Tokens to text; bytes where a token may hold part of a character. */
export type Decode = (tokens: readonly number[]) => string | Uint8Array

/** Why a text ended: an end-of-text token, a stop sequence, or as many tokens as were asked for. */
export type FinishReason = 'endOfText' | 'stop' | 'length'

export interface StopOptions {
  /** Tokens that end a text; the last one of it is such a token. */
  readonly endOfText?: number | readonly number[]
  /**
   * What ends a text behind it: a token, a sequence of tokens, a string (which needs `decode`), or several of these in an array. (An array
   * of numbers is several tokens, an array in it a sequence.)
   */
  readonly stop?: number | string | readonly (number | string | readonly number[])[]
  /** For stop strings. */
  readonly decode?: Decode
}

/** A character is four bytes at most, and a token at least one byte of one, but for tokens without text: room for some of these. */
const TOKENS_A_UNIT = 4
const MORE_TOKENS = 16

export class Stopping {
  readonly ends: ReadonlySet<number>
  readonly sequences: readonly (readonly number[])[]
  readonly strings: readonly string[]
  readonly #decode: Decode | undefined
  readonly #tail: number

  constructor(name: string, { endOfText = [], stop = [], decode }: StopOptions) {
    this.ends = new Set(typeof endOfText === 'number' ? [endOfText] : endOfText)
    const all = typeof stop === 'number' || typeof stop === 'string' ? [stop] : stop
    this.strings = all.filter((each) => typeof each === 'string')
    this.sequences = all
      .filter((each) => typeof each !== 'string')
      .map((each) => (typeof each === 'number' ? [each] : each))
    if (all.some((each) => typeof each !== 'number' && each.length === 0))
      throw new ValueError(`${name}: a stop sequence is empty: it would end a text before its first token`)
    if (this.strings.length > 0 && decode === undefined)
      throw new ValueError(`${name}: to stop at '${this.strings[0]}' it needs \`decode\`, from tokens to text`)
    this.#decode = decode
    this.#tail = TOKENS_A_UNIT * Math.max(0, ...this.strings.map(({ length }) => length)) + MORE_TOKENS
  }

  /** Whether a text ends with the last of its tokens; those before `from` are the prompt's. */
  endsAt(tokens: readonly number[], from: number): 'endOfText' | 'stop' | null {
    if (this.ends.has(tokens.at(-1) as number)) return 'endOfText'
    if (this.sequenceAt(tokens, from).length > 0) return 'stop'
    if (this.#decode === undefined || this.strings.length === 0) return null
    const text = asText(this.#decode(tokens.slice(Math.max(from, tokens.length - this.#tail))))
    return this.strings.some((stop) => text.includes(stop)) ? 'stop' : null
  }

  /** The longest stop sequence that the tokens end with, from `from` on; none: empty. */
  sequenceAt(tokens: readonly number[], from = 0): readonly number[] {
    const ended = this.sequences.filter((stop) => {
      const start = tokens.length - stop.length
      return start >= from && stop.every((token, i) => token === tokens[start + i])
    })
    return ended.reduce((longest, stop) => (stop.length > longest.length ? stop : longest), [])
  }
}

/** Incomplete characters as U+FFFD. */
export const asText = (decoded: string | Uint8Array): string =>
  typeof decoded === 'string' ? decoded : new TextDecoder('utf-8').decode(decoded)

/** How many of the last items may be the beginning of one of the `stops`, and are not all of it. */
export function heldBack(items: ArrayLike<unknown>, stops: readonly ArrayLike<unknown>[]): number {
  let most = 0
  for (const stop of stops) {
    for (let count = Math.min(stop.length - 1, items.length); count > most; count--) {
      let i = 0
      while (i < count && items[items.length - count + i] === stop[i]) i++
      if (i === count) most = count
    }
  }
  return most
}
