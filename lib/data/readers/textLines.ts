// Text by lines, paragraphs or whole files. Place in the whole: what language models and classifiers of text begin with.
import { resolve } from 'node:path'
import { TextDecoder } from 'node:util'
import { known } from '../../check.js'
import type { Dataset } from '../dataset.js'
import { DataError, RecordError } from '../errors.js'
import { filesBelow, readWhole } from './files.js'
import { Reader } from './reader.js'
import { TextRecords } from './textRecords.js'

export interface TextOptions {
  /** 'utf-8' (default; a byte order mark is dropped) or 'latin1' (Windows-1252). */
  readonly encoding?: 'utf-8' | 'latin1'
}

export interface TextLinesOptions extends TextOptions {
  /** What a sample is: 'line' (default), or 'paragraph': lines up to the next blank one. */
  readonly by?: 'line' | 'paragraph'
  /** Take blank lines as empty texts. Default false: they are passed over. */
  readonly keepBlank?: boolean
  /** Longest line, or paragraph with the blank lines behind it, in bytes; longer ones are corrupt records. Default 64 MiB. */
  readonly maxBytes?: number
}

/** Lines or paragraphs of a file. */
export class TextLines extends Reader implements Dataset<string> {
  readonly #records: TextRecords

  constructor(records: TextRecords, options: TextLinesOptions) {
    super({ module: import.meta.url, export: 'textLines', args: [records.file.path, options, records.index] })
    this.#records = records
  }

  get length(): number {
    return this.#records.length
  }

  get(index: number): Promise<string> {
    return this.#records.text(index)
  }
}

/**
 * The lines of a text file, without their ends (\n or \r\n). Only where they begin is kept in memory (8 bytes for each, shared by
 * workers), so that files may be larger than it.
 *
 * @param index for workers, which are given the index that was made for the first reader
 * @throws DataError DATA_FILE where the file cannot be read, is compressed or has changed
 * @throws RecordError (of `get`) for text that is not in the encoding or too long
 */
export async function textLines(
  path: string,
  options: TextLinesOptions = {},
  index?: Float64Array,
): Promise<TextLines> {
  known('textLines', options, ['by', 'keepBlank', 'encoding', 'maxBytes'])
  const { by = 'line', keepBlank = false } = options
  if (by !== 'line' && by !== 'paragraph')
    throw new DataError('DATA_OPTIONS', `textLines: by is ${JSON.stringify(by)}, expected 'line' or 'paragraph'`)
  const kind = by === 'paragraph' ? by : keepBlank ? 'line' : 'filled line'
  return new TextLines(await TextRecords.open('textLines', path, kind, options, index), options)
}

/** Whole files. */
export class TextFiles extends Reader implements Dataset<string> {
  readonly #files: readonly string[]
  readonly #decoder: TextDecoder

  constructor(files: readonly string[], decoder: TextDecoder, args: readonly unknown[]) {
    super({ module: import.meta.url, export: 'textFiles', args })
    this.#files = files
    this.#decoder = decoder
  }

  get length(): number {
    return this.#files.length
  }

  /** Paths, in the order of the samples. */
  get files(): readonly string[] {
    return this.#files
  }

  async get(index: number): Promise<string> {
    const file = this.#files[index]
    if (file === undefined)
      throw new DataError('DATA_OPTIONS', `textFiles: sample ${index} of ${this.length}`, { index })
    const bytes = await readWhole('textFiles', file)
    try {
      return this.#decoder.decode(bytes)
    } catch (cause) {
      throw new RecordError(`is not valid ${this.#decoder.encoding} text`, { file }, { cause })
    }
  }
}

export interface TextFilesOptions extends TextOptions {
  /** Endings of the files to take. Default: .txt, and .txt.gz, which is decompressed. */
  readonly extensions?: readonly string[]
}

/**
 * The files below a folder, each of them one text, in the order of their paths.
 * @throws DataError DATA_FILE where there is no such folder, or no file in it
 */
export async function textFiles(root: string, options: TextFilesOptions = {}): Promise<TextFiles> {
  known('textFiles', options, ['encoding', 'extensions'])
  const { encoding = 'utf-8', extensions = ['.txt', '.txt.gz'] } = options
  const folder = resolve(root)
  const lowered = extensions.map((extension) => extension.toLowerCase())
  const files = await filesBelow('textFiles', folder, lowered)
  if (files.length === 0)
    throw new DataError('DATA_FILE', `textFiles: ${root} has no files ending in ${lowered.join(', ')}`)
  return new TextFiles(files, new TextDecoder(encoding, { fatal: true }), [folder, options])
}
