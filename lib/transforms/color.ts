/**
 * Colours, tones and sharpness by chance. Definitions: torchvision.transforms.v2, images of bytes or from 0 to 1, of 1 or 3 channels. Place in
 * the whole: functions of lib/image with each image's own parameters; boxes, masks and keypoints stay as they are.
 */

import { known } from '../check.js'
import type { Random } from '../data/random.js'
import { ValueError } from '../errors.js'
import { adjustSharpness, gaussianBlur as blur } from '../image/filters.js'
import { checkChannels } from '../image/images.js'
import { autocontrast, equalize, invert, posterize, solarize } from '../image/levels.js'
import { type Adjustment, recolor, rgbToGrayscale } from '../image/recolor.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  byGroups,
  checkContext,
  eachRow,
  type FixedTransform,
  fieldsOf,
  type ImageTransform,
  onImages,
  onRows,
  withFields,
} from './batch.js'
import { chance, type Range, rangeAround, rangeOf, whole } from './options.js'

export interface ChanceOptions {
  /** The chance of each image. Default 0.5, of randomGrayscale 0.1. */
  p?: number
}

/** f of each image with chance p; f that takes 1 or 3 channels says so, so that images are refused whatever is drawn. */
function sometimes(
  name: string,
  options: ChanceOptions,
  usual: number,
  f: (x: Tensor) => Tensor,
  anyChannels = false,
): ImageTransform {
  known(name, options, ['p'])
  const p = chance(name, options.p ?? usual)
  return (batch, context) => {
    const { image } = fieldsOf(name, batch)
    if (!anyChannels) checkChannels(name, image)
    checkContext(name, context, image.shape[0] as number)
    const which = eachRow(context, (random) => random.uniform() < p)
    return withFields(batch, { image: onRows(name, image, which, f) })
  }
}

export interface JitterOptions {
  /** Factors from 1 - brightness (at least 0) to 1 + brightness, or in [lowest, highest]. Default: unchanged. */
  brightness?: Range
  /** As brightness. */
  contrast?: Range
  /** As brightness. */
  saturation?: Range
  /** Turns of the colour circle from -hue to hue, at most 0.5, or in [lowest, highest]. Default: unchanged. */
  hue?: Range
}
const ADJUSTMENTS: readonly Adjustment[] = ['brightness', 'contrast', 'saturation', 'hue']

/** Each image's brightness, contrast, saturation and hue changed by random factors, in random order. */
export function colorJitter(options: JitterOptions): ImageTransform {
  const name = 'colorJitter'
  known(name, options, ADJUSTMENTS)
  const ranges = ADJUSTMENTS.flatMap((what): [Adjustment, readonly [number, number]][] => {
    const value = options[what]
    if (value === undefined) return []
    const hue = what === 'hue'
    return [[what, rangeAround(name, what, value, hue ? 0 : 1, hue ? -0.5 : 0, hue ? 0.5 : Infinity)]]
  })
  const draw = (random: Random): { order: Adjustment[]; factors: Map<Adjustment, number> } => {
    const order = ranges.map(([what]) => what)
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.int(i + 1)
      const swapped = order[i] as Adjustment
      order[i] = order[j] as Adjustment
      order[j] = swapped
    }
    return { order, factors: new Map(ranges.map(([what, range]) => [what, random.between(...range)])) }
  }
  return (batch, context) => {
    const { image } = fieldsOf(name, batch)
    checkChannels(name, image)
    checkContext(name, context, image.shape[0] as number)
    if (ranges.length === 0) return batch
    const drawn = eachRow(context, draw)
    const orders = drawn.map(({ order }) => order.join())
    const jittered = byGroups(name, image, orders, (x, rows) => {
      const { order } = drawn[rows[0] as number] as (typeof drawn)[number]
      return recolor(
        x,
        order.map((what) => [what, rows.map((row) => drawn[row]?.factors.get(what) as number)]),
      )
    })
    return withFields(batch, { image: jittered })
  }
}

/** Images of 1 channel, or of 3 equal ones. */
export function grayscale({ channels = 1, ...rest }: { channels?: 1 | 3 } = {}): FixedTransform {
  known('grayscale', rest, ['channels'])
  if (channels !== 1 && channels !== 3) throw new ValueError(`grayscale: ${String(channels)} channels; it is 1 or 3`)
  return (batch) => onImages('grayscale', batch, (x) => rgbToGrayscale(x, { channels }))
}

/** With chance p (default 0.1) gray, with as many channels as before. */
export function randomGrayscale(options: ChanceOptions = {}): ImageTransform {
  return sometimes('randomGrayscale', options, 0.1, (x) => (x.shape[1] === 1 ? x : rgbToGrayscale(x, { channels: 3 })))
}

/** With chance p (default 0.5) inverted. */
export function randomInvert(options: ChanceOptions = {}): ImageTransform {
  return sometimes('randomInvert', options, 0.5, invert, true)
}

/** With chance p (default 0.5) with `bits` bits a channel, 0 to 8. */
export function randomPosterize(bits: number, options: ChanceOptions = {}): ImageTransform {
  if (whole('randomPosterize', 'bits', bits, 0) > 8) throw new ValueError(`randomPosterize: ${bits} bits; at most 8`)
  return sometimes('randomPosterize', options, 0.5, (x) => posterize(x, bits), true)
}

/** With chance p (default 0.5) inverted where values are at least `threshold`, which is in the images' units. */
export function randomSolarize(threshold: number, options: ChanceOptions = {}): ImageTransform {
  if (!Number.isFinite(threshold))
    throw new ValueError(`randomSolarize: threshold is ${threshold}; it is a finite number`)
  return sometimes('randomSolarize', options, 0.5, (x) => solarize(x, threshold), true)
}

/** With chance p (default 0.5) blended with a smoothed form: a factor of 0 is smooth, 1 unchanged, 2 sharpened. */
export function randomAdjustSharpness(factor: number, options: ChanceOptions = {}): ImageTransform {
  rangeOf('randomAdjustSharpness', 'factor', [factor, factor], 0)
  return sometimes('randomAdjustSharpness', options, 0.5, (x) => adjustSharpness(x, factor))
}

/** With chance p (default 0.5) each channel stretched to the whole range of values. */
export function randomAutocontrast(options: ChanceOptions = {}): ImageTransform {
  return sometimes('randomAutocontrast', options, 0.5, autocontrast)
}

/** With chance p (default 0.5) each channel's histogram spread evenly. */
export function randomEqualize(options: ChanceOptions = {}): ImageTransform {
  return sometimes('randomEqualize', options, 0.5, equalize, true)
}

export interface BlurOptions {
  /** The standard deviation in pixels, drawn from [lowest, highest], or fixed. Default [0.1, 2]. */
  sigma?: Range
}

/** Each image blurred by a Gaussian of kernelSize (odd; one number or [height, width]) with a random standard deviation. */
export function gaussianBlur(
  kernelSize: number | readonly [number, number],
  options: BlurOptions = {},
): ImageTransform {
  const name = 'gaussianBlur'
  known(name, options, ['sigma'])
  for (const k of typeof kernelSize === 'number' ? [kernelSize] : kernelSize)
    if (!Number.isInteger(k) || k < 1 || k % 2 === 0)
      throw new ValueError(`${name}: a kernel of ${String(kernelSize)}; its sizes are odd numbers of at least 1`)
  const { sigma = [0.1, 2] } = options
  const [least, most] = rangeOf(name, 'sigma', typeof sigma === 'number' ? [sigma, sigma] : sigma)
  if (!(least > 0)) throw new ValueError(`${name}: sigma from ${least}; it is above 0`)
  return (batch, context) => {
    const { image } = fieldsOf(name, batch)
    checkContext(name, context, image.shape[0] as number)
    const sigmas = eachRow(context, (random) => random.between(least, most))
    return withFields(batch, { image: sigmas.length === 0 ? image : blur(image, kernelSize, sigmas) })
  }
}
