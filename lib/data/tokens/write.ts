// Writes token files. Place in the whole: run once over a corpus, before training; file.ts has the layouts.
import type { FileHandle } from 'node:fs/promises'
import { writeFileAtomic } from '../../io/atomic.js'
import { DataError } from '../errors.js'
import { checkOptions } from '../options.js'
import { BYTES, HEADER_BYTES, HEADERS, type TokenDType } from './file.js'

export interface WriteTokensOptions {
  /** Default 'u16', for vocabularies of at most 65,536. */
  readonly dtype?: TokenDType
  /** 'raw' (default): the ids alone, as nanoGPT's .bin files; 'llm.c': with its header, which tells dtype and count. */
  readonly format?: 'raw' | 'llm.c'
  /** Id written after each array: the end of a document. */
  readonly separator?: number
}

/** Bytes that are gathered before they are written. */
const CHUNK = 1 << 20

/**
 * Writes arrays of token ids, such as documents, one after another; the file appears when all are written. Returns the number of tokens,
 * separators included.
 *
 * @throws DataError DATA_OPTIONS for ids that the dtype cannot hold
 */
export async function writeTokens(
  path: string,
  documents: Iterable<ArrayLike<number>> | AsyncIterable<ArrayLike<number>>,
  options: WriteTokensOptions = {},
): Promise<number> {
  checkOptions('writeTokens', options, ['dtype', 'format', 'separator'])
  const { dtype = 'u16', format = 'raw', separator } = options
  if (!(dtype in BYTES))
    throw new DataError('DATA_OPTIONS', `writeTokens: dtype is ${JSON.stringify(dtype)}, expected 'u16' or 'u32'`)
  if (format !== 'raw' && format !== 'llm.c')
    throw new DataError('DATA_OPTIONS', `writeTokens: format is ${JSON.stringify(format)}, expected 'raw' or 'llm.c'`)
  let count = 0
  await writeFileAtomic(path, async (file) => {
    const writer = new TokenWriter(file, dtype)
    if (format === 'llm.c') await writer.header(0)
    for await (const document of documents) {
      if (typeof document !== 'object')
        throw new DataError(
          'DATA_OPTIONS',
          `writeTokens: found a ${typeof document}, expected arrays of token ids: wrap a single one in [ ]`,
        )
      for (let i = 0; i < document.length; i++) if (writer.add(document[i] as number)) await writer.flush()
      if (separator !== undefined && writer.add(separator)) await writer.flush()
    }
    count = await writer.end()
    if (format === 'llm.c') await writer.header(count)
  })
  return count
}

class TokenWriter {
  readonly #file: FileHandle
  readonly #dtype: TokenDType
  readonly #most: number
  readonly #chunk: Uint16Array | Uint32Array
  #used = 0
  #count = 0
  #offset = 0

  constructor(file: FileHandle, dtype: TokenDType) {
    this.#file = file
    this.#dtype = dtype
    // Ids are read as i32.
    this.#most = dtype === 'u16' ? 0xffff : 0x7fff_ffff
    this.#chunk = dtype === 'u16' ? new Uint16Array(CHUNK / 2) : new Uint32Array(CHUNK / 4)
  }

  /** Writes the header in its place: first to leave room for it, at the end with the count. */
  async header(count: number): Promise<void> {
    const words = new Uint32Array(HEADER_BYTES / 4)
    const { magic, version } = HEADERS[this.#dtype]
    words.set([magic, version, count])
    await this.#file.write(new Uint8Array(words.buffer), 0, HEADER_BYTES, 0)
    if (this.#offset === 0) this.#offset = HEADER_BYTES
  }

  /** Returns whether it is time to `flush`. */
  add(id: number): boolean {
    if (!(Number.isInteger(id) && id >= 0 && id <= this.#most)) {
      const message = `writeTokens: token ${this.#count} is ${id}, expected a whole number from 0 to ${this.#most} (${this.#dtype})`
      throw new DataError('DATA_OPTIONS', message, { index: this.#count })
    }
    this.#chunk[this.#used++] = id
    this.#count++
    return this.#used === this.#chunk.length
  }

  /** Writes what is left; the number of tokens. */
  async end(): Promise<number> {
    await this.flush()
    return this.#count
  }

  async flush(): Promise<void> {
    const bytes = new Uint8Array(this.#chunk.buffer, 0, this.#used * BYTES[this.#dtype])
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#offset + written)
      written += bytesWritten
    }
    this.#offset += bytes.length
    this.#used = 0
  }
}
