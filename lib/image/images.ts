/**
 * What the functions on images share: batches of any leading dimensions, and parameters that are one for all images or one for each.
 * Place in the whole: under the public functions of lib/image.
 */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { reshape } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** One number for all images, or one for each of n: an array, or a tensor (n). */
export type PerImage = number | readonly number[] | Tensor

/** What became of a PerImage: a number, or a tensor (n) of f64. */
export type Parameter = number | Tensor

/** Bytes or floating-point numbers (..., c, h, w). @throws ShapeError for lower ranks, DTypeError for other dtypes */
export function checkImages(name: string, x: Tensor): void {
  if (x.rank < 3) throw new ShapeError(`${name}: takes images (..., c, h, w), got ${show(x.shape)}`)
  if (x.dtype !== 'u8' && !isFloating(x.dtype))
    throw new DTypeError(
      `${name}: takes images of u8 or floating-point numbers, got ${x.dtype}; convert them with .to('u8') or .to('f32')`,
    )
}

/** @throws ShapeError unless there are 1 or 3 channels, or 3 where `colour` */
export function checkChannels(name: string, x: Tensor, colour = false): void {
  const c = x.shape.at(-3)
  if (c !== 3 && (colour || c !== 1))
    throw new ShapeError(`${name}: takes images of ${colour ? '3 channels' : '1 or 3 channels'}, got ${show(x.shape)}`)
}

/** f of the images as (n, c, h, w), its result with the leading dimensions that x had. */
export function asBatch(x: Tensor, f: (images: Tensor) => Tensor): Tensor {
  if (x.rank === 4) return f(x)
  const lead = x.shape.slice(0, -3)
  const y = f(reshape(x, [numelOf(lead), ...x.shape.slice(-3)]))
  return reshape(y, [...lead, ...y.shape.slice(1)])
}

/** The largest value: 255 of bytes, else 1. */
export const topOf = (x: Tensor): number => (x.dtype === 'u8' ? 255 : 1)

/**
 * A parameter of n images. `check` says whether a number is allowed; `rule` says so in words. Tensors are not read, so their numbers
 * are not checked.
 */
export function parameterOf(
  name: string,
  what: string,
  value: PerImage,
  x: Tensor,
  rule = 'a number',
  check: (v: number) => boolean = () => true,
): Parameter {
  const n = x.shape[0] as number
  const allowed = (v: number): void => {
    if (!Number.isFinite(v) || !check(v)) throw new ValueError(`${name}: ${what} is ${v}; it is ${rule}`)
  }
  if (typeof value === 'number') {
    allowed(value)
    return value
  }
  if (!isTensor(value)) for (const v of value) allowed(v)
  const shape = isTensor(value) ? value.shape : [value.length]
  if (shape.length !== 1 || shape[0] !== n)
    throw new ShapeError(`${name}: ${what} is ${show(shape)} for ${n} images; it is a number, or one for each image`)
  return isTensor(value)
    ? cast(value, 'f64')
    : (tensor(Float64Array.from(value), { dtype: 'f64', device: x.device }) as Tensor)
}

/** A parameter in the dtype of the images, a tensor such that it broadcasts over (n, c, h, w). */
export function overPixels(p: Parameter, x: Tensor): Parameter {
  return typeof p === 'number' ? p : reshape(cast(p, x.dtype), [-1, 1, 1, 1])
}
