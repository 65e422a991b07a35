// Records of a text file, by number. Place in the whole: what jsonLines and textLines have in common.
import { resolve } from 'node:path'
import { TextDecoder } from 'node:util'
import { DataError, RecordError } from '../errors.js'
import { isGzip, RandomFile } from './files.js'
import { indexRecords, type RecordKind } from './lineIndex.js'

/** Longest record by default. */
export const MAX_BYTES: number = 1 << 26

export class TextRecords {
  readonly file: RandomFile
  /** For other threads, which need not look for the records again. */
  readonly index: Float64Array
  readonly #kind: RecordKind
  readonly #maxBytes: number
  readonly #decoder: TextDecoder

  private constructor(file: RandomFile, index: Float64Array, kind: RecordKind, maxBytes: number, encoding: string) {
    this.file = file
    this.index = index
    this.#kind = kind
    this.#maxBytes = maxBytes
    this.#decoder = new TextDecoder(encoding, { fatal: true })
  }

  /** @param index of a TextRecords of the same file and kind */
  static async open(
    who: string,
    path: string,
    kind: RecordKind,
    { maxBytes = MAX_BYTES, encoding = 'utf-8' }: { maxBytes?: number; encoding?: string },
    index?: Float64Array,
  ): Promise<TextRecords> {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
      throw new DataError('DATA_OPTIONS', `${who}: maxBytes is ${maxBytes}, expected a whole number of at least 1`)
    if (!['utf-8', 'latin1'].includes(encoding))
      throw new DataError(
        'DATA_OPTIONS',
        `${who}: encoding is ${JSON.stringify(encoding)}, expected 'utf-8' or 'latin1'`,
      )
    const file = await RandomFile.open(who, resolve(path))
    if (isGzip(await file.read(0, 2))) {
      const message = `${who}: ${path} is compressed, and records of it cannot be read directly: decompress it, or read it as a stream`
      throw new DataError('DATA_FILE', message)
    }
    const found = index ?? (await indexRecords(file, kind))
    if (found.at(-1) !== file.size)
      throw new DataError('DATA_FILE', `${who}: ${path} has changed since its records were counted`)
    return new TextRecords(file, found, kind, maxBytes, encoding)
  }

  get length(): number {
    return this.index.length - 1
  }

  /** Where record `i` begins. */
  offset(i: number): number {
    return this.index[i] as number
  }

  /** @throws RecordError for a record that is too long or not in the file's encoding, DataError for an index that is not there */
  async text(i: number): Promise<string> {
    if (!(Number.isSafeInteger(i) && i >= 0 && i < this.length))
      throw new DataError('DATA_OPTIONS', `record ${i} of ${this.file.path}, which has ${this.length}`, { index: i })
    const place = { file: this.file.path, offset: this.offset(i) }
    const span = this.offset(i + 1) - place.offset
    const tooLong = () => new RecordError(`is longer than maxBytes, ${this.#maxBytes}`, place)
    if (this.#kind === 'paragraph' && span > this.#maxBytes) throw tooLong()
    // Blank lines may follow a line, so that its span alone does not tell; and it may end in \r\n.
    const bytes = await this.file.read(place.offset, Math.min(span, this.#maxBytes + 2))
    const newline = this.#kind === 'paragraph' ? -1 : bytes.indexOf(10)
    const record = newline < 0 ? bytes : bytes.subarray(0, newline)
    if (record.length - (record.at(-1) === 13 ? 1 : 0) > this.#maxBytes) throw tooLong()
    try {
      const text = this.#decoder.decode(record)
      return this.#kind === 'paragraph' ? text.trimEnd() : text.replace(/\r$/, '')
    } catch (cause) {
      throw new RecordError(`is not valid ${this.#decoder.encoding} text`, place, { cause })
    }
  }
}
