// NumPy's files. Place in the whole: a format of arrayFiles. Format: numpy.lib.format, versions 1 to 3.
import type { TypedArray } from '../../tensor/dtype.js'
import type { HostArray } from '../batch.js'
import { RecordError } from '../errors.js'
import { decodeElements, type ElementType, elementBytes } from './elements.js'
import { readWhole } from './files.js'

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')
const TYPES: Readonly<Record<string, ElementType>> = {
  b1: 'bool',
  u1: 'u8',
  i1: 'i8',
  i2: 'i16',
  u2: 'u16',
  i4: 'i32',
  u4: 'u32',
  i8: 'i64',
  f2: 'f16',
  f4: 'f32',
  f8: 'f64',
}

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.equals(bytes.subarray(0, MAGIC.length))

/**
 * A .npy file, in either byte order; Fortran order becomes C order. bool becomes u8, i2 and u2 i32, u4 i64, f2 f32.
 * @throws DataError DATA_FILE where the file cannot be read, RecordError where it is no such file, or of strings, objects, structures,
 * complex numbers or u8 (64-bit)
 */
export async function readNpy(path: string): Promise<Required<HostArray>> {
  return parseNpy(await readWhole('readNpy', path), path)
}

export function parseNpy(bytes: Buffer, file: string): Required<HostArray> {
  if (!isNpy(bytes) || bytes.length < 10)
    throw new RecordError('begins otherwise than a .npy file', { file, offset: 0 })
  const long = (bytes[6] as number) >= 2
  const begin = long ? 12 : 10
  const length = long && bytes.length >= begin ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8)
  if (bytes.length < begin + length) throw new RecordError('ends within its header', { file, offset: bytes.length })
  const header = parseHeader(bytes.toString('latin1', begin, begin + length), file)
  const { shape, type } = header
  const body = bytes.subarray(begin + length)
  const count = shape.reduce((product, dim) => product * dim, 1)
  const needed = count * elementBytes(type)
  if (body.length !== needed) {
    const reason = `shape (${shape.join(', ')}) of ${type} needs ${needed} bytes, found ${body.length}`
    throw new RecordError(reason, { file, offset: begin + length + Math.min(body.length, needed) })
  }
  const data = decodeElements(body, type, count, header.little)
  return { data: header.fortran && shape.length > 1 ? fromFortran(data, shape) : data, shape }
}

interface Header {
  readonly type: ElementType
  readonly little: boolean
  readonly fortran: boolean
  readonly shape: number[]
}

/** The header is a dictionary as Python writes it: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }. */
function parseHeader(text: string, file: string): Header {
  const place = { file, offset: MAGIC.length }
  const descr = /'descr':\s*'([<>|=]?)(\w+)'/.exec(text)
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text)
  if (descr === null && /'descr':\s*\[/.test(text))
    throw new RecordError('holds structures: save each field on its own', place)
  if (descr === null || fortran === null || shape === null)
    throw new RecordError(`has a header without descr, fortran_order or shape: ${JSON.stringify(text.trim())}`, place)
  const type = TYPES[descr[2] as string]
  if (type === undefined) {
    const reason = `holds '${descr[1]}${descr[2]}', expected numbers of types ${Object.keys(TYPES).join(', ')}`
    throw new RecordError(reason, place)
  }
  const dims = (shape[1] as string).split(',').filter((dim) => dim.trim() !== '')
  return { type, little: descr[1] !== '>', fortran: fortran[1] === 'True', shape: dims.map(Number) }
}

/** The first index runs fastest there, the last one here. */
function fromFortran(data: TypedArray, shape: readonly number[]): TypedArray {
  const result = new (data.constructor as new (length: number) => TypedArray)(data.length)
  const index = shape.map(() => 0)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, dim) => product * dim, 1))
  let from = 0
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from] as never
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number
      from += stride
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (shape[axis] as number)) break
      from -= stride * (shape[axis] as number)
      index[axis] = 0
    }
  }
  return result
}
