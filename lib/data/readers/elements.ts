// Numbers in files become typed arrays. Place in the whole: IDX, npy and WAV readers; files are in either byte order, and hold
// types that Sinter has no arrays of.
import type { TypedArray } from '../../tensor/dtype.js'

/** Types of numbers in files. */
export type ElementType = 'bool' | 'u8' | 'i8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'f16' | 'f32' | 'f64'

interface Element {
  readonly bytes: number
  /** What n of them become. */
  readonly array: new (
    length: number,
  ) => TypedArray
  readonly read: (view: DataView, at: number, little: boolean) => number | bigint
}

const element = (bytes: number, array: Element['array'], read: Element['read']): Element => ({ bytes, array, read })

const ELEMENTS: Readonly<Record<ElementType, Element>> = {
  bool: element(1, Uint8Array, (view, at) => Number(view.getUint8(at) !== 0)),
  u8: element(1, Uint8Array, (view, at) => view.getUint8(at)),
  i8: element(1, Int8Array, (view, at) => view.getInt8(at)),
  i16: element(2, Int32Array, (view, at, little) => view.getInt16(at, little)),
  u16: element(2, Int32Array, (view, at, little) => view.getUint16(at, little)),
  i32: element(4, Int32Array, (view, at, little) => view.getInt32(at, little)),
  u32: element(4, BigInt64Array, (view, at, little) => BigInt(view.getUint32(at, little))),
  i64: element(8, BigInt64Array, (view, at, little) => view.getBigInt64(at, little)),
  f16: element(2, Float32Array, (view, at, little) => halfToFloat(view.getUint16(at, little))),
  f32: element(4, Float32Array, (view, at, little) => view.getFloat32(at, little)),
  f64: element(8, Float64Array, (view, at, little) => view.getFloat64(at, little)),
}

export const elementBytes = (type: ElementType): number => ELEMENTS[type].bytes

/** IEEE 754 binary16. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/**
 * The first `count` numbers of `bytes`, in memory of their own: bool as u8 (0 or 1), i16 and u16 as i32, u32 as i64, f16 as f32,
 * others as they are.
 */
export function decodeElements(bytes: Uint8Array, type: ElementType, count: number, little: boolean): TypedArray {
  const { bytes: size, array, read } = ELEMENTS[type]
  const values = new array(count)
  const same = values.BYTES_PER_ELEMENT === size && type !== 'bool'
  if (same && (size === 1 || little === LITTLE_ENDIAN)) {
    new Uint8Array(values.buffer).set(bytes.subarray(0, count * size))
    return values
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, count * size)
  for (let i = 0; i < count; i++) values[i] = read(view, i * size, little) as never
  return values
}
