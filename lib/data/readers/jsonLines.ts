// JSON Lines, by index. Place in the whole: the reader of instruction data and the like; jsonLinesStream reads what is compressed.
import { known } from '../../check.js'
import type { Sample } from '../batch.js'
import type { Dataset } from '../dataset.js'
import { RecordError } from '../errors.js'
import { Reader } from './reader.js'
import { TextRecords } from './textRecords.js'

export interface JsonLinesOptions {
  /** Longest line, in bytes; longer ones are corrupt records. Default 64 MiB. */
  readonly maxBytes?: number
}

/** The values of a JSON Lines file. */
export class JsonLines<T = Sample> extends Reader implements Dataset<T> {
  readonly #records: TextRecords

  constructor(records: TextRecords, options: JsonLinesOptions) {
    super({ module: import.meta.url, export: 'jsonLines', args: [records.file.path, options, records.index] })
    this.#records = records
  }

  get length(): number {
    return this.#records.length
  }

  async get(index: number): Promise<T> {
    const text = await this.#records.text(index)
    return parseJson(text, { file: this.#records.file.path, offset: this.#records.offset(index) }) as T
  }
}

export function parseJson(text: string, place: { file: string; offset?: number; line?: number }): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RecordError(`is not JSON: ${(cause as Error).message}`, place, { cause })
  }
}

/**
 * The values of a file that has one in each line; blank lines are passed over. Only where lines begin is kept in memory (8 bytes for each,
 * shared by workers), so that files may be larger than it. `T` is the type of the values: to be collated they hold no null.
 *
 * @param index for workers, which are given the index that was made for the first reader
 * @throws DataError DATA_FILE where the file cannot be read, is compressed or has changed
 * @throws RecordError (of `get`) for lines that are not JSON, not UTF-8 or too long
 */
export async function jsonLines<T = any>(
  path: string,
  options: JsonLinesOptions = {},
  index?: Float64Array,
): Promise<JsonLines<T>> {
  known('jsonLines', options, ['maxBytes'])
  return new JsonLines<T>(await TextRecords.open('jsonLines', path, 'filled line', options, index), options)
}
