// Records of delimited text. Place in the whole: csv.ts gives them types. Quoting is RFC 4180's: a field in quotes may hold delimiters,
// ends of lines and doubled quotes.
import { RecordError } from '../errors.js'
import { type Line, lineLists } from './lineStream.js'

export interface CsvRecord {
  readonly fields: readonly string[]
  readonly file: string
  readonly offset: number
  /** Of its first line. */
  readonly line: number
}

const count = (text: string): number => {
  let quotes = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++
  return quotes
}

/**
 * A record that is not quoted as it should be costs its first line only: reading goes on with the next one, even where a quote that is
 * never closed seemed to take it in.
 */
export async function* csvRecords(
  who: string,
  file: string,
  delimiter: string,
  maxBytes: number,
): AsyncGenerator<CsvRecord | RecordError, void, undefined> {
  const joiner = new Joiner(file, delimiter, maxBytes)
  for await (const list of lineLists(who, file, maxBytes)) {
    for (const line of list) yield* joiner.add(line)
  }
  yield* joiner.end()
}

/** Joins lines to records. */
class Joiner {
  readonly #file: string
  readonly #delimiter: string
  readonly #maxBytes: number
  /** Lines of a record whose last quote is open. */
  #open: Line[] = []
  #length = 0

  constructor(file: string, delimiter: string, maxBytes: number) {
    this.#file = file
    this.#delimiter = delimiter
    this.#maxBytes = maxBytes
  }

  *add(line: Line | RecordError): Generator<CsvRecord | RecordError> {
    if (line instanceof RecordError) {
      yield* this.end()
      yield line
      return
    }
    const odd = count(line.text) % 2 === 1
    if (this.#open.length === 0) {
      if (odd) this.#hold(line)
      else if (line.text !== '') yield this.#record([line])
      return
    }
    this.#hold(line)
    if (odd) {
      const lines = this.#release()
      const record = this.#record(lines)
      yield record
      if (record instanceof RecordError) yield* this.#again(lines)
    } else if (this.#length > this.#maxBytes) yield* this.#giveUp()
  }

  *end(): Generator<CsvRecord | RecordError> {
    while (this.#open.length > 0) yield* this.#giveUp()
  }

  #hold(line: Line): void {
    this.#open.push(line)
    this.#length += line.text.length + 1
  }

  #release(): Line[] {
    const lines = this.#open
    this.#open = []
    this.#length = 0
    return lines
  }

  *#giveUp(): Generator<CsvRecord | RecordError> {
    const lines = this.#release()
    yield this.#error(lines[0] as Line, 'a quote is opened and not closed')
    yield* this.#again(lines)
  }

  /** The lines behind the first, which begin records of their own after all. */
  *#again(lines: readonly Line[]): Generator<CsvRecord | RecordError> {
    for (const line of lines.slice(1)) yield* this.add(line)
  }

  #record(lines: readonly Line[]): CsvRecord | RecordError {
    const { offset, line } = lines[0] as Line
    const fields = split(lines.map(({ text }) => text).join('\n'), this.#delimiter)
    if (typeof fields === 'string') return this.#error(lines[0] as Line, fields)
    return { fields, file: this.#file, offset, line }
  }

  #error({ offset, line }: Line, reason: string): RecordError {
    return new RecordError(reason, { file: this.#file, offset, line })
  }
}

/** The fields of a record, or what is wrong with it. */
function split(text: string, delimiter: string): string[] | string {
  if (!text.includes('"')) return text.split(delimiter)
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1)
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
      if (end < 0) return 'a quote is opened and not closed'
      fields.push(text.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 1
      if (at < text.length && !text.startsWith(delimiter, at))
        return `field ${fields.length}: ${JSON.stringify(text.slice(at, at + 10))} follows a closing quote`
    } else {
      const end = text.indexOf(delimiter, at)
      const field = text.slice(at, end < 0 ? text.length : end)
      if (field.includes('"')) return `field ${fields.length + 1}: a quote within a field that does not begin with one`
      fields.push(field)
      at += field.length
    }
    if (at >= text.length) return fields
    at += delimiter.length
  }
}
