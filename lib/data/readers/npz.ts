// NumPy's archives: zip files of .npy files. Place in the whole: a format of arrayFiles. Format: PKWARE's APPNOTE.TXT, of which
// numpy.savez and savez_compressed use the methods 0 and 8; archives are read whole, so that 64-bit sizes cannot occur.
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import type { HostArray } from '../batch.js'
import { RecordError } from '../errors.js'
import { readWhole } from './files.js'
import { parseNpy } from './npy.js'

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50

export const isZip = (bytes: Buffer): boolean => bytes.length >= 4 && [LOCAL, END].includes(bytes.readUInt32LE(0))

/**
 * The arrays of a .npz file, by name.
 * @throws DataError DATA_FILE where the file cannot be read, RecordError where it is no such archive; readNpy tells of the arrays
 */
export async function readNpz(path: string): Promise<Record<string, Required<HostArray>>> {
  return parseNpz(await readWhole('readNpz', path), path)
}

export async function parseNpz(bytes: Buffer, file: string): Promise<Record<string, Required<HostArray>>> {
  const arrays: [string, Required<HostArray>][] = []
  for (const entry of directory(bytes, file)) {
    if (!entry.name.endsWith('.npy')) continue
    arrays.push([entry.name.slice(0, -4), parseNpy(await extract(bytes, entry, file), `${file}/${entry.name}`)])
  }
  return Object.fromEntries(arrays)
}

interface Entry {
  readonly name: string
  readonly method: number
  readonly packed: number
  readonly size: number
  readonly at: number
}

function directory(bytes: Buffer, file: string): Entry[] {
  const end = findEnd(bytes, file)
  const entries: Entry[] = []
  let at = bytes.readUInt32LE(end + 16)
  for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== ENTRY)
      throw new RecordError('the directory of the zip archive is damaged', { file, offset: at })
    const nameLength = bytes.readUInt16LE(at + 28)
    entries.push({
      name: bytes.toString('utf8', at + 46, at + 46 + nameLength),
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      at: bytes.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}

/** The end of the directory stands at the end of the file, before a comment of at most 65535 bytes. */
function findEnd(bytes: Buffer, file: string): number {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === END) return at
  }
  throw new RecordError('has no directory: no zip archive, or a truncated one', { file, offset: bytes.length })
}

async function extract(bytes: Buffer, { name, method, packed, size, at }: Entry, file: string): Promise<Buffer> {
  const broken = (what: string, cause?: unknown) =>
    new RecordError(`${name} of the zip archive ${what}`, { file, offset: at }, { cause })
  if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== LOCAL) throw broken('is not where the directory says')
  const begin = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
  const body = bytes.subarray(begin, begin + packed)
  if (body.length < packed) throw broken('is truncated')
  if (method === 0) return body
  if (method !== 8) throw broken(`is compressed by method ${method}, expected 0 (stored) or 8 (deflate)`)
  try {
    return await promisify(inflateRaw)(body, { maxOutputLength: Math.max(size, 1) })
  } catch (cause) {
    throw broken(`cannot be decompressed: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}
