/** Numbers to bytes and back. Place in the whole: plain operators on plain u8 and i8 tensors. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { cast } from '../ops/convert.js'
import { makeMany } from '../ops/emit.js'
import { type DType, isFloating, isIntegral } from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export type ByteDType = 'u8' | 'i8'
const LIMITS: Readonly<Record<ByteDType, readonly [number, number]>> = { u8: [0, 255], i8: [-128, 127] }
const NS_PER_ELEMENT = 0.3

export function checkByte(op: string, dtype: DType): ByteDType {
  if (dtype !== 'u8' && dtype !== 'i8') throw new DTypeError(`${op}: takes u8 or i8, not ${dtype}`)
  return dtype
}

/** A scale that an f32 holds, with its reciprocal. */
export function checkScale(op: string, scale: number): number {
  const narrow = Math.fround(scale)
  if (!(narrow > 0 && Number.isFinite(narrow) && Number.isFinite(Math.fround(1 / narrow))))
    throw new ValueError(`${op}: the scale is ${scale}, expected a positive number that f32 and its reciprocal hold`)
  return narrow
}

export function checkZeroPoint(op: string, zero: number, dtype: ByteDType): number {
  const [low, high] = LIMITS[dtype]
  if (!(Number.isInteger(zero) && zero >= low && zero <= high))
    throw new ValueError(
      `${op}: the zero point is ${zero}, expected an integer from ${low} to ${high}, as ${dtype} holds`,
    )
  return zero
}

/** Integers of any dtype as i32. */
export function integers(op: string, what: string, t: Tensor): Tensor<'i32'> {
  if (!isIntegral(t.dtype) || t.dtype === 'bool')
    throw new DTypeError(`${op}: ${what} are ${t.dtype}, expected integers`)
  return cast(t, 'i32') as Tensor<'i32'>
}

function checkNumbers(op: string, x: Tensor): void {
  if (!isFloating(x.dtype)) throw new DTypeError(`${op}: takes f32, f64, bf16 or f16, not ${x.dtype}`)
}

/** Scales and zero points of the slices along an axis, which comes back counted from the front. */
function channels(
  op: string,
  x: Tensor,
  scales: Tensor,
  zeroPoints: Tensor | null | undefined,
  axis: number,
): [number, Tensor, Tensor | null] {
  const at = axis < 0 ? axis + x.rank : axis
  if (!(Number.isInteger(axis) && at >= 0 && at < x.rank))
    throw new ShapeError(`${op}: axis ${axis} of a tensor ${show(x.shape)}`)
  const n = x.shape[at] as number
  if (scales.dtype !== 'f32') throw new DTypeError(`${op}: the scales are ${scales.dtype}, expected f32`)
  for (const [what, t] of [
    ['scales', scales],
    ['zero points', zeroPoints],
  ] as const) {
    if (t && (t.rank !== 1 || t.shape[0] !== n))
      throw new ShapeError(`${op}: ${what} ${show(t.shape)} for ${n} slices along axis ${axis}; expected (${n})`)
  }
  return [at, scales, zeroPoints ? integers(op, 'the zero points', zeroPoints) : null]
}

/**
 * x (f32, f64, bf16, f16; any shape) as bytes: round(x / scale) + zeroPoint, rounded half to even and saturated. The quotient is
 * x, in f32, times the f32 reciprocal of the scale, as torch.quantize_per_tensor computes it. A NaN becomes the zero point,
 * an infinity saturates. No gradient.
 *
 * @throws DTypeError for another dtype; ValueError for a scale that is not positive or a zero point that the bytes do not hold
 */
export function quantizePerTensor<D extends ByteDType = 'i8', S extends Shape = Shape>(
  x: Tensor<DType, S>,
  scale: number,
  zeroPoint = 0,
  dtype: D = 'i8' as D,
): Tensor<D, S> {
  const op = 'quantizePerTensor'
  checkNumbers(op, x)
  checkByte(op, dtype)
  const attributes = [-1, checkScale(op, scale), checkZeroPoint(op, zeroPoint, dtype)]
  return emit(op, OP.quantizeLinear, x, dtype, null, null, attributes)
}

/**
 * `quantizePerTensor` with a scale (f32) and a zero point (integers; absent: 0) for each slice along `axis`, as
 * torch.quantize_per_channel. Scales must be positive and zero points within the dtype's range: a slice where they are not
 * has no defined bytes.
 *
 * @throws ShapeError where scales or zero points are not one a slice; DTypeError for other dtypes
 */
export function quantizePerChannel<D extends ByteDType = 'i8', S extends Shape = Shape>(
  x: Tensor<DType, S>,
  scales: Tensor,
  zeroPoints: Tensor | null = null,
  axis = 0,
  dtype: D = 'i8' as D,
): Tensor<D, S> {
  const op = 'quantizePerChannel'
  checkNumbers(op, x)
  checkByte(op, dtype)
  const [at, s, z] = channels(op, x, scales, zeroPoints, axis)
  return emit(op, OP.quantizeLinear, x, dtype, s, z, [at, 1, 0])
}

export interface DequantizeOptions<D extends DType = DType> {
  /** A number, or integers (channels). Default 0. */
  zeroPoint?: number | Tensor | null
  /** Of the channels, where scales are a tensor. Default 0. */
  axis?: number
  /** f32 (default), bf16 or f16. */
  dtype?: D
}

/**
 * The numbers that bytes stand for: (q - zeroPoint) * scale, one rounding in f32. `scale` is a number, or f32 scales (channels)
 * along `axis`: the inverse of `quantizePerTensor` and `quantizePerChannel`. No gradient.
 *
 * @throws DTypeError where q is neither u8 nor i8; ShapeError where scales or zero points are not one a slice
 */
export function dequantize<D extends 'f32' | 'bf16' | 'f16' = 'f32', S extends Shape = Shape>(
  q: Tensor<DType, S>,
  scale: number | Tensor,
  { zeroPoint = 0, axis = 0, dtype = 'f32' as D }: DequantizeOptions<D> = {},
): Tensor<D, S> {
  const op = 'dequantize'
  const from = checkByte(op, q.dtype)
  if (dtype !== 'f32' && dtype !== 'bf16' && dtype !== 'f16')
    throw new DTypeError(`${op}: gives f32, bf16 or f16, not ${dtype}`)
  if (typeof scale === 'number') {
    if (zeroPoint !== null && typeof zeroPoint !== 'number')
      throw new ValueError(`${op}: zero points are a tensor and the scale is a number; give both the same form`)
    const attributes = [-1, checkScale(op, scale), checkZeroPoint(op, zeroPoint ?? 0, from)]
    return emit(op, OP.dequantizeLinear, q, dtype, null, null, attributes)
  }
  const number = typeof zeroPoint === 'number' ? checkZeroPoint(op, zeroPoint, from) : 0
  const [at, s, z] = channels(op, q, scale, typeof zeroPoint === 'number' ? null : zeroPoint, axis)
  return emit(op, OP.dequantizeLinear, q, dtype, s, z, [at, 1, number])
}

function emit<D extends DType, S extends Shape>(
  name: string,
  op: number,
  x: Tensor<DType, S>,
  dtype: D,
  scales: Tensor | null,
  zeroPoints: Tensor | null,
  attributes: readonly number[],
): Tensor<D, S> {
  const results = [{ dtype, shape: x.shape }]
  return makeMany(name, op, results, [x, scales, zeroPoints], attributes, x.numel * NS_PER_ELEMENT)[0] as Tensor<D, S>
}
