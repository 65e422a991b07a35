/**
 * Dropout: of elements, of whole channels, and the forms that keep the moments of SELU networks. Place in the whole: layers call
 * these with their training flag; not training, each is the identity.
 */
import { needsGrad, record } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { noteDraw } from '../tensor/batched.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { zerosLike } from './creation.js'
import { make, method } from './emit.js'
import { bernoulli, defaultGenerator, type Generator } from './random.js'
import { squeeze, unsqueeze } from './views.js'

export interface DropoutOptions {
  /** Default true. */
  training?: boolean
  generator?: Generator
}

function check(name: string, x: Tensor, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`${name}: ${p} is not a probability`)
  if (!isFloating(x.dtype)) throw new DTypeError(`${name}: a ${x.dtype} tensor; it takes floating-point tensors`)
}

/** Zeroes elements with probability p and scales the others by 1 / (1 - p); the identity when not training. */
export function dropout<D extends DType, S extends Shape>(
  x: Tensor<D, S>,
  p = 0.5,
  options?: DropoutOptions,
): Tensor<D, S> {
  check('dropout', x, p)
  if (options?.training === false || p === 0) return x
  if (p === 1) return nothing('dropout', x)
  // The mask is a function of the counter, so backward draws it again instead of keeping it.
  const stream = (options?.generator ?? defaultGenerator).take(Math.ceil(x.numel / 4))
  return masked(x, noteDraw([...stream, p]))
}

/** x where the draw of `attributes` keeps it, scaled, else 0. */
export function masked<D extends DType, S extends Shape>(x: Tensor<D, S>, attributes: readonly number[]): Tensor<D, S> {
  const y = make('dropout', OP.dropout, x.dtype, x.shape, x, null, attributes, x.numel)
  if (needsGrad(x)) record('dropout', y, [x], null, (g) => [masked(g, attributes)])
  return y
}

function nothing<D extends DType, S extends Shape>(name: string, x: Tensor<D, S>): Tensor<D, S> {
  const y = zerosLike(x)
  if (needsGrad(x)) record(name, y, [x], null, (g) => [zerosLike(g)])
  return y
}

/** 1 with probability 1 - p for each sample and channel, else 0, to be broadcast over what x has beyond them. */
function channels(name: string, x: Tensor, p: number, options: DropoutOptions | undefined): Tensor {
  if (x.rank < 2) throw new ShapeError(`${name}: takes (samples, channels, ...), got ${show(x.shape)}`)
  const shape = x.shape.map((d, i) => (i < 2 ? d : 1))
  return keep(shape, x, p, options)
}

function keep(shape: Shape, x: Tensor, p: number, options: DropoutOptions | undefined): Tensor {
  const generator = options?.generator
  return bernoulli(shape, 1 - p, { dtype: x.dtype, device: x.device, ...(generator ? { generator } : {}) }) as Tensor
}

function ofChannels<D extends DType>(name: string, x: Tensor<D>, p: number, options?: DropoutOptions): Tensor<D> {
  check(name, x, p)
  if (options?.training === false || p === 0) return x
  if (p === 1) return nothing(name, x)
  return x.mul(channels(name, x, p, options).div(1 - p)) as Tensor<D>
}

/** Zeroes whole channels of (samples, channels, length), or of one sample (channels, length). */
export function dropout1d<D extends DType>(x: Tensor<D>, p = 0.5, options?: DropoutOptions): Tensor<D> {
  if (x.rank !== 2 && x.rank !== 3)
    throw new ShapeError(`dropout1d: takes (samples, channels, length) or (channels, length), got ${show(x.shape)}`)
  if (x.rank === 3) return ofChannels('dropout1d', x, p, options)
  return squeeze(ofChannels('dropout1d', unsqueeze(x, 0), p, options), 0)
}

/** Zeroes whole channels of (samples, channels, height, width); the first two axes are those of samples and channels. */
export function dropout2d<D extends DType>(x: Tensor<D>, p = 0.5, options?: DropoutOptions): Tensor<D> {
  return ofChannels('dropout2d', x, p, options)
}

/** Zeroes whole channels of (samples, channels, depth, height, width); the first two axes are those of samples and channels. */
export function dropout3d<D extends DType>(x: Tensor<D>, p = 0.5, options?: DropoutOptions): Tensor<D> {
  return ofChannels('dropout3d', x, p, options)
}

/** What SELU tends to for large negative x: -scale * alpha (Klambauer et al. 2017, "Self-normalizing neural networks"). */
const SATURATED = -1.7580993408473766

/** x where kept and SATURATED elsewhere, scaled and shifted so that mean 0 and variance 1 remain. */
function alpha<D extends DType>(name: string, x: Tensor<D>, p: number, mask: () => Tensor): Tensor<D> {
  if (p === 1) return nothing(name, x)
  const a = 1 / Math.sqrt((1 - p) * (1 + p * SATURATED ** 2))
  const kept = mask()
  return x.mul(kept.mul(a)).add(kept.mul(-a * SATURATED).add(a * SATURATED * (1 - p))) as Tensor<D>
}

/** Dropout that keeps mean 0 and variance 1: dropped elements become SELU's lower bound. The identity when not training. */
export function alphaDropout<D extends DType>(x: Tensor<D>, p = 0.5, options?: DropoutOptions): Tensor<D> {
  check('alphaDropout', x, p)
  if (options?.training === false || p === 0) return x
  return alpha('alphaDropout', x, p, () => keep(x.shape, x, p, options))
}

/** `alphaDropout` of whole channels of (samples, channels, ...). */
export function featureAlphaDropout<D extends DType>(x: Tensor<D>, p = 0.5, options?: DropoutOptions): Tensor<D> {
  check('featureAlphaDropout', x, p)
  if (options?.training === false || p === 0) return x
  return alpha('featureAlphaDropout', x, p, () => channels('featureAlphaDropout', x, p, options))
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    dropout<E extends DType, A extends Shape>(this: Tensor<E, A>, p?: number, options?: DropoutOptions): Tensor<E, A>
  }
}
method('dropout', function (this: Tensor, p?: number, options?: DropoutOptions) {
  return dropout(this, p, options)
})
