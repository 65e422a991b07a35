/** Products of integers. Place in the whole: what quantized models multiply with where the linear layers do not fit. */
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { makeMany } from '../ops/emit.js'
import { broadcastShapes, numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkByte, checkZeroPoint, integers } from './quantize.js'

/** Multiply-adds a nanosecond that one command is estimated at. */
const MADS_PER_NS = 80

export interface IntMatmulOptions {
  /** Of a: a number, or integers () or (m), one a row. Default 0. */
  aZeroPoint?: number | Tensor | null
  /** Of b: a number, or integers () or (n), one a column. Default 0. */
  bZeroPoint?: number | Tensor | null
}

/**
 * (a - aZeroPoint) (b - bZeroPoint): a u8 or i8 (..., m, k), b i8 (..., k, n) -> i32 (..., m, n), as ONNX's MatMulInteger and
 * torch._int_mm. Leading dimensions are batches and broadcast; either operand may be a view with any strides, a transposed one
 * too. Exact: sums are modulo 2^32, and k up to 33,025 cannot reach 2^31 (up to 65,793 without zero points). No gradient.
 *
 * @throws ShapeError where shapes do not fit; DTypeError for other dtypes
 */
export function intMatmul(a: Tensor, b: Tensor, options: IntMatmulOptions = {}): Tensor<'i32'> {
  const op = 'intMatmul'
  checkByte(op, a.dtype)
  if (b.dtype !== 'i8') throw new DTypeError(`${op}: the right operand is ${b.dtype}, expected i8`)
  if (a.rank < 2 || b.rank < 2)
    throw new ShapeError(`${op}: takes two dimensions or more: ${show(a.shape)} x ${show(b.shape)}`)
  const [m, k] = a.shape.slice(-2) as [number, number]
  const [k2, n] = b.shape.slice(-2) as [number, number]
  if (k !== k2)
    throw new ShapeError(`${op}: inner dimensions differ: ${show(a.shape)} x ${show(b.shape)}: ${k} and ${k2}`)
  const shape = [...broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n]
  const [za, na] = zeroPoint(op, 'aZeroPoint', options.aZeroPoint, a, m)
  const [zb, nb] = zeroPoint(op, 'bZeroPoint', options.bZeroPoint, b, n)
  const ns = (numelOf(shape) * k) / MADS_PER_NS
  return makeMany(op, OP.intMatmul, [{ dtype: 'i32', shape }], [a, b, za, zb], [0, na, nb], ns)[0] as Tensor<'i32'>
}

function zeroPoint(
  op: string,
  name: string,
  zero: number | Tensor | null | undefined,
  of: Tensor,
  count: number,
): [Tensor | null, number] {
  if (zero === null || zero === undefined) return [null, 0]
  if (typeof zero === 'number') return [null, checkZeroPoint(op, zero, checkByte(op, of.dtype))]
  if (zero.rank > 1 || (zero.rank === 1 && zero.shape[0] !== count))
    throw new ShapeError(`${op}: ${name} ${show(zero.shape)}, expected () or (${count})`)
  return [integers(op, name, zero), 0]
}
