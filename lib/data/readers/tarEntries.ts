// The files in a tar archive, one after another. Place in the whole: WebDataset shards; tar-stream knows the dialects of tar.
import type { Extract, Header } from 'tar-stream'
import { DataError, RecordError } from '../errors.js'
import { bytesOf } from './byteStream.js'

export interface TarEntry {
  readonly name: string
  /** Of its content, in what the archive decompresses to. */
  readonly offset: number
  /** undefined: it is larger than was allowed. */
  readonly bytes: Buffer | undefined
  readonly size: number
}

/**
 * The files of an archive, plain or gzip's; of those larger than `maxBytes` without their content. An archive that is damaged or cut off ends
 * in an error.
 */
export async function* tarEntries(
  who: string,
  file: string,
  maxBytes: number,
): AsyncGenerator<TarEntry | RecordError, void, undefined> {
  const { extract } = await import('tar-stream')
  const archive = extract()
  const fed = feed(archive, bytesOf(who, file))
  let offset = 0
  try {
    for await (const entry of archive) {
      const { name, size = 0, type, byteOffset = 0 } = entry.header as Header & { byteOffset?: number }
      offset = byteOffset
      const isFile = type === 'file' || type === 'contiguous-file'
      if (!isFile || size > maxBytes) {
        entry.resume()
        if (isFile) yield { name, offset, bytes: undefined, size }
        continue
      }
      const pieces: Buffer[] = []
      for await (const piece of entry) pieces.push(piece as Buffer)
      offset += size
      yield { name, offset: byteOffset, bytes: Buffer.concat(pieces), size }
    }
  } catch (cause) {
    const unreadable = await fed
    if (unreadable instanceof RecordError) yield unreadable
    else if (unreadable !== undefined) throw unreadable
    else {
      const message = cause instanceof Error ? cause.message : String(cause)
      yield new RecordError(`cannot be read further as a tar archive: ${message}`, { file, offset }, { cause })
    }
  } finally {
    archive.destroy()
    await fed
  }
}

/** Gives the archive its bytes as it takes them. Resolves to what kept the file from being read, if something did. */
async function feed(archive: Extract, bytes: AsyncIterable<Buffer>): Promise<DataError | undefined> {
  const state = archive as Extract & { readonly destroying: boolean }
  try {
    for await (const piece of bytes) {
      if (state.destroying) return undefined
      if (!archive.write(piece)) {
        await new Promise<void>((resolve) => {
          const go = () => {
            archive.off('drain', go).off('close', go)
            resolve()
          }
          archive.on('drain', go).on('close', go)
          if (state.destroying) go()
        })
      }
    }
    if (!state.destroying) archive.end(undefined)
    return undefined
  } catch (error) {
    archive.destroy(error as Error)
    return error instanceof DataError ? error : undefined
  }
}
