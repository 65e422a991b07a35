/**
 * Convolutions with weights of bytes. Place in the whole: windows of an image, gathered channels-last, are rows of the products of
 * linear.ts; an image that lies channels-last and a 1 x 1 kernel need no gathering.
 */
import { ShapeError } from '../errors.js'
import { contiguous } from '../ops/convert.js'
import { pad } from '../ops/pad.js'
import { type Pair, sizesOf } from '../ops/spatial.js'
import { asStrided } from '../ops/strided.js'
import { permute, reshape } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  type DynamicLinearOptions,
  dynamicQuantizedLinear,
  type QuantizedLinearOptions,
  quantizedLinear,
} from './linear.js'
import type { ByteDType } from './quantize.js'
import { type Int8Weight, type QuantizeWeightOptions, quantizeWeight } from './weight.js'

/** The window of a quantized convolution; of `conv2d`, numbers only and without groups. */
export interface WindowOptions {
  /** (kh, kw): the packed weight does not say it. */
  kernelSize: Pair
  stride?: Pair
  padding?: Pair
  dilation?: Pair
}

/**
 * Quantizes the weight (o, c, kh, kw) of a convolution and packs it, as a matrix (o, kh kw c): `quantizeWeight`, whose options these are, a
 * scale for each output by default.
 *
 * @throws ShapeError, DTypeError where w is something else
 */
export function quantizeConvWeight(w: Tensor, options: QuantizeWeightOptions = {}): Int8Weight {
  if (w.rank !== 4) throw new ShapeError(`quantizeConvWeight: the weight is ${show(w.shape)}, expected (o, c, kh, kw)`)
  return quantizeWeight(reshape(permute(w, [0, 2, 3, 1]), [w.shape[0] as number, -1]), options)
}

/** x (n, c, h, w) -> rows (n, oh, ow, kh kw c), `outside` where a window leaves the image. */
function windows(op: string, x: Tensor, weight: Int8Weight, options: WindowOptions, outside: number): Tensor {
  if (x.rank !== 4) throw new ShapeError(`${op}: takes (n, c, h, w), got ${show(x.shape)}`)
  const [n, c, h, w] = x.shape as readonly [number, number, number, number]
  const [kh, kw] = sizesOf(op, 'kernelSize', options.kernelSize, 2, 1) as [number, number]
  const [sy, sx] = sizesOf(op, 'stride', options.stride ?? 1, 2, 1) as [number, number]
  const [py, px] = sizesOf(op, 'padding', options.padding ?? 0, 2, 0) as [number, number]
  const [dy, dx] = sizesOf(op, 'dilation', options.dilation ?? 1, 2, 1) as [number, number]
  if (kh * kw * c !== weight.inFeatures)
    throw new ShapeError(
      `${op}: a ${kh}x${kw} window of ${c} channels is ${kh * kw * c} elements, the weight takes ${weight.inFeatures}`,
    )
  const [ph, pw] = [h + 2 * py, w + 2 * px]
  const [oh, ow] = [ph - dy * (kh - 1), pw - dx * (kw - 1)]
  if (oh < 1 || ow < 1) throw new ShapeError(`${op}: a ${kh}x${kw} window exceeds the padded image ${ph}x${pw}`)
  const last = permute(x, [0, 2, 3, 1])
  const padded = contiguous(py || px ? pad(last, [0, 0, px, px, py, py], { value: outside }) : last)
  const shape = [n, Math.ceil(oh / sy), Math.ceil(ow / sx)] as const
  const strides = [ph * pw * c, sy * pw * c, sx * c, dy * pw * c, dx * c, 1]
  return reshape(asStrided(padded, [...shape, kh, kw, c], strides), [...shape, kh * kw * c])
}

/** (n, oh, ow, o) -> (n, o, oh, ow), a view. */
const asImage = <D extends DType>(y: Tensor<D>): Tensor<D> => permute(y, [0, 3, 1, 2]) as Tensor<D>

/**
 * Convolution of an image of bytes: x u8 or i8 (n, c, h, w), weight of `quantizeConvWeight`, bias f32 (o) -> (n, o, oh, ow), a view of an
 * image that lies channels-last. Padding stands for zeros, which are x's zero point. What the result is and which bytes it has:
 * `quantizedLinear`, whose options these are, of each window. No gradient.
 *
 * @throws ShapeError where the window, the channels or the bias do not fit; else as `quantizedLinear`
 */
export function quantizedConv2d<D extends ByteDType | 'f32' | 'bf16' = 'f32'>(
  x: Tensor,
  weight: Int8Weight,
  bias: Tensor | null,
  options: WindowOptions & QuantizedLinearOptions<D>,
): Tensor<D> {
  const rows = windows('quantizedConv2d', x, weight, options, options.zeroPoint ?? 0)
  return asImage(quantizedLinear(rows, weight, bias, options))
}

/**
 * Convolution whose image is quantized on the way: x f32 or bf16 (n, c, h, w), weight of `quantizeConvWeight`, bias of x's dtype (o) ->
 * (n, o, oh, ow) of x's dtype, a view of an image that lies channels-last. Each window has its own scale and zero point, as a row of
 * `dynamicQuantizedLinear` has, whose options and gradient these are.
 *
 * @throws ShapeError where the window, the channels or the bias do not fit; else as `dynamicQuantizedLinear`
 */
export function dynamicQuantizedConv2d(
  x: Tensor,
  weight: Int8Weight,
  bias: Tensor | null,
  options: WindowOptions & DynamicLinearOptions,
): Tensor {
  return asImage(
    dynamicQuantizedLinear(windows('dynamicQuantizedConv2d', x, weight, options, 0), weight, bias, options),
  )
}
