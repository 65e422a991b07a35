/**
 * Noise. Definition: torchvision.transforms.v2.GaussianNoise. Place in the whole: each image's noise is drawn natively from a seed that its
 * own random numbers give, so that it does not depend on the batch.
 */

import { known } from '../check.js'
import type { Random } from '../data/random.js'
import { ValueError } from '../errors.js'
import { add, mul } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { empty } from '../ops/creation.js'
import { FILLS, Generator, normal, type RandomOptions, uniform } from '../ops/random.js'
import { clamp, round } from '../ops/unary.js'
import { select } from '../ops/views.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkContext, eachRow, fieldsOf, type ImageTransform, withFields } from './batch.js'

/** A seed of 53 bits. */
export const seedOf = (random: Random): number => (random.bits() & 0x1fffff) * 2 ** 32 + random.bits()

/** Standard normal numbers in the shape of x: each row from its own seed. Of f64 for f64, else of f32. */
export function normalRows(seeds: readonly number[], x: Tensor): Tensor {
  return filledRows(seeds, x.shape, x, (shape, options) => normal(shape, 0, 1, options))
}

/** The same, uniform in [-1, 1), in a shape (n, ...). */
export function uniformRows(seeds: readonly number[], shape: Shape, x: Tensor): Tensor {
  return filledRows(seeds, shape, x, (shape, options) => uniform(shape, -1, 1, options))
}

function filledRows(
  seeds: readonly number[],
  shape: Shape,
  { dtype, device }: Tensor,
  fill: (shape: Shape, options: RandomOptions<'f64' | 'f32'>) => Tensor,
): Tensor {
  const options = { dtype: dtype === 'f64' ? 'f64' : 'f32', device } as const
  const rows: Tensor = empty(shape, options)
  seeds.forEach((seed, row) => {
    fill(shape.slice(1), { ...options, generator: new Generator(seed), [FILLS]: select(rows, 0, row) })
  })
  return rows
}

export interface NoiseOptions {
  /** Default 0. */
  mean?: number
  /** Standard deviation. Default 0.1. */
  sigma?: number
  /** Keeps floating-point images within 0 to 1. Default true; bytes always stay within 0 to 255. */
  clip?: boolean
}

/** Normal noise added to every value: in shares of the range of values, so the same for bytes and for numbers from 0 to 1. */
export function gaussianNoise(options: NoiseOptions = {}): ImageTransform {
  const name = 'gaussianNoise'
  known(name, options, ['mean', 'sigma', 'clip'])
  const { mean = 0, sigma = 0.1, clip = true } = options
  if (!Number.isFinite(mean)) throw new ValueError(`${name}: mean is ${mean}; it is a finite number`)
  if (!(sigma >= 0 && Number.isFinite(sigma))) throw new ValueError(`${name}: sigma is ${sigma}; it is at least 0`)
  return (batch, context) => {
    const { image } = fieldsOf(name, batch)
    checkContext(name, context, image.shape[0] as number)
    const noise = normalRows(eachRow(context, seedOf), image)
    if (image.dtype === 'u8') {
      const y = add(image, add(mul(noise, 255 * sigma), 255 * mean))
      return withFields(batch, { image: cast(clamp(round(y), 0, 255), 'u8') })
    }
    const y = cast(add(image, add(mul(noise, sigma), mean)), image.dtype)
    return withFields(batch, { image: clip ? clamp(y, 0, 1) : y })
  }
}
