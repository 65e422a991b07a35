// A JSON reader for untrusted headers. Place in the whole: io parsers only. Unlike JSON.parse it refuses duplicate keys,
// keeps objects in Maps (a key `__proto__` is a key like any other), keeps numbers as written (so that 1.0, 1e3 and
// integers beyond 2^53 can be told from sizes), and bounds the nesting so that no input can overflow the stack.

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject
export type JsonObject = Map<string, JsonValue>

/** A number exactly as the text spells it. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  /** The value as a non-negative integer that a double holds exactly, or undefined. */
  get size(): number | undefined {
    if (!/^(?:0|[1-9][0-9]*)$/.test(this.text)) return undefined
    const value = Number(this.text)
    return Number.isSafeInteger(value) ? value : undefined
  }
}

/** What is wrong and at which character of the text. */
export class JsonError extends Error {
  readonly position: number
  readonly duplicateKey: string | undefined
  constructor(message: string, position: number, duplicateKey?: string) {
    super(`${message} at character ${position}`)
    this.name = 'JsonError'
    this.position = position
    this.duplicateKey = duplicateKey
  }
}

const MAX_DEPTH = 32
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const LITERALS: readonly (readonly [string, null | boolean])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

/** Parses one JSON value followed by nothing but white space; throws JsonError. */
export function parseStrictJson(text: string): JsonValue {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): JsonValue {
    if (depth > MAX_DEPTH) throw new JsonError(`nesting deeper than ${MAX_DEPTH}`, this.#at)
    const c = this.#peek()
    if (c === '{') return this.#object(depth)
    if (c === '[') return this.#array(depth)
    if (c === '"') return this.#string()
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null) throw this.#unexpected('a value')
    this.#at += match[0].length
    return new JsonNumber(match[0])
  }

  end(): void {
    if (this.#peek() !== '') throw this.#unexpected('the end')
  }

  #object(depth: number): JsonObject {
    const entries: JsonObject = new Map()
    this.#at++
    if (this.#peek() === '}') {
      this.#at++
      return entries
    }
    for (;;) {
      if (this.#peek() !== '"') throw this.#unexpected('a key in double quotes')
      const start = this.#at
      const key = this.#string()
      if (entries.has(key)) throw new JsonError(`the key ${JSON.stringify(key)} appears twice`, start, key)
      this.#expect(':')
      entries.set(key, this.value(depth + 1))
      if (this.#comma('}')) return entries
    }
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = []
    this.#at++
    if (this.#peek() === ']') {
      this.#at++
      return items
    }
    for (;;) {
      items.push(this.value(depth + 1))
      if (this.#comma(']')) return items
    }
  }

  // Finds the closing quote here and leaves escapes to JSON.parse, which also refuses control characters.
  #string(): string {
    const start = this.#at
    let end = start + 1
    for (;;) {
      const c = this.#text[end]
      if (c === undefined) throw new JsonError('a string without its closing quote', start)
      if (c === '"') break
      end += c === '\\' ? 2 : 1
    }
    this.#at = end + 1
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string
    } catch {
      throw new JsonError('a malformed string', start)
    }
  }

  #comma(close: string): boolean {
    const c = this.#peek()
    if (c !== ',' && c !== close) throw this.#unexpected(`',' or '${close}'`)
    this.#at++
    return c === close
  }

  #expect(c: string): void {
    if (this.#peek() !== c) throw this.#unexpected(`'${c}'`)
    this.#at++
  }

  /** The next character that is not white space, '' at the end. */
  #peek(): string {
    for (;;) {
      const c = this.#text[this.#at]
      if (c === undefined) return ''
      if (c !== ' ' && c !== '\n' && c !== '\t' && c !== '\r') return c
      this.#at++
    }
  }

  #unexpected(expected: string): JsonError {
    const found = this.#peek()
    return new JsonError(`expected ${expected}, found ${found === '' ? 'the end' : JSON.stringify(found)}`, this.#at)
  }
}
