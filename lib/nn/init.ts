// Initial values. Place in the whole: layers' defaults, and functions for whoever wants others. They overwrite a tensor in
// place, draw from the default generator, and follow torch.nn.init.
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { eye as identity, tensor } from '../ops/creation.js'
import { diagonal } from '../ops/diagonals.js'
import { truncatedNormal } from '../ops/distributions.js'
import { copy_, fill_ } from '../ops/inplace.js'
import { qr } from '../ops/linalg/qr.js'
import { normal as drawNormal, uniform as drawUniform } from '../ops/random.js'
import { argsort } from '../ops/sort.js'
import { reshape, transpose } from '../ops/views.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
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

/** The identity matrix, in (rows, columns); ones on the main diagonal where it is not square. */
export function eye<T extends Tensor>(target: T): T {
  if (target.rank !== 2) throw new ShapeError(`init.eye: takes a matrix, found ${show(target.shape)}`)
  const [rows, columns] = target.shape as [number, number]
  return fill(target, () => identity(rows, columns, { device: target.device }))
}

/**
 * A convolution's weight (out, in, window...) that passes its input on: in each of `groups` groups of outputs, output i is input i where
 * there is one, by a one in the middle of its window.
 */
export function dirac<T extends Tensor>(target: T, groups = 1): T {
  if (target.rank < 3 || target.rank > 5)
    throw new ShapeError(`init.dirac: takes a convolution's weight (out, in, ...), found ${show(target.shape)}`)
  const [outputs, inputs, ...window] = target.shape as [number, number, ...number[]]
  if (!(Number.isInteger(groups) && groups > 0 && outputs % groups === 0))
    throw new ValueError(`init.dirac: ${outputs} outputs do not divide into ${groups} groups`)
  const each = outputs / groups
  const size = numelOf(window)
  const middle = window.reduce((at, d) => at * d + Math.floor(d / 2), 0)
  const values = new Float32Array(target.numel)
  for (let group = 0; group < groups; group++)
    for (let i = 0; i < Math.min(each, inputs); i++) values[((group * each + i) * inputs + i) * size + middle] = 1
  return fill(target, () => tensor(values, { shape: target.shape, device: target.device }))
}

/** Martens 2010: a matrix (rows, columns), normal with deviation std, in each column of which a share `sparsity` of rows is zero. */
export function sparse<T extends Tensor>(target: T, sparsity: number, std = 0.01): T {
  if (target.rank !== 2) throw new ShapeError(`init.sparse: takes a matrix, found ${show(target.shape)}`)
  if (!(sparsity >= 0 && sparsity <= 1))
    throw new ValueError(`init.sparse: sparsity is ${sparsity}, expected a share from 0 to 1`)
  const [rows, columns] = target.shape as [number, number]
  const zeroed = Math.ceil(sparsity * rows)
  return fill(target, () => {
    const on = { device: target.device }
    // The rank of each element of a random column says which are among the first.
    const order = argsort(argsort(drawUniform([rows, columns], 0, 1, on), 0), 0)
    return drawNormal([rows, columns], 0, std, on).maskedFill(order.lt(zeroed), 0)
  })
}

/**
 * Saxe et al. 2014: a random matrix (rows, rest...) with orthonormal rows or columns, whichever are fewer, times `scale`; distributed
 * evenly over such matrices (Mezzadri 2007).
 */
export function orthogonal<T extends Tensor>(target: T, scale = 1): T {
  if (target.rank < 2)
    throw new ShapeError(`init.orthogonal: takes two dimensions or more, found ${show(target.shape)}`)
  if (target.numel === 0) return target
  const rows = target.shape[0] as number
  const columns = target.numel / rows
  return fill(target, () => {
    const on = { device: target.device, dtype: target.dtype === 'f64' ? ('f64' as const) : ('f32' as const) }
    const tall = [Math.max(rows, columns), Math.min(rows, columns)]
    const { q, r } = qr(drawNormal(tall, 0, 1, on))
    const signs = diagonal(r).ge(0).to(on.dtype).mul(2).sub(1) // of 0 too: a column must not vanish
    const fair = q.mul(signs).mul(scale)
    return reshape(rows < columns ? transpose(fair, 0, 1) : fair, target.shape)
  })
}
