// Text from a language model as strings, as soon as they are certain. Place in the whole: generate.ts for those who want text: it waits
// for the rest of a character whose bytes several tokens share, and keeps stop sequences out.
import { ValueError } from '../../errors.js'
import type { LanguageModel } from './decoding.js'
import { type GeneratedToken, type GenerateOptions, stepsOf } from './steps.js'
import { asText, type Decode, heldBack, Stopping } from './stopping.js'

export interface StreamTextOptions extends GenerateOptions {
  /** Tokens to text, or to bytes, which may then be parts of characters. */
  readonly decode: Decode
}

/**
 * Yields the text of up to `count` tokens that continue `prompt`, piece by piece and no piece empty. Together the pieces are the text of
 * all tokens up to the first stop sequence, which is left out as an end-of-text token is.
 *
 *     for await (const piece of streamText(model, encode('Once'), 200, { decode, stop: '\n\n' })) process.stdout.write(piece)
 *
 * @throws as generate
 */
export async function* streamText(
  model: LanguageModel,
  prompt: readonly number[],
  count: number,
  options: StreamTextOptions,
): AsyncGenerator<string, void, undefined> {
  if (typeof options.decode !== 'function')
    throw new ValueError('streamText: needs `decode`, from tokens to text; generate() gives tokens')
  const stopping = new Stopping('streamText', options)
  const text = new TextOfTokens(options.decode, prompt)
  // Tokens, and text behind them, that may be the beginning of what must not be shown.
  let tokens: number[] = []
  let waiting = ''
  for await (const [step] of stepsOf('streamText', model, [prompt], count, options)) {
    const { token, finish } = step as GeneratedToken
    tokens.push(token)
    const ended = finish === 'endOfText' ? [token] : finish === 'stop' ? stopping.sequenceAt(tokens) : []
    const free = tokens.length - (finish === null ? heldBack(tokens, stopping.sequences) : ended.length)
    waiting += text.of(tokens.slice(0, free))
    tokens = tokens.slice(free)
    if (finish !== null) waiting += text.rest()
    const stop = Math.min(...stopping.strings.map((stop) => waiting.indexOf(stop)).filter((at) => at >= 0))
    const stopped = stop < Number.POSITIVE_INFINITY
    if (stopped) waiting = waiting.slice(0, stop)
    const sure = finish === null && !stopped ? waiting.length - heldBack(waiting, stopping.strings) : waiting.length
    if (sure > 0) yield waiting.slice(0, sure)
    if (stopped) return
    waiting = waiting.slice(sure)
  }
}

/** Tokens before those that are decoded, so that a decoder which treats the beginning of a text apart does not take them for one. */
const BEFORE = 6
const INCOMPLETE = '\uFFFD'

/** The text of tokens that come one after the other. */
class TextOfTokens {
  readonly #decode: Decode
  readonly #bytes = new TextDecoder('utf-8')
  /** Those whose text was given, the last ones, and those that wait for the rest of a character. */
  #given: readonly number[]
  #waiting: readonly number[] = []

  constructor(decode: Decode, prompt: readonly number[]) {
    this.#decode = decode
    this.#given = prompt.slice(-BEFORE)
  }

  /** What the next tokens add. */
  of(tokens: readonly number[]): string {
    if (tokens.length === 0) return ''
    const decoded = this.#decode(tokens)
    if (typeof decoded !== 'string') return this.#bytes.decode(decoded, { stream: true })
    this.#waiting = [...this.#waiting, ...tokens]
    const added = this.#added()
    // A character that is itself U+FFFD waits for the next token; one that stays incomplete does not wait for ever.
    if (added.endsWith(INCOMPLETE) && this.#waiting.length < LONGEST_CHARACTER) return ''
    this.#given = this.#waiting
    this.#waiting = []
    return added
  }

  /** What is left at the end. */
  rest(): string {
    const added = this.#waiting.length > 0 ? this.#added() : ''
    this.#waiting = []
    return added + this.#bytes.decode()
  }

  #added(): string {
    const before = asText(this.#decode(this.#given))
    return asText(this.#decode([...this.#given, ...this.#waiting])).slice(before.length)
  }
}

/** Tokens: a character is four bytes at most. */
const LONGEST_CHARACTER = 8
