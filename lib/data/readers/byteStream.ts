// The bytes of a file, one piece after another. Place in the whole: streams, whose files may be compressed and larger than memory.
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { RecordError } from '../errors.js'
import { fileError, isGzip, RandomFile } from './files.js'

const CHUNK = 1 << 18

/**
 * The pieces of a file, decompressed where it is gzip's.
 * @throws DataError DATA_FILE where it cannot be read, RecordError where it cannot be decompressed
 */
export async function* bytesOf(who: string, path: string): AsyncGenerator<Buffer, void, undefined> {
  const compressed = isGzip(await (await RandomFile.open(who, path)).read(0, 2))
  const file = createReadStream(path, { highWaterMark: CHUNK })
  // What goes wrong is thrown by the loop below.
  const stream: Readable = compressed ? pipeline(file, createGunzip({ chunkSize: CHUNK }), () => {}) : file
  let offset = 0
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      yield bytes
      offset += bytes.length
    }
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    if (!code.startsWith('Z_')) throw fileError(who, path, cause)
    throw new RecordError(`cannot be decompressed further: ${message}`, { file: path, offset }, { cause })
  } finally {
    file.destroy()
  }
}
