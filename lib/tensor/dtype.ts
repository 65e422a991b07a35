/** Element types. Place in the whole: known to every room; the codes are those of native/engine/dtype.h. */
import { DTypeError } from '../errors.js'

export type DType = 'f32' | 'f64' | 'bf16' | 'f16' | 'i32' | 'i64' | 'u8' | 'i8' | 'bool' | 'c64' | 'c128'

/** Typed arrays that data() gives: f16 and bf16 as Float32Array, complex as interleaved pairs. */
export type TypedArrayOf<D extends DType> = D extends 'f32' | 'bf16' | 'f16' | 'c64'
  ? Float32Array
  : D extends 'f64' | 'c128'
    ? Float64Array
    : D extends 'i32'
      ? Int32Array
      : D extends 'i64'
        ? BigInt64Array
        : D extends 'u8' | 'bool'
          ? Uint8Array
          : D extends 'i8'
            ? Int8Array
            : never

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array

export const DTYPES: readonly DType[] = ['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8', 'bool', 'c64', 'c128']

export const CODE: Readonly<Record<DType, number>> = Object.fromEntries(DTYPES.map((d, i) => [d, i])) as Record<
  DType,
  number
>

export const BYTES: Readonly<Record<DType, number>> = {
  f32: 4,
  f64: 8,
  bf16: 2,
  f16: 2,
  i32: 4,
  i64: 8,
  u8: 1,
  i8: 1,
  bool: 1,
  c64: 8,
  c128: 16,
}

export const isFloating = (d: DType): boolean => d === 'f32' || d === 'f64' || d === 'bf16' || d === 'f16'
export const isComplex = (d: DType): boolean => d === 'c64' || d === 'c128'
export const isIntegral = (d: DType): boolean => !isFloating(d) && !isComplex(d)

/** A complex number as a scalar operand, and as toArray gives it. */
export interface ComplexNumber {
  readonly re: number
  readonly im: number
}

export const isComplexNumber = (x: unknown): x is ComplexNumber =>
  typeof x === 'object' &&
  x !== null &&
  typeof (x as ComplexNumber).re === 'number' &&
  typeof (x as ComplexNumber).im === 'number'

/** The dtype of a complex number's parts; real dtypes are their own. */
export const realOf = (d: DType): DType => (d === 'c64' ? 'f32' : d === 'c128' ? 'f64' : d)

/** The complex dtype whose parts hold this one: c128 for f64 and c128, else c64. */
export const complexOf = (d: DType): 'c64' | 'c128' => (d === 'f64' || d === 'c128' ? 'c128' : 'c64')

export function checkDType(d: string): DType {
  if (!(d in CODE)) throw new DTypeError(`dtype: '${d}' is not one of ${DTYPES.join(', ')}`)
  return d as DType
}

// Lattice of NumPy/PyTorch promotion between tensors: bool < u8, i8 < i32 < i64 < f16, bf16 < f32 < f64 < c64 < c128, with
// u8 + i8 = i32 (PyTorch: i16, which Sinter lacks), f16 + bf16 = f32, f64 + c64 = c128.
const RANK: Readonly<Record<DType, number>> = {
  bool: 0,
  u8: 1,
  i8: 1,
  i32: 2,
  i64: 3,
  f16: 4,
  bf16: 4,
  f32: 5,
  f64: 6,
  c64: 7,
  c128: 8,
}

/** The dtype of `a op b` for two tensors. */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a
  if (RANK[a] === RANK[b]) return RANK[a] === 1 ? 'i32' : 'f32'
  const [low, high] = RANK[a] < RANK[b] ? [a, b] : [b, a]
  return high === 'c64' && low === 'f64' ? 'c128' : high
}

/** The dtype of `tensor op number`: the tensor's, unless the number's kind is higher (a fraction with an integer tensor: f32). */
export function promoteScalar(d: DType, x: number): DType {
  if (isFloating(d) || isComplex(d)) return d
  if (!Number.isInteger(x)) return 'f32'
  return d === 'bool' ? 'i64' : d
}

/** The dtype in which functions such as exp compute: integers become f32. */
export const floatOf = (d: DType): DType => (isIntegral(d) ? 'f32' : d)

/** The dtype that a typed array holds. */
export function dtypeOfArray(a: TypedArray): DType {
  if (a instanceof Float32Array) return 'f32'
  if (a instanceof Float64Array) return 'f64'
  if (a instanceof Int32Array) return 'i32'
  if (a instanceof BigInt64Array) return 'i64'
  if (a instanceof Uint8Array || a instanceof Uint8ClampedArray) return 'u8'
  if (a instanceof Int8Array) return 'i8'
  throw new DTypeError(
    `tensor: ${(a as object)?.constructor?.name ?? typeof a} has no dtype; take Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array or Int8Array`,
  )
}

/** An empty typed array for n elements as data() gives them, and the dtype to read them as. */
export function arrayFor(d: DType, n: number): [TypedArray, DType] {
  switch (d) {
    case 'f32':
    case 'bf16':
    case 'f16':
      return [new Float32Array(n), 'f32']
    case 'f64':
      return [new Float64Array(n), d]
    case 'i32':
      return [new Int32Array(n), d]
    case 'i64':
      return [new BigInt64Array(n), d]
    case 'u8':
    case 'bool':
      return [new Uint8Array(n), d]
    case 'i8':
      return [new Int8Array(n), d]
    case 'c64':
      return [new Float32Array(2 * n), d]
    case 'c128':
      return [new Float64Array(2 * n), d]
    default:
      return d satisfies never
  }
}
