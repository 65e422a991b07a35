/**
 * Brightness, contrast, saturation and hue, in any order, in one pass over the pixels; colour spaces. Definitions:
 * torchvision.transforms.v2.functional; floating-point colours from 0 to 1, bytes from 0 to 255. Where gradients are recorded
 * recolorComposed.ts does the same by other operators.
 */
import { needsGrad } from '../autograd/node.js'
import { DTypeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { clone } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { isTensor, makeMany } from '../ops/emit.js'
import { tidy } from '../ops/indices.js'
import { concat, stack } from '../ops/join.js'
import { expand } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { asBatch, checkChannels, checkImages, type Parameter, type PerImage, parameterOf } from './images.js'
import { composedStep, fromHsv, grayOf, toHsv } from './recolorComposed.js'

export type Adjustment = 'brightness' | 'contrast' | 'saturation' | 'hue'
/** What to adjust, and by which factor: of all images or of each. */
export type ColorStep = readonly [Adjustment, PerImage]

/** Numbers of steps in native/ops.def, and what their factors may be. */
const STEPS: Readonly<Record<Adjustment, { code: number; rule: string; check: (v: number) => boolean }>> = {
  brightness: { code: 0, rule: 'at least 0', check: (v) => v >= 0 },
  contrast: { code: 1, rule: 'at least 0', check: (v) => v >= 0 },
  saturation: { code: 2, rule: 'at least 0', check: (v) => v >= 0 },
  hue: { code: 3, rule: 'between -0.5 and 0.5', check: (v) => Math.abs(v) <= 0.5 },
}
const [TO_HSV, FROM_HSV, GRAY] = [4, 5, 6]
const MOST_STEPS = 16

/**
 * Images (..., c, h, w) of 1 or 3 channels after the steps, one after the other, in one pass (and one more reading for each contrast,
 * for its mean): the same as `adjustBrightness` and the others in turn. torchvision's ColorJitter is this with random factors in random
 * order. u8 and floating-point; differentiable by images and factors. Saturation and hue leave gray images as they are.
 *
 * @throws ShapeError for other numbers of channels, ValueError for factors out of their ranges, or more than 16 steps
 */
export function recolor(x: Tensor, steps: readonly ColorStep[]): Tensor {
  return recolored('recolor', x, steps)
}

/** Images times a factor from 0 on: 0 is black, 1 leaves them. See `recolor`. */
export function adjustBrightness(x: Tensor, factor: PerImage): Tensor {
  return recolored('adjustBrightness', x, [['brightness', factor]])
}
/** Away from the mean gray of each image by a factor from 0 on: 0 is that gray, 1 leaves the images. See `recolor`. */
export function adjustContrast(x: Tensor, factor: PerImage): Tensor {
  return recolored('adjustContrast', x, [['contrast', factor]])
}
/** Away from each pixel's gray by a factor from 0 on: 0 is gray, 1 leaves the images. See `recolor`. */
export function adjustSaturation(x: Tensor, factor: PerImage): Tensor {
  return recolored('adjustSaturation', x, [['saturation', factor]])
}
/** Hues turned by a share of the circle from -0.5 to 0.5. See `recolor`. */
export function adjustHue(x: Tensor, factor: PerImage): Tensor {
  return recolored('adjustHue', x, [['hue', factor]])
}

function recolored(name: string, x: Tensor, steps: readonly ColorStep[]): Tensor {
  checkImages(name, x)
  checkChannels(name, x)
  if (steps.length > MOST_STEPS)
    throw new ValueError(`${name}: ${steps.length} steps; at most ${MOST_STEPS} fit one pass`)
  for (const [what] of steps)
    if (!(what in STEPS))
      throw new ValueError(`${name}: '${String(what)}' is not one of ${Object.keys(STEPS).join(', ')}`)
  return tidy(() =>
    asBatch(x, (images) => {
      const wanted = steps.map(([what, factor]): [Adjustment, Parameter] => [
        what,
        parameterOf(name, `the factor of ${what}`, factor, images, STEPS[what].rule, STEPS[what].check),
      ])
      const gray = x.shape.at(-3) === 1
      const taken = wanted.filter(([what]) => !gray || what === 'brightness' || what === 'contrast')
      if (taken.length === 0) return clone(images)
      const factors = taken.map(([, f]) => f)
      if (isFloating(x.dtype) && (needsGrad(images) || factors.some((f) => isTensor(f) && needsGrad(f))))
        return taken.reduce((y, [what, f]) => composedStep(y, what, f), images)
      const codes = taken.map(([what]) => STEPS[what].code)
      return inOnePass(images, codes, factors, images.shape[1] as number)
    }),
  )
}

function inOnePass(x: Tensor, codes: readonly number[], factors: readonly Parameter[], channels: number): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number]
  const options = { dtype: 'f64', device: x.device } as const
  const columns = factors.every((f) => typeof f === 'number')
    ? expand(tensor(Float64Array.from(factors as number[]), options) as Tensor, [n, codes.length])
    : stack(
        factors.map((f) => (isTensor(f) ? f : expand(tensor([f], options) as Tensor, [n]))),
        1,
      )
  const ns = n * c * h * w * (0.3 + 0.5 * codes.length)
  return makeMany('recolor', OP.recolor, [{ dtype: x.dtype, shape: [n, channels, h, w] }], [x, columns], codes, ns)[0]!
}

/** A step that is a change of colour space. */
function converted(name: string, x: Tensor, code: number, channels: number, composed: (x: Tensor) => Tensor): Tensor {
  checkImages(name, x)
  checkChannels(name, x, true)
  return tidy(() =>
    asBatch(x, (images) => (needsGrad(images) ? composed(images) : inOnePass(images, [code], [0], channels))),
  )
}

/**
 * 0.2989 red + 0.587 green + 0.114 blue (ITU-R BT.601) of images (..., 3, h, w): (..., 1, h, w), or with 3 channels three times the
 * same. Images of 1 channel stay. Bytes are rounded down.
 */
export function rgbToGrayscale(x: Tensor, { channels = 1 }: { channels?: 1 | 3 } = {}): Tensor {
  checkImages('rgbToGrayscale', x)
  checkChannels('rgbToGrayscale', x)
  if (channels !== 1 && channels !== 3)
    throw new ValueError(`rgbToGrayscale: ${String(channels)} channels; the result has 1 or 3`)
  return tidy(() => {
    const gray = x.shape.at(-3) === 1 ? clone(x) : converted('rgbToGrayscale', x, GRAY, 1, grayOf)
    return channels === 1 ? gray : concat([gray, gray, gray], -3)
  })
}

/**
 * Hue (in turns, 0 to 1), saturation and value of colours from 0 to 1: images (..., 3, h, w) of floating-point numbers. Of gray, hue and
 * saturation are 0. Definition: Smith, "Color gamut transform pairs", 1978.
 */
export function rgbToHsv(x: Tensor): Tensor {
  floating('rgbToHsv', x)
  return converted('rgbToHsv', x, TO_HSV, 3, toHsv)
}

/** The inverse of `rgbToHsv`; hues count modulo 1. */
export function hsvToRgb(x: Tensor): Tensor {
  floating('hsvToRgb', x)
  return converted('hsvToRgb', x, FROM_HSV, 3, fromHsv)
}

function floating(name: string, x: Tensor): void {
  if (!isFloating(x.dtype))
    throw new DTypeError(`${name}: takes floating-point images, got ${x.dtype}; divide bytes by 255`)
}
