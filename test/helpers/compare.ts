/**
 * Comparison of tensors with expected numbers. Place in the whole: the one judge of all numerical tests. A comparison passes
 * only when `error <= tolerance` holds, so a NaN anywhere fails unless one is expected at the same place.
 */
import { filled } from '#lib/filled.js'
import type { Tensor } from '#lib/index.js'
import type { DType, TypedArray } from '#lib/tensor/dtype.js'
import { type Shape, show } from '#lib/tensor/shape.js'

/** Largest finite number, smallest positive and smallest normal one of each floating-point dtype. */
const RANGE: Partial<Record<DType, readonly [number, number, number]>> = {
  f64: [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** -1022],
  f32: [(2 - 2 ** -23) * 2 ** 127, 2 ** -149, 2 ** -126],
  bf16: [(2 - 2 ** -7) * 2 ** 127, 2 ** -133, 2 ** -126],
  f16: [65504, 2 ** -24, 2 ** -14],
}

/** Below it, numbers lose digits one by one. */
export const smallestNormal = (d: DType): number => RANGE[d]?.[2] ?? 0

export const smallest = (d: DType): number => RANGE[d]?.[1] ?? 0

/** Half the distance from 1 to the next number: the largest relative error of one rounding. */
export const ROUNDOFF = { f64: 2 ** -53, f32: 2 ** -24, bf16: 2 ** -8, f16: 2 ** -11 } as const

/** The elements as doubles; i64 must be below 2^53 to come out exactly. */
export function numbers(t: Tensor): Float64Array {
  const data = t.dataSync()
  return data instanceof BigInt64Array
    ? filled(new Float64Array(data.length), (i) => Number(data[i]))
    : new Float64Array(data)
}

export interface Expected {
  dtype: DType
  shape: Shape
  values: Float64Array
}

/**
 * @param tolerance for each element, or one for all
 * @throws Error that says where, what was found and what was expected
 */
export function expectClose(
  what: string,
  actual: Tensor,
  expected: Expected,
  tolerance: ArrayLike<number> | number,
  signedZeros = false,
): void {
  if (actual.dtype !== expected.dtype) throw new Error(`${what}: dtype is ${actual.dtype}, expected ${expected.dtype}`)
  if (show(actual.shape) !== show(expected.shape))
    throw new Error(`${what}: shape is ${show(actual.shape)}, expected ${show(expected.shape)}`)
  const found = numbers(actual)
  const [max] = RANGE[actual.dtype] ?? [Number.POSITIVE_INFINITY]
  let wrong = 0
  let worst = -1
  let first = ''
  for (let i = 0; i < found.length; i++) {
    const [a, e] = [found[i] as number, expected.values[i] as number]
    const tol = typeof tolerance === 'number' ? tolerance : (tolerance[i] as number)
    if (agree(a, e, tol, max, signedZeros)) continue
    wrong++
    const ratio = Math.abs(a - e) / tol
    if (worst >= 0 && !(ratio > worst)) continue
    worst = Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio
    first = `element ${i} is ${show1(a)}, expected ${show1(e)}; error ${Math.abs(a - e).toExponential(2)}, tolerance ${tol.toExponential(2)}`
  }
  if (wrong > 0)
    throw new Error(
      `${what}: ${wrong} of ${found.length} elements of ${show(actual.shape)} ${actual.dtype} differ; ${first}`,
    )
}

const show1 = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

function agree(a: number, e: number, tol: number, max: number, signedZeros: boolean): boolean {
  if (Number.isNaN(e)) return Number.isNaN(a)
  if (signedZeros && e === 0 && a === 0) return Object.is(a, e)
  if (a === e) return true
  // The oracle's double does not overflow where the dtype does.
  if (Math.abs(e) + tol > max && Math.abs(a) === Number.POSITIVE_INFINITY && Math.sign(a) === Math.sign(e)) return true
  return Number.isFinite(e) && Math.abs(a - e) <= tol
}

/** Bit for bit. */
export function expectSameBits(what: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype || show(a.shape) !== show(b.shape)) {
    throw new Error(`${what}: ${a.dtype} ${show(a.shape)} and ${b.dtype} ${show(b.shape)} differ`)
  }
  const [x, y] = [a.rawDataSync(), b.rawDataSync()].map(
    (v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength),
  ) as [Uint8Array, Uint8Array]
  const at = x.findIndex((byte, i) => byte !== y[i])
  if (at >= 0) throw new Error(`${what}: the bits differ from byte ${at} on`)
}

/** Exactly, as integers: doubles would hide a difference beyond 2^53. */
export function expectSameIntegers(
  what: string,
  actual: Tensor,
  expected: { dtype: DType; shape: Shape; data: TypedArray },
): void {
  if (actual.dtype !== expected.dtype) throw new Error(`${what}: dtype is ${actual.dtype}, expected ${expected.dtype}`)
  if (show(actual.shape) !== show(expected.shape))
    throw new Error(`${what}: shape is ${show(actual.shape)}, expected ${show(expected.shape)}`)
  const found = actual.dataSync()
  const at = found.findIndex((x: number | bigint, i: number) => x !== expected.data[i])
  if (at >= 0)
    throw new Error(
      `${what}: element ${at} of ${show(actual.shape)} ${actual.dtype} is ${found[at]}, expected ${expected.data[at]}`,
    )
}
