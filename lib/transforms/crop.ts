/**
 * Padding, crops and sizes. Definitions: torchvision.transforms.v2. Place in the whole: changes of windows.ts and resampling; each image's
 * window from its own random numbers.
 */

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { type Box, resizedCrop, resize as resizeImages } from '../image/crop.js'
import type { Interpolation } from '../image/warp.js'
import { concat } from '../ops/join.js'
import { narrow } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkContext, eachRow, type FixedTransform, type ImageTransform } from './batch.js'
import { changed, type Matrix, moved, type Size } from './change.js'
import { interpolationOf, positiveRange, rangeOf, roundEven, sizeOf, whole } from './options.js'
import { checkPadding, middleStart, PADDING, type Padding, type PaddingOptions, sidesOf, windowed } from './windows.js'

/** Images with pixels around them. Boxes and keypoints move along. */
export function pad(padding: Padding, options: PaddingOptions = {}): FixedTransform {
  known('pad', options, PADDING)
  checkPadding('pad', options)
  const { left, top, right, bottom } = sidesOf('pad', padding)
  return (batch) =>
    changed('pad', batch, ([h, w]) =>
      windowed([h, w], [h + top + bottom, w + left + right], [{ top: -top, left: -left }], options),
    )
}

/** The middle of each image, of `size` (a number: a square); zeros around images that are smaller. */
export function centerCrop(size: number | Size): FixedTransform {
  const [oh, ow] = sizeOf('centerCrop', size)
  return (batch) =>
    changed('centerCrop', batch, ([h, w]) =>
      windowed([h, w], [oh, ow], [{ top: middleStart(h, oh, roundEven), left: middleStart(w, ow, roundEven) }]),
    )
}

export interface CropOptions extends PaddingOptions {
  /** Pixels around the images before they are cropped. Default 0. */
  padding?: Padding
  /** Also pads images that are smaller than the crop, on both sides by all that is missing. Default false. */
  padIfNeeded?: boolean
}

/**
 * A part of `size` (a number: a square) of each image, padded or not, from a random place.
 * @throws ShapeError, when called, for images (with their padding) that are smaller than the crop
 */
export function randomCrop(size: number | Size, options: CropOptions = {}): ImageTransform {
  const name = 'randomCrop'
  known(name, options, ['padding', 'padIfNeeded', ...PADDING])
  checkPadding(name, options)
  const [oh, ow] = sizeOf(name, size)
  const { left, top, right, bottom } = sidesOf(name, options.padding ?? 0)
  // The first place and how many there are.
  const places = (d: number, before: number, after: number, part: number): [number, number] => {
    const missing = options.padIfNeeded === true ? Math.max(0, part - (d + before + after)) : 0
    return [-before - missing, d + before + after + 2 * missing - part + 1]
  }
  return (batch, context) =>
    changed(name, batch, ([h, w], { image }) => {
      checkContext(name, context, image.shape[0] as number)
      const [firstTop, tops] = places(h, top, bottom, oh)
      const [firstLeft, lefts] = places(w, left, right, ow)
      if (tops < 1 || lefts < 1)
        throw new ShapeError(
          `${name}: a crop of ${oh} x ${ow} from images of ${h} x ${w} with padding [${[left, top, right, bottom].join(', ')}]; pad more, or set padIfNeeded`,
        )
      const starts = eachRow(context, (random) => ({
        top: firstTop + random.int(tops),
        left: firstLeft + random.int(lefts),
      }))
      // An empty batch also gets its size.
      return windowed([h, w], [oh, ow], starts.length === 0 ? [{ top: firstTop, left: firstLeft }] : starts, options)
    })
}

export interface ResampleOptions {
  /** Default 'bilinear'. Masks are read by 'nearest' always. */
  interpolation?: Interpolation
  /** Widens the filter where images shrink (not 'nearest'). Default true. */
  antialias?: boolean
}
const RESAMPLE = ['interpolation', 'antialias'] as const

export interface ResizeOptions extends ResampleOptions {
  /** The longer side at most, for a size of one number: it makes the shorter side less where needed. Default: no limit. */
  maxSize?: number
}

/** Images of a size: one number is that of the shorter side, and sides keep their proportion. */
export function resize(size: number | Size, options: ResizeOptions = {}): FixedTransform {
  const name = 'resize'
  known(name, options, [...RESAMPLE, 'maxSize'])
  const how = resampling(name, options)
  const asked = sizeOf(name, size)
  const { maxSize } = options
  if (maxSize !== undefined) {
    whole(name, 'maxSize', maxSize, 1)
    if (typeof size !== 'number' || maxSize <= size)
      throw new ValueError(`${name}: maxSize ${maxSize} is for a size of one number below it, got ${String(size)}`)
  }
  return (batch) =>
    changed(name, batch, ([h, w]) => {
      const to = typeof size === 'number' ? proportional([h, w], size, maxSize) : asked
      const [sy, sx] = [h / to[0], w / to[1]]
      return {
        size: to,
        points: (x) => moved(x, [[sx, 0, 0, 0, sy, 0, 0, 0, 1]], [h, w], to),
        image: (x) => resizeImages(x, to, how),
        mask: (x) => resizeImages(x, to, { interpolation: 'nearest' }),
      }
    })
}

/** torchvision's rounding: downwards. */
function proportional([h, w]: Size, size: number, maxSize = Number.POSITIVE_INFINITY): Size {
  const [short, long] = [Math.min(h, w), Math.max(h, w)]
  let [shorter, longer] = [size, Math.trunc((size * long) / short)]
  if (longer > maxSize) {
    shorter = Math.max(1, Math.trunc((maxSize * shorter) / longer))
    longer = maxSize
  }
  return h <= w ? [shorter, longer] : [longer, shorter]
}

export interface ResizedCropOptions extends ResampleOptions {
  /** The least and the largest share of the image's area. Default [0.08, 1]. */
  scale?: readonly [number, number]
  /** The least and the largest width over height. Default [3/4, 4/3]. */
  ratio?: readonly [number, number]
}

/**
 * A part of each image of random area, proportion and place, resized to `size` (a number: a square): the usual augmentation for ImageNet
 * (Szegedy et al. 2015). After ten parts that do not fit, the largest middle one that the ratios allow.
 */
export function randomResizedCrop(size: number | Size, options: ResizedCropOptions = {}): ImageTransform {
  const name = 'randomResizedCrop'
  known(name, options, [...RESAMPLE, 'scale', 'ratio'])
  const how = resampling(name, options)
  const to = sizeOf(name, size)
  const scale = rangeOf(name, 'scale', options.scale ?? [0.08, 1], 0, 1)
  const ratio = positiveRange(name, 'ratio', options.ratio ?? [3 / 4, 4 / 3])
  return (batch, context) =>
    changed(name, batch, (from, { image }) => {
      checkContext(name, context, image.shape[0] as number)
      const boxes = eachRow(context, (random) => partOf(random, from, scale, ratio))
      // Parts of different sizes: a call for each image, which a filter as wide as its own reduction needs.
      const parts = (x: Tensor, rule: ResampleOptions): Tensor =>
        boxes.length === 0
          ? resizeImages(x, to, rule)
          : concat(
              boxes.map((box, row) => resizedCrop(narrow(x, 0, row, 1), box, to, rule)),
              0,
            )
      return {
        size: to,
        points: (x) =>
          moved(
            x,
            boxes.map((box) => boxMatrix(box, from, to)),
            from,
            to,
          ),
        image: (x) => parts(x, how),
        mask: (x) => parts(x, { interpolation: 'nearest' }),
      }
    })
}

function partOf(
  random: { uniform(): number; int(n: number): number; between(a: number, b: number): number },
  [h, w]: Size,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): Box {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = h * w * random.between(...scale)
    const aspect = Math.exp(random.between(Math.log(ratio[0]), Math.log(ratio[1])))
    const [width, height] = [roundEven(Math.sqrt(area * aspect)), roundEven(Math.sqrt(area / aspect))]
    if (width >= 1 && width <= w && height >= 1 && height <= h)
      return { top: random.int(h - height + 1), left: random.int(w - width + 1), height, width }
  }
  const proportion = w / h
  const width = proportion > ratio[1] ? Math.max(1, roundEven(h * ratio[1])) : w
  const height = proportion < ratio[0] ? Math.max(1, roundEven(w / ratio[0])) : h
  return { top: Math.floor((h - height) / 2), left: Math.floor((w - width) / 2), height, width }
}

function boxMatrix({ top, left, height, width }: Box, [h, w]: Size, [oh, ow]: Size): Matrix {
  return [width / ow, 0, left + (width - w) / 2, 0, height / oh, top + (height - h) / 2, 0, 0, 1]
}

function resampling(
  name: string,
  { interpolation = 'bilinear', antialias = true }: ResampleOptions,
): Required<ResampleOptions> {
  interpolationOf(name, interpolation)
  if (typeof antialias !== 'boolean')
    throw new ValueError(`${name}: antialias is ${String(antialias)}; it is true or false`)
  return { interpolation, antialias }
}
