// Initial values. Place in the whole: layers' defaults, and functions for whoever wants others. They overwrite a tensor in
// place, draw from the default generator, and follow torch.nn.init.
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { truncatedNormal } from '../ops/distributions.js'
import { copy_, fill_ } from '../ops/inplace.js'
import { normal as drawNormal, uniform as drawUniform } from '../ops/random.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'

export interface KaimingOptions {
  /** Negative slope of the leaky ReLU. Default 0. */
  a?: number
  mode?: 'fanIn' | 'fanOut'
  nonlinearity?: Nonlinearity
}

/** Inputs and outputs of one unit: (out, in, window...) as linear and convolution weights have it. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw new ShapeError(`init: fan-in and fan-out need two dimensions or more, found ${show(shape)}`)
  const window = shape.slice(2).reduce((product, dim) => product * dim, 1)
  return { fanIn: (shape[1] as number) * window, fanOut: (shape[0] as number) * window }
}

/** The factor by which a nonlinearity shrinks its input's standard deviation, inverted. */
export function gain(nonlinearity: Nonlinearity, a = 0.01): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.SQRT2
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + a * a))
    case 'selu':
      return 3 / 4
    default:
      return 1
  }
}

function fill<T extends Tensor>(target: T, make: () => Tensor): T {
  noGrad(() => scope(() => void copy_(target, make())))
  return target
}

export function zeros<T extends Tensor>(target: T): T {
  return constant(target, 0)
}

export function ones<T extends Tensor>(target: T): T {
  return constant(target, 1)
}

export function constant<T extends Tensor>(target: T, value: number): T {
  noGrad(() => fill_(target, value))
  return target
}

export function uniform<T extends Tensor>(target: T, low = 0, high = 1): T {
  return fill(target, () => drawUniform(target.shape, low, high, { device: target.device }))
}

export function normal<T extends Tensor>(target: T, mean = 0, std = 1): T {
  return fill(target, () => drawNormal(target.shape, mean, std, { device: target.device }))
}

/** Normal, but only what lies in [low, high] is drawn: see `truncatedNormal`. */
export function truncNormal<T extends Tensor>(target: T, mean = 0, std = 1, low = -2, high = 2): T {
  if (!(std > 0 && low < high))
    throw new ValueError(`truncNormal: std ${std} with bounds ${low} and ${high} leaves nothing to draw`)
  return fill(target, () => truncatedNormal(target.shape, mean, std, low, high, { device: target.device }))
}

/** Glorot and Bengio 2010: uniform with the variance 2 / (fanIn + fanOut). */
export function xavierUniform<T extends Tensor>(target: T, scale = 1): T {
  const { fanIn, fanOut } = fans(target.shape)
  const bound = scale * Math.sqrt(6 / (fanIn + fanOut))
  return uniform(target, -bound, bound)
}

export function xavierNormal<T extends Tensor>(target: T, scale = 1): T {
  const { fanIn, fanOut } = fans(target.shape)
  return normal(target, 0, scale * Math.sqrt(2 / (fanIn + fanOut)))
}

/** He et al. 2015: uniform with the variance gain^2 / fan. */
export function kaimingUniform<T extends Tensor>(target: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingStd(target.shape, options)
  return uniform(target, -bound, bound)
}

export function kaimingNormal<T extends Tensor>(target: T, options: KaimingOptions = {}): T {
  return normal(target, 0, kaimingStd(target.shape, options))
}

function kaimingStd(shape: Shape, { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions): number {
  return gain(nonlinearity, a) / Math.sqrt(fans(shape)[mode])
}
