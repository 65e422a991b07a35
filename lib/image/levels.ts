/**
 * Maps of single values: gamma, levels, inversion, contrast and histogram of each channel. Definitions: torchvision.transforms.v2.functional
 * and PIL.ImageOps. A map of bytes that is more than a few bits' work is made for all 256 once, and looked up.
 */
import { DTypeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { div, eq, ge, mul, pow, sub } from '../ops/binary.js'
import { bitwiseAnd, bitwiseNot } from '../ops/bitwise.js'
import { cast, clone } from '../ops/convert.js'
import { arange, tensor } from '../ops/creation.js'
import { isTensor, make, NO_ATTRIBUTES } from '../ops/emit.js'
import { tidy } from '../ops/indices.js'
import { amax, amin } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { clamp, floor } from '../ops/unary.js'
import { expand, reshape } from '../ops/views.js'
import { numelOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { asBatch, checkChannels, checkImages, overPixels, type PerImage, parameterOf, topOf } from './images.js'

/** From 0 to 1 to a byte, as torchvision scales: 256 equal shares, but for the outermost. */
const SHARES = 255.999

/** Bytes x (n, c, h, w) through tables (planes, 256), for all planes or, repeated, for fewer. */
function through(x: Tensor, table: Tensor): Tensor {
  const planes = (x.shape[0] as number) * (x.shape[1] as number)
  const m = (x.shape[2] as number) * (x.shape[3] as number)
  const each = planes / Math.max(1, table.shape[0] as number)
  const tables = reshape(expand(reshape(table, [-1, 1, 256]), [table.shape[0] as number, each, 256]), [planes, 256])
  const y = make(
    'lookup',
    OP.lookup,
    'u8',
    [planes, m],
    reshape(x, [planes, m]),
    tables,
    NO_ATTRIBUTES,
    planes * m * 0.6,
  )
  return reshape(y, x.shape)
}

export interface GammaOptions {
  /** Default 1. */
  gain?: number | undefined
}

/**
 * gain x^gamma of images (..., c, h, w) from 0 to 1, kept there; of bytes the same of their 255th part. gamma is one number or one for
 * each image.
 *
 * @throws ValueError for a negative gamma
 */
export function adjustGamma(x: Tensor, gamma: PerImage, { gain = 1 }: GammaOptions = {}): Tensor {
  checkImages('adjustGamma', x)
  return tidy(() =>
    asBatch(x, (images) => {
      const by = parameterOf('adjustGamma', 'gamma', gamma, images, 'at least 0', (v) => v >= 0)
      const curve = (v: Tensor, exponent: Tensor | number): Tensor => {
        const y = pow(v, exponent)
        return gain === 1 ? y : clamp(mul(y, gain), 0, 1)
      }
      if (images.dtype !== 'u8') return curve(images, overPixels(by, images))
      const ramp = div(arange(256, undefined, 1, { dtype: 'f64', device: x.device }), 255)
      const rows = curve(reshape(ramp, [1, 256]), isTensor(by) ? reshape(by, [-1, 1]) : by)
      return through(images, cast(mul(rows, SHARES), 'u8'))
    }),
  )
}

/**
 * Images (..., c, h, w) with `bits` bits a channel, 0 to 8: of bytes the upper ones stay; numbers from 0 to 1 are rounded down to as many
 * levels. One number, or one for each image.
 */
export function posterize(x: Tensor, bits: PerImage): Tensor {
  checkImages('posterize', x)
  return tidy(() =>
    asBatch(x, (images) => {
      const allowed = (v: number): boolean => Number.isInteger(v) && v >= 0 && v <= 8
      const by = parameterOf('posterize', 'bits', bits, images, 'a whole number from 0 to 8', allowed)
      const levels = isTensor(by) ? pow(2, by) : 2 ** by
      if (images.dtype === 'u8') {
        // 256 - 256 / levels: the upper bits.
        const mask = isTensor(levels)
          ? reshape(cast(sub(256, div(256, levels)), 'u8'), [-1, 1, 1, 1])
          : (tensor(Uint8Array.of(256 - 256 / levels), { device: x.device }) as Tensor)
        return bitwiseAnd(images, mask)
      }
      const k = overPixels(levels, images)
      const top = typeof k === 'number' ? k - 1 : sub(k, 1)
      return div(clamp(floor(mul(images, k)), 0, top), k)
    }),
  )
}

/** 1 - x of images (..., c, h, w), of bytes 255 - x. */
export function invert(x: Tensor): Tensor {
  checkImages('invert', x)
  return x.dtype === 'u8' ? bitwiseNot(x) : sub(1, x)
}

/**
 * Images (..., c, h, w) with what is at least `threshold` inverted. One number, or one for each image.
 *
 * @throws ValueError for a threshold above the largest value, 1 or, of bytes, 255
 */
export function solarize(x: Tensor, threshold: PerImage): Tensor {
  checkImages('solarize', x)
  const top = topOf(x)
  return tidy(() =>
    asBatch(x, (images) => {
      const by = parameterOf('solarize', 'the threshold', threshold, images, `at most ${top}`, (v) => v <= top)
      const bound = isTensor(by) ? reshape(by, [-1, 1, 1, 1]) : by
      return where(ge(images, bound), invert(images), images)
    }),
  )
}

/** Each channel stretched so that its darkest value becomes 0 and its brightest 1 or, of bytes, 255; even channels stay. */
export function autocontrast(x: Tensor): Tensor {
  checkImages('autocontrast', x)
  checkChannels('autocontrast', x)
  if (x.numel === 0) return clone(x)
  return tidy(() =>
    asBatch(x, (images) => {
      const keep = { keepDim: true } as const
      const [least, most] = [amin(images, [2, 3], keep), amax(images, [2, 3], keep)] as [Tensor, Tensor]
      if (images.dtype !== 'u8') return stretched(images, least, most, 1)
      const row = (t: Tensor): Tensor => reshape(cast(t, 'f32'), [-1, 1])
      const ramp = reshape(arange(256, undefined, 1, { dtype: 'f32', device: x.device }), [1, 256])
      return through(images, cast(stretched(ramp, row(least), row(most), 255), 'u8'))
    }),
  )
}

function stretched(x: Tensor, least: Tensor, most: Tensor, top: number): Tensor {
  const even = eq(most, least)
  const scale = where(even, 1, mul(sub(most, least), 1 / top))
  return clamp(div(sub(x, where(even, 0, least)), scale), 0, top)
}

/**
 * The histogram of each channel spread evenly: PIL.ImageOps.equalize. Floating-point images go through bytes. Not differentiable: a
 * step function.
 *
 * @throws DTypeError while gradients of x are recorded
 */
export function equalize(x: Tensor): Tensor {
  checkImages('equalize', x)
  if (x.requiresGrad)
    throw new DTypeError('equalize: a step function has no gradient; call it inside noGrad, or on x.detach()')
  if (x.numel === 0) return clone(x)
  return tidy(() =>
    asBatch(x, (images) => {
      if (images.dtype === 'u8') return equalized(images)
      const bytes = cast(clamp(mul(cast(images, images.dtype === 'f64' ? 'f64' : 'f32'), SHARES), 0, 255), 'u8')
      return cast(div(cast(equalized(bytes), images.dtype === 'f64' ? 'f64' : 'f32'), 255), images.dtype)
    }),
  )
}

function equalized(x: Tensor): Tensor {
  const planes = (x.shape[0] as number) * (x.shape[1] as number)
  const m = numelOf(x.shape) / planes
  const flat = reshape(x, [planes, m])
  return through(x, make('equalize', OP.equalizing, 'u8', [planes, 256], flat, null, NO_ATTRIBUTES, planes * m * 0.5))
}
