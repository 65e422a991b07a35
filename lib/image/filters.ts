/** Blur and sharpness of images: depthwise convolutions. Definitions: torchvision.transforms.v2.functional. */
import { ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { conv2d } from '../ops/conv.js'
import { cast, clone } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { tidy } from '../ops/indices.js'
import { pad } from '../ops/pad.js'
import { softmax } from '../ops/softmax.js'
import { clamp, neg, round, square } from '../ops/unary.js'
import { expand, narrow, reshape } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  asBatch,
  checkChannels,
  checkImages,
  overPixels,
  type Parameter,
  type PerImage,
  parameterOf,
  topOf,
} from './images.js'

/** f of the images as floating-point numbers, its result as they are: bytes are rounded. */
function inFloats(x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  return isFloating(x.dtype) ? f(x) : cast(round(clamp(f(cast(x, 'f32')), 0, 255)), 'u8')
}

/** The weights of a Gaussian at `size` places one apart, which add up to 1: (1, size), or (n, size) with a sigma for each image. */
function gaussian(size: number, sigma: Parameter, x: Tensor): Tensor {
  const dtype = isFloating(x.dtype) ? x.dtype : 'f32'
  const places = filled(new Float64Array(size), (i) => (i - (size - 1) / 2) / Math.SQRT2)
  const at = reshape(tensor(places, { dtype: 'f64', device: x.device }) as Tensor, [1, size])
  return cast(softmax(neg(square(div(at, isTensor(sigma) ? reshape(sigma, [-1, 1]) : sigma))), 1), dtype)
}

/**
 * Images (..., c, h, w) blurred by a Gaussian of kernelSize [height, width] (odd numbers), of standard deviation `sigma` pixels along both
 * axes: one for all or one for each image; default 0.15 of the kernel's size and 0.35. Borders are mirrored. Bytes are rounded.
 *
 * @throws ValueError for even sizes and for sigmas that are not positive
 * @throws ShapeError for images that are not larger than half of the kernel
 */
export function gaussianBlur(x: Tensor, kernelSize: number | readonly [number, number], sigma?: PerImage): Tensor {
  checkImages('gaussianBlur', x)
  const [kh, kw] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize
  for (const k of [kh, kw])
    if (!Number.isInteger(k) || k < 1 || k % 2 === 0)
      throw new ValueError(`gaussianBlur: a kernel of ${kh} x ${kw}; its sizes are odd`)
  const [h, w] = x.shape.slice(-2) as [number, number]
  const [dy, dx] = [(kh - 1) / 2, (kw - 1) / 2]
  if (x.numel > 0 && (dy >= h || dx >= w))
    throw new ShapeError(`gaussianBlur: a kernel of ${kh} x ${kw} mirrors more than there is of ${show(x.shape)}`)
  if (x.numel === 0) return clone(x)
  return tidy(() =>
    asBatch(x, (images) =>
      inFloats(images, (y) => {
        const [n, c] = y.shape as [number, number]
        const of = (k: number): Parameter =>
          sigma === undefined
            ? 0.15 * k + 0.35
            : parameterOf('gaussianBlur', 'sigma', sigma, images, 'above 0', (v) => v > 0)
        // One channel for each plane, as kernels may differ from image to image.
        const along = (t: Tensor, k: number, shape: [number, number]): Tensor => {
          const weights = expand(reshape(gaussian(k, of(k), y), [-1, 1, k]), [n, c, k])
          return conv2d(t, reshape(weights, [n * c, 1, ...shape]), null, { groups: n * c })
        }
        const planes = pad(reshape(y, [1, n * c, h, w]), [dx, dx, dy, dy], { mode: 'reflect' })
        return reshape(along(along(planes, kw, [1, kw]), kh, [kh, 1]), y.shape)
      }),
    ),
  )
}

/**
 * Images (..., c, h, w) of 1 or 3 channels blended with a smoothed form of themselves, by a factor from 0 on: 0 is smooth, 1 leaves them,
 * 2 sharpens. The outermost pixels stay, and so do images of at most 2 pixels a side.
 */
export function adjustSharpness(x: Tensor, factor: PerImage): Tensor {
  checkImages('adjustSharpness', x)
  checkChannels('adjustSharpness', x)
  const [h, w] = x.shape.slice(-2) as [number, number]
  return tidy(() =>
    asBatch(x, (images) => {
      const by = parameterOf('adjustSharpness', 'the factor', factor, images, 'at least 0', (v) => v >= 0)
      if (x.numel === 0 || h <= 2 || w <= 2) return clone(images)
      const real = isFloating(images.dtype) ? images : cast(images, 'f32')
      const c = images.shape[1] as number
      const weights = filled(new Float64Array(9), (i) => (i === 4 ? 5 : 1) / 13)
      const kernel = reshape(tensor(weights, { dtype: real.dtype, device: x.device }) as Tensor, [1, 1, 3, 3])
      const exact = conv2d(real, expand(kernel, [c, 1, 3, 3]), null, { groups: c })
      const smooth = images.dtype === 'u8' ? round(exact) : exact
      const middle = narrow(narrow(real, 2, 1, h - 2), 3, 1, w - 2)
      const share = overPixels(by, real)
      const change = mul(sub(smooth, middle), typeof share === 'number' ? 1 - share : sub(1, share))
      const y = clamp(add(real, pad(change, [1, 1, 1, 1])), 0, topOf(images))
      return images.dtype === 'u8' ? cast(y, 'u8') : y
    }),
  )
}
