/** Linear layers with weights of bytes. Place in the whole: the layer's product; quantizeWeight makes the weight. */
import { needsGrad, record, save } from '../autograd/node.js'
import { AutogradError, DisposedError, DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { makeMany } from '../ops/emit.js'
import { activate, activationCode, type LinearActivation } from '../ops/fusedActivation.js'
import { matmul } from '../ops/matmul.js'
import { sum } from '../ops/reduce.js'
import { reshape } from '../ops/views.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type ByteDType, checkByte, checkScale, checkZeroPoint } from './quantize.js'
import { dequantizePacked, type Int8Weight } from './weight.js'

/** Multiply-adds a nanosecond that one command is estimated at. */
const MADS_PER_NS = 80

function checkOperands(op: string, x: Tensor, weight: Int8Weight, bias: Tensor | null | undefined, dtype: DType): void {
  const { outFeatures, inFeatures } = weight
  if (weight.isDisposed) throw new DisposedError(`${op}: the weight was disposed of`)
  if (x.rank === 0 || x.shape[x.rank - 1] !== inFeatures)
    throw new ShapeError(
      `${op}: input ${show(x.shape)} does not end in the weight's ${inFeatures}: weight (${outFeatures}, ${inFeatures})`,
    )
  if (!bias) return
  if (bias.rank !== 1 || bias.shape[0] !== outFeatures)
    throw new ShapeError(`${op}: bias ${show(bias.shape)} for ${outFeatures} outputs`)
  if (bias.dtype !== dtype) throw new DTypeError(`${op}: the bias is ${bias.dtype}, expected ${dtype}`)
}

function emit(
  name: string,
  op: number,
  x: Tensor,
  weight: Int8Weight,
  bias: Tensor | null | undefined,
  dtype: DType,
  attributes: readonly number[],
): Tensor {
  const { outFeatures, inFeatures, _packed, _sums, scales, zeroPoints } = weight
  const m = x.shape[0] as number
  const ns = (m * outFeatures * inFeatures) / MADS_PER_NS
  const operands = [x, _packed, _sums, scales, zeroPoints, bias]
  return makeMany(name, op, [{ dtype, shape: [m, outFeatures] }], operands, attributes, ns)[0] as Tensor
}

const rowsOf = (x: Tensor): Tensor => {
  const last = x.shape[x.rank - 1] as number
  return x.rank === 2 ? x : reshape(x, [numelOf(x.shape.slice(0, -1)), last])
}
const shaped = (y: Tensor, x: Tensor): Tensor =>
  x.rank === 2 ? y : reshape(y, [...x.shape.slice(0, -1), y.shape[1] as number])

export interface DynamicLinearOptions {
  /** Applied to the result in the same pass, while gradients are recorded by an operator of its own. Default 'none'. */
  activation?: LinearActivation | null
  /**
   * Activations of seven bits, 0 to 127, as torch's dynamic Linear has them. On x86 without VNNI the product is then about twice as
   * fast; where the processor multiplies bytes without saturation it changes nothing. Default false: 0 to 255.
   */
  reduceRange?: boolean
}

/**
 * x W^T + bias with activations quantized on the way: x f32 or bf16 (..., in), bias of x's dtype (out) -> (..., out) of x's dtype.
 *
 * Each row of x has its own scale and zero point, as ONNX's DynamicQuantizeLinear makes them for a tensor: with lo = min(x, 0),
 * hi = max(x, 0): scale = (hi - lo) / 255 (127 with `reduceRange`), zero = round(-lo / scale), bytes round(x * (1 / scale)) + zero, half
 * to even and saturated, all in f32. The product of bytes is exact; the result is sum * (row scale * channel scale) + bias in
 * f32. A row that holds a NaN or an infinity gives NaN; one whose values are all below 127 * 2^-126 counts as zeros.
 *
 * The gradient is the straight-through one: rounding counts as the identity, so x's is g W of the dequantized weight, and the bias's
 * the sum of g; the weight has none.
 *
 * @throws ShapeError, DTypeError where operands do not fit; ValueError for an unknown activation; DisposedError
 */
export function dynamicQuantizedLinear(
  x: Tensor,
  weight: Int8Weight,
  bias: Tensor | null = null,
  { activation, reduceRange = false }: DynamicLinearOptions = {},
): Tensor {
  const op = 'dynamicQuantizedLinear'
  const { dtype } = x
  if (dtype !== 'f32' && dtype !== 'bf16') throw new DTypeError(`${op}: takes f32 or bf16, not ${dtype}`)
  checkOperands(op, x, weight, bias, dtype)
  const code = activationCode(op, activation)
  const rows = rowsOf(x)
  const recorded = needsGrad(rows, bias)
  const y = emit(op, OP.dynamicQuantizedLinear, rows, weight, bias, dtype, [
    recorded ? 0 : code,
    reduceRange ? 127 : 255,
  ])
  if (!recorded) return shaped(y, x)
  const { outFeatures, inFeatures, _packed, scales, zeroPoints } = weight
  const [gx, gb] = [rows.requiresGrad, bias?.requiresGrad ?? false]
  const saved = gx ? [_packed, scales, ...(zeroPoints ? [zeroPoints] : [])].map(save) : []
  record(op, y, [rows, bias], saved, (g, tensors) => [
    gx ? matmul(g, dequantizePacked(tensors, outFeatures, inFeatures, dtype)) : null,
    gb ? sum(g, 0) : null,
  ])
  return shaped(activate(y, code), x)
}

export interface QuantizedLinearOptions<D extends DType = DType> {
  /** Of x. */
  scale: number
  /** Of x. Default 0. */
  zeroPoint?: number
  /** u8 or i8: requantized by outScale and outZeroPoint; f32 (default) or bf16: the numbers. */
  outDtype?: D
  /** For u8 and i8. */
  outScale?: number
  /** For u8 and i8. Default 0. */
  outZeroPoint?: number
  /** Applied to the numbers, before they are requantized. Default 'none'. */
  activation?: LinearActivation | null
}

/**
 * x W^T + bias for activations that are bytes: x u8 or i8 (..., in) stands for (x - zeroPoint) * scale; bias f32 (out) -> (..., out).
 *
 * The product of bytes is exact; y = activation(sum * (scale * channel scale) + bias) in f32, and for u8 and i8
 * round(y * (1 / outScale)) + outZeroPoint, half to even and saturated (NaN gives the zero point), as torch's and ONNX's
 * QLinear operators. No gradient.
 *
 * @throws ShapeError, DTypeError where operands do not fit; ValueError for an unknown activation and for scales and zero points out of range; DisposedError;
 *   AutogradError where the bias requires one
 */
export function quantizedLinear<D extends ByteDType | 'f32' | 'bf16' = 'f32'>(
  x: Tensor,
  weight: Int8Weight,
  bias: Tensor | null,
  options: QuantizedLinearOptions<D>,
): Tensor<D> {
  const op = 'quantizedLinear'
  const { scale, zeroPoint = 0, outDtype = 'f32' as D, outScale, outZeroPoint = 0, activation } = options
  const from = checkByte(op, x.dtype)
  if (!isFloating(outDtype)) checkByte(op, outDtype)
  else if (!['f32', 'bf16'].includes(outDtype))
    throw new DTypeError(`${op}: gives u8, i8, f32 or bf16, not ${outDtype}`)
  checkOperands(op, x, weight, bias, 'f32')
  if (needsGrad(x, bias))
    throw new AutogradError(
      `${op}: the bias requires a gradient, and there is none; detach it, or call this in noGrad()`,
    )
  const bytes = outDtype === 'u8' || outDtype === 'i8'
  if (bytes && outScale === undefined) throw new ValueError(`${op}: outDtype ${outDtype} needs an outScale`)
  const attributes = [
    activationCode(op, activation),
    checkScale(op, scale),
    checkZeroPoint(op, zeroPoint, from),
    bytes ? checkScale(op, outScale as number) : 1,
    bytes ? checkZeroPoint(op, outZeroPoint, outDtype) : 0,
  ]
  return shaped(emit(op, OP.quantizedLinear, rowsOf(x), weight, bias, outDtype, attributes), x) as Tensor<D>
}
