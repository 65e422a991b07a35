// IDX files, in which MNIST and its successors are published. Place in the whole: a format of arrayFiles. Format: LeCun et al.,
// "The MNIST database", http://yann.lecun.com/exdb/mnist: two zero bytes, type, rank, big-endian sizes, big-endian numbers.
import type { HostArray } from '../batch.js'
import { RecordError } from '../errors.js'
import { decodeElements, type ElementType, elementBytes } from './elements.js'
import { readWhole } from './files.js'

const TYPES: Readonly<Record<number, ElementType>> = {
  8: 'u8',
  9: 'i8',
  11: 'i16',
  12: 'i32',
  13: 'f32',
  14: 'f64',
}

export const isIdx = (bytes: Uint8Array): boolean => bytes[0] === 0 && bytes[1] === 0 && (bytes[2] as number) in TYPES

/**
 * An IDX file, plain or gzip's. u8, i8, i32, f32 and f64 keep their type, i16 becomes i32.
 * @throws DataError DATA_FILE where the file cannot be read, RecordError where it is no IDX file or has not the size that it tells
 */
export async function readIdx(path: string): Promise<Required<HostArray>> {
  return parseIdx(await readWhole('readIdx', path), path)
}

export function parseIdx(bytes: Buffer, file: string): Required<HostArray> {
  if (bytes.length < 4) throw new RecordError(`${bytes.length} bytes are no IDX file`, { file, offset: 0 })
  const type = TYPES[bytes[2] as number]
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined) {
    const found = bytes.toString('hex', 0, 4)
    throw new RecordError(`begins with ${found}, an IDX file with 0000, a type of 08 to 0e and its rank`, {
      file,
      offset: 0,
    })
  }
  const rank = bytes[3] as number
  const header = 4 + 4 * rank
  if (bytes.length < header)
    throw new RecordError(`ends within the sizes of its ${rank} dimensions`, { file, offset: bytes.length })
  const shape = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i))
  const count = shape.reduce((product, dim) => product * dim, 1)
  const needed = header + count * elementBytes(type)
  if (bytes.length !== needed) {
    const reason = `shape (${shape.join(', ')}) of ${type} needs ${needed} bytes, found ${bytes.length}`
    throw new RecordError(reason, { file, offset: Math.min(bytes.length, needed) })
  }
  return { data: decodeElements(bytes.subarray(header), type, count, false), shape }
}
