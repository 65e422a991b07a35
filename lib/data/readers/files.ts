// Files and folders. Place in the whole: used by every reader; what the file system refuses becomes a DataError that names the path.
import { close, fstat, open, read } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DataError, RecordError } from '../errors.js'

/** What the file system said, as a DataError DATA_FILE. */
export function fileError(who: string, path: string, cause: unknown): DataError {
  const message = cause instanceof Error ? cause.message : String(cause)
  // Node's messages end with the call and the path: `ENOENT: no such file or directory, open 'x'`.
  return new DataError('DATA_FILE', `${who}: ${path}: ${message.replace(/, \w+( '.*')?$/, '')}`, { cause })
}

export async function trying<T>(who: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw cause instanceof DataError ? cause : fileError(who, path, cause)
  }
}

/** The first bytes of a gzip stream. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** A whole file, decompressed where it is gzip's. */
export async function readWhole(who: string, path: string): Promise<Buffer> {
  const bytes = await trying(who, path, () => readFile(path))
  if (!isGzip(bytes)) return bytes
  try {
    return await promisify(gunzip)(bytes)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new RecordError(`not a whole gzip file: ${message}`, { file: path }, { cause })
  }
}

/** Descriptors of files that nothing refers to any more. */
const forgotten = new FinalizationRegistry<number>((descriptor) => close(descriptor))

/** A file that stays open for reading at any place; it is closed when nothing refers to it any more. */
export class RandomFile {
  readonly path: string
  /** Bytes, when it was opened. */
  readonly size: number
  readonly #who: string
  readonly #descriptor: number

  private constructor(who: string, path: string, descriptor: number, size: number) {
    this.#who = who
    this.path = path
    this.size = size
    this.#descriptor = descriptor
    forgotten.register(this, descriptor)
  }

  static async open(who: string, path: string): Promise<RandomFile> {
    return trying(who, path, async () => {
      const descriptor = await promisify(open)(path, 'r')
      const status = await promisify(fstat)(descriptor)
      if (status.isFile()) return new RandomFile(who, path, descriptor, status.size)
      close(descriptor)
      throw new DataError('DATA_FILE', `${who}: ${path} is not a file`)
    })
  }

  /** Bytes `offset` to `offset + length`; fewer where the file ends before. */
  async read(offset: number, length: number): Promise<Buffer> {
    return trying(this.#who, this.path, async () => {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await readAt(this.#descriptor, bytes, filled, bytes.length - filled, offset + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    })
  }
}

const readAt = promisify(read)

/** Whether a name ends in one of the extensions, which are in lower case and begin with a dot. */
export function hasExtension(name: string, extensions: readonly string[]): boolean {
  const lower = name.toLowerCase()
  return extensions.some((extension) => lower.endsWith(extension))
}

/** The names in a folder, sorted by code units so that every machine has one order; hidden ones are left out. */
async function entries(who: string, folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const found = await trying(who, folder, () => readdir(folder, { withFileTypes: true }))
  const visible = found.filter(({ name }) => !name.startsWith('.'))
  const result = visible.map(async (entry) => {
    // A link counts as what it leads to; one that leads nowhere is a file that cannot be read.
    const isLink = entry.isSymbolicLink()
    const target = isLink ? await stat(join(folder, entry.name)).catch(() => undefined) : entry
    return { name: entry.name, isFolder: target?.isDirectory() ?? false }
  })
  return (await Promise.all(result)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

export async function subfolders(who: string, folder: string): Promise<string[]> {
  return (await entries(who, folder)).filter(({ isFolder }) => isFolder).map(({ name }) => name)
}

/** Paths of the files below a folder that have one of the extensions, in order; links are followed, but not in circles. */
export async function filesBelow(who: string, folder: string, extensions: readonly string[]): Promise<string[]> {
  const walk = async (at: string, above: readonly string[]): Promise<string[]> => {
    const real = await trying(who, at, () => realpath(at))
    if (above.includes(real)) return []
    const found: string[] = []
    for (const { name, isFolder } of await entries(who, at)) {
      const path = join(at, name)
      if (isFolder) found.push(...(await walk(path, [...above, real])))
      else if (hasExtension(name, extensions)) found.push(path)
    }
    return found
  }
  return walk(folder, [])
}
