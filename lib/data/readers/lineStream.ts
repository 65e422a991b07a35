// The lines of a file, one after another. Place in the whole: streams of text, JSON Lines and CSV.
import { isUtf8 } from 'node:buffer'
import { RecordError } from '../errors.js'
import { bytesOf } from './byteStream.js'

export interface Line {
  /** Without its end, \n or \r\n. */
  readonly text: string
  /** First byte, of what the file decompresses to. */
  readonly offset: number
  /** From 1. */
  readonly line: number
}

const NEWLINE = 10
const RETURN = 13
const NONE = Buffer.alloc(0)

/** Lists of lines; in the place of one that is not UTF-8 or longer than `maxBytes`, its error. A file that cannot be decompressed ends in one. */
export async function* lineLists(
  who: string,
  file: string,
  maxBytes: number,
): AsyncGenerator<(Line | RecordError)[], void, undefined> {
  const splitter = new Splitter(file, maxBytes)
  try {
    for await (const bytes of bytesOf(who, file)) yield splitter.add(bytes)
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    yield [error]
    return
  }
  yield splitter.end()
}

class Splitter {
  readonly #file: string
  readonly #maxBytes: number
  #begun: Buffer[] = []
  #begunBytes = 0
  #tooLong = false
  #offset = 0
  #line = 1

  constructor(file: string, maxBytes: number) {
    this.#file = file
    this.#maxBytes = maxBytes
  }

  add(bytes: Buffer): (Line | RecordError)[] {
    const lines: (Line | RecordError)[] = []
    const valid = isUtf8(bytes)
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      const end = bytes.subarray(from, at)
      // A piece that is valid has valid lines, but for the first, which may have begun in the piece before.
      lines.push(this.#finish(end, valid && this.#begunBytes === 0, 1))
      from = at + 1
    }
    this.#begin(bytes.subarray(from))
    return lines
  }

  end(): (Line | RecordError)[] {
    return this.#begunBytes > 0 ? [this.#finish(NONE, false, 0)] : []
  }

  #begin(bytes: Buffer): void {
    this.#begunBytes += bytes.length
    // A line without end must not fill the memory.
    this.#tooLong ||= this.#begunBytes > this.#maxBytes + 1
    if (this.#tooLong) this.#begun = []
    else if (bytes.length > 0) this.#begun.push(bytes)
  }

  #finish(end: Buffer, valid: boolean, newline: number): Line | RecordError {
    const place = { file: this.#file, offset: this.#offset, line: this.#line }
    const bytes = this.#begun.length === 0 ? end : Buffer.concat([...this.#begun, end])
    const tooLong = this.#tooLong
    this.#offset += this.#begunBytes + end.length + newline
    this.#line++
    this.#begun = []
    this.#begunBytes = 0
    this.#tooLong = false
    const length = bytes.length - (bytes.at(-1) === RETURN ? 1 : 0)
    if (tooLong || length > this.#maxBytes) return new RecordError(`is longer than maxBytes, ${this.#maxBytes}`, place)
    if (!valid && !isUtf8(bytes)) return new RecordError('is not valid utf-8 text', place)
    const text = bytes.toString('utf8', 0, length)
    const { offset, line } = place
    return line === 1 && text.charCodeAt(0) === 0xfeff ? { text: text.slice(1), offset, line } : { text, offset, line }
  }
}
