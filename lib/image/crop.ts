/** Parts and mirror images. Definitions: torchvision.transforms.v2.functional. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { cast, clone } from '../ops/convert.js'
import { zerosLike } from '../ops/creation.js'
import { tidy } from '../ops/indices.js'
import { stack } from '../ops/join.js'
import { pad } from '../ops/pad.js'
import { flip } from '../ops/rearrange.js'
import { interpolate } from '../ops/resample.js'
import { where } from '../ops/select.js'
import { clamp, round } from '../ops/unary.js'
import { reshape, select } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { asBatch, checkImages } from './images.js'
import { type Interpolation, warpAffine } from './warp.js'

/** Images (..., c, h, w) with left and right exchanged; with `which`, a bool tensor (n), only those images. */
export function horizontalFlip(x: Tensor, which?: Tensor): Tensor {
  return mirrored('horizontalFlip', x, -1, which)
}

/** Images (..., c, h, w) upside down; with `which`, a bool tensor (n), only those images. */
export function verticalFlip(x: Tensor, which?: Tensor): Tensor {
  return mirrored('verticalFlip', x, -2, which)
}

function mirrored(name: string, x: Tensor, axis: number, which: Tensor | undefined): Tensor {
  checkImages(name, x)
  if (which === undefined) return flip(x, axis)
  if (which.dtype !== 'bool')
    throw new DTypeError(`${name}: a mask of ${which.dtype}; it is bool, true for the images to flip`)
  return tidy(() =>
    asBatch(x, (images) => {
      const n = images.shape[0] as number
      if (which.rank !== 1 || which.shape[0] !== n)
        throw new ShapeError(`${name}: a mask ${show(which.shape)} for ${n} images; it is (${n})`)
      return where(reshape(which, [n, 1, 1, 1]), flip(images, axis), images)
    }),
  )
}

/** A part of an image in pixels; what reaches beyond the image is black. */
export interface Box {
  top: number
  left: number
  height: number
  width: number
}

export interface ResizedCropOptions {
  /** Default 'bilinear'. */
  interpolation?: Interpolation | undefined
  /** Widens the filter where the image shrinks (not 'nearest'). Default true; boxes for each image need false. */
  antialias?: boolean | undefined
}

/**
 * A part of each image, resized to [height, width]: torchvision's `resized_crop`. `box` is one for all, or a tensor (n, 4) of top, left,
 * height and width for each image (of any floating-point dtype, and not whole numbers only), which are read through maps, without
 * antialiasing, and mix pixels of the image around a box at its edges.
 *
 * @throws ValueError for a box without pixels, and for boxes for each image with `antialias`
 */
export function resizedCrop(
  x: Tensor,
  box: Box | Tensor,
  size: readonly [number, number],
  { interpolation = 'bilinear', antialias }: ResizedCropOptions = {},
): Tensor {
  checkImages('resizedCrop', x)
  if ('dtype' in box) {
    if (antialias !== false)
      throw new ValueError('resizedCrop: boxes for each image are read without antialiasing; set antialias to false')
    return tidy(() => asBatch(x, (images) => boxes(images, box, size, interpolation)))
  }
  const sizes = [box.height, box.width]
  if (![box.top, box.left, ...sizes].every(Number.isInteger) || sizes.some((d) => d < 1))
    throw new ValueError(
      `resizedCrop: a box ${box.height} x ${box.width} at (${box.top}, ${box.left}); it has whole sizes of at least 1`,
    )
  const [h, w] = x.shape.slice(-2) as [number, number]
  return tidy(() =>
    asBatch(x, (images) => {
      const part = pad(images, [-box.left, box.left + box.width - w, -box.top, box.top + box.height - h])
      return resized(part, size, interpolation, antialias !== false && interpolation !== 'nearest')
    }),
  )
}

export interface ResizeOptions {
  /** Default 'bilinear'. */
  interpolation?: Interpolation | undefined
  /** Widens the filter where the image shrinks (not 'nearest'). Default true. */
  antialias?: boolean | undefined
}

/** Images (..., c, h, w) as (..., c, ...size), size [height, width]. Bytes are computed in f32 and rounded once. */
export function resize(
  x: Tensor,
  size: readonly [number, number],
  { interpolation = 'bilinear', antialias = true }: ResizeOptions = {},
): Tensor {
  checkImages('resize', x)
  return tidy(() =>
    asBatch(x, (images) => resized(images, size, interpolation, antialias && interpolation !== 'nearest')),
  )
}

/** As torchvision resizes: bytes as f32, rounded. */
function resized(x: Tensor, size: readonly [number, number], mode: Interpolation, antialias: boolean): Tensor {
  if (x.shape[2] === size[0] && x.shape[3] === size[1]) return clone(x)
  if (isFloating(x.dtype)) return interpolate(x, { size, mode, antialias })
  const y = round(interpolate(cast(x, 'f32'), { size, mode, antialias }))
  return cast(mode === 'bicubic' ? clamp(y, 0, 255) : y, 'u8')
}

function boxes(x: Tensor, box: Tensor, size: readonly [number, number], interpolation: Interpolation): Tensor {
  const [n, , h, w] = x.shape as [number, number, number, number]
  if (box.rank !== 2 || box.shape[0] !== n || box.shape[1] !== 4)
    throw new ShapeError(`resizedCrop: boxes ${show(box.shape)} for ${n} images; they are (${n}, 4)`)
  if (!isFloating(box.dtype)) throw new DTypeError(`resizedCrop: boxes of ${box.dtype}; convert them with .to('f32')`)
  const of = cast(box, 'f64')
  const [top, left, height, width] = [0, 1, 2, 3].map((i) => select(of, 1, i)) as [Tensor, Tensor, Tensor, Tensor]
  const none = zerosLike(top)
  // The middle of the box from -1 to 1.
  const middle = (start: Tensor, length: Tensor, d: number): Tensor => sub(div(add(mul(start, 2), length), d), 1)
  const rows = [div(width, w), none, middle(left, width, w), none, div(height, h), middle(top, height, h)]
  return warpAffine(x, reshape(stack(rows, 1), [n, 2, 3]), { size, interpolation, padding: 'border' })
}
