// Text as numbers for small language models: a vocabulary of all characters, or of the most frequent words. Place in the whole: beside
// recurrent-lm.ts; larger models bring tokenizers of their own.
import { ValueError } from '../errors.js'
import { filled } from '../filled.js'

export interface WordsOptions {
  /** Most words, the special ones included: the most frequent ones, of equals the first. Default: all. */
  readonly size?: number
  /** Stands for words that are not in the vocabulary. Default '<unk>'. */
  readonly unknown?: string
  /** Stands at the end of a line. Default '<eos>'. */
  readonly endOfLine?: string
}

interface Words {
  readonly unknown: string
  readonly endOfLine: string
}

/** Tokens and their numbers. */
export class Vocabulary {
  readonly tokens: readonly string[]
  readonly #numbers: ReadonlyMap<string, number>
  /** null: tokens are characters. */
  readonly #words: Words | null

  private constructor(tokens: readonly string[], words: Words | null) {
    this.tokens = tokens
    this.#numbers = new Map(tokens.map((token, n) => [token, n]))
    this.#words = words
  }

  /** Every character (code point) of a text, in the order of their codes. */
  static ofCharacters(text: string): Vocabulary {
    const characters = [...new Set(text)]
    return new Vocabulary(
      characters.sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number)),
      null,
    )
  }

  /** Words, as white space parts them; a line's end is a word too. The special words come first. */
  static ofWords(text: string, options: WordsOptions = {}): Vocabulary {
    const { unknown = '<unk>', endOfLine = '<eos>', size = Number.POSITIVE_INFINITY } = options
    if (!(size >= 2))
      throw new ValueError(`Vocabulary: size is ${size}, expected at least 2: '${unknown}' and '${endOfLine}'`)
    const words = { unknown, endOfLine }
    const counts = new Map<string, number>()
    for (const word of wordsOf(text, words)) counts.set(word, (counts.get(word) ?? 0) + 1)
    counts.delete(unknown)
    counts.delete(endOfLine)
    const frequent = [...counts].sort(([, a], [, b]) => b - a).map(([word]) => word)
    return new Vocabulary([unknown, endOfLine, ...frequent].slice(0, size), words)
  }

  get size(): number {
    return this.tokens.length
  }

  /** The number of a token, undefined where it has none. */
  numberOf(token: string): number | undefined {
    return this.#numbers.get(token)
  }

  /** @throws ValueError for a character that is not in the vocabulary; unknown words have a number */
  encode(text: string): Int32Array {
    const tokens = [...(this.#words === null ? text : wordsOf(text, this.#words))]
    const unknown = this.#words === null ? undefined : this.#numbers.get(this.#words.unknown)
    return filled(new Int32Array(tokens.length), (i) => {
      const token = tokens[i] as string
      const number = this.#numbers.get(token) ?? unknown
      if (number === undefined)
        throw new ValueError(`Vocabulary: '${token}' is none of its ${this.size} characters; make it of the whole text`)
      return number
    })
  }

  /** @throws ValueError for a number without a token */
  decode(numbers: Iterable<number>): string {
    const tokens = Array.from(numbers, (number) => {
      const token = this.tokens[number]
      if (token === undefined) throw new ValueError(`Vocabulary: no token ${number}; it has ${this.size}`)
      return token
    })
    if (this.#words === null) return tokens.join('')
    const { endOfLine } = this.#words
    return tokens
      .map((token, i) => (token === endOfLine ? '\n' : i > 0 && tokens[i - 1] !== endOfLine ? ` ${token}` : token))
      .join('')
  }
}

function* wordsOf(text: string, { endOfLine }: Words): Generator<string> {
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    for (const word of line.split(/\s+/)) if (word !== '') yield word
    if (i < lines.length - 1) yield endOfLine
  }
}
