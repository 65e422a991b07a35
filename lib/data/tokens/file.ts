// Files of token ids. Place in the whole: written by write.ts, read in windows by windows.ts; a file is never read whole, so that it may be
// larger than memory. Layouts: nanoGPT's (ids one after another), and llm.c's (1,024 bytes of header before them).
import { DataError, RecordError } from '../errors.js'
import { RandomFile } from '../readers/files.js'

export type TokenDType = 'u16' | 'u32'

export const BYTES: Readonly<Record<TokenDType, number>> = { u16: 2, u32: 4 }

/** llm.c's header: 256 words of 32 bits, of which the first three are magic number, version and count of tokens. */
export const HEADER_BYTES = 1024
export const HEADERS: Readonly<Record<TokenDType, { readonly magic: number; readonly version: number }>> = {
  u16: { magic: 20240520, version: 1 },
  u32: { magic: 20240801, version: 7 },
}

export interface TokenFileOptions {
  /** Of a file without header. Default 'u16', as nanoGPT writes. */
  readonly dtype?: TokenDType
}

/** A file of tokens, open for reading until nothing refers to it. */
export class TokenFile {
  readonly path: string
  readonly dtype: TokenDType
  /** Tokens. */
  readonly length: number
  readonly #file: RandomFile
  readonly #begin: number

  private constructor(file: RandomFile, dtype: TokenDType, length: number, begin: number) {
    this.path = file.path
    this.#file = file
    this.dtype = dtype
    this.length = length
    this.#begin = begin
  }

  /**
   * Looks at a file's size and header, without reading its tokens.
   * @throws DataError DATA_FILE for a file that is not there; RecordError where its size is no whole number of tokens, or not what the
   * header says
   */
  static async open(path: string, { dtype = 'u16' }: TokenFileOptions = {}): Promise<TokenFile> {
    if (!(dtype in BYTES))
      throw new DataError('DATA_OPTIONS', `TokenFile: dtype is ${JSON.stringify(dtype)}, expected 'u16' or 'u32'`)
    const file = await RandomFile.open('TokenFile', path)
    const { size } = file
    const bytes = await file.read(0, 12)
    const magic = bytes.length === 12 ? bytes.readUInt32LE(0) : undefined
    for (const own of ['u16', 'u32'] as const) {
      const { magic: expected, version } = HEADERS[own]
      if (magic !== expected) continue
      const found = bytes.readUInt32LE(4)
      if (found !== version)
        throw new RecordError(`version ${found} of llm.c's token files, expected ${version}`, { file: path, offset: 4 })
      const count = bytes.readUInt32LE(8)
      const there = (size - HEADER_BYTES) / BYTES[own]
      if (there !== count)
        throw new RecordError(`the header says ${count} tokens, but there are ${Math.max(0, there)}`, {
          file: path,
          offset: 8,
        })
      return new TokenFile(file, own, count, HEADER_BYTES)
    }
    const odd = size % BYTES[dtype]
    if (odd !== 0)
      throw new RecordError(`${size} bytes are no whole number of ${dtype} tokens`, { file: path, offset: size - odd })
    return new TokenFile(file, dtype, size / BYTES[dtype], 0)
  }

  /** The tokens at each of `starts`, `count` of them, i32 one window after another. */
  async windows(starts: readonly number[], count: number): Promise<Int32Array> {
    const tokens = new Int32Array(starts.length * count)
    const read = async (start: number, i: number) => {
      const offset = this.#begin + start * BYTES[this.dtype]
      const bytes = await this.#file.read(offset, count * BYTES[this.dtype])
      if (bytes.length < count * BYTES[this.dtype]) {
        const reason = `the file ends before token ${start + count}: it has become shorter since it was opened, or never had so many`
        throw new RecordError(reason, { file: this.path, offset })
      }
      tokens.set(this.#decoded(bytes), i * count)
    }
    await Promise.all(starts.map(read))
    return tokens
  }

  #decoded(bytes: Buffer): Uint16Array | Int32Array {
    // A copy, since a pooled buffer may begin anywhere and a typed array may not. Ids above 2^31 - 1 are no ids of any vocabulary.
    const { buffer } = new Uint8Array(bytes)
    return this.dtype === 'u16' ? new Uint16Array(buffer) : new Int32Array(buffer)
  }
}
