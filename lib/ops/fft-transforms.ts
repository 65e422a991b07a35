/**
 * The three transforms that all of fft.ts is made of, each with its adjoint as gradient: so every one is differentiable any
 * number of times. Place in the whole: exports nothing public.
 */
import { needsGrad, record } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { complexOf, type DType, isComplex, realOf } from '../tensor/dtype.js'
import { normalizeAxis, numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { make } from './emit.js'

/** Where the factor 1/n goes: with the inverse transforms, with the forward ones, or its square root with both. */
export type FftNorm = 'backward' | 'forward' | 'ortho'

/** One transform along one axis: y_k = scale * sum over j of x_j exp(sign 2 pi i j k / n). */
interface Along {
  name: string
  axis: number
  n: number
  /** Elements of the result along the axis: the first ones, or zeros beyond the transform's. */
  to: number
  sign: 1 | -1
  scale: number
}

function emit(op: number, x: Tensor, dtype: DType, a: Along, more: readonly number[]): Tensor {
  const shape = x.shape.map((d, i) => (i === a.axis ? a.to : d))
  const ns = (numelOf(shape) / Math.max(1, a.to)) * a.n * (1 + Math.log2(a.n)) * 0.15
  return make(a.name, op, dtype, shape, x, null, [a.axis, a.n, a.sign, a.scale, ...more], ns)
}

const flipped = (a: Along, to: number): Along => ({ ...a, to, sign: a.sign === 1 ? -1 : 1 })

/** Complex to complex. */
function complexTransform(x: Tensor, a: Along): Tensor {
  const y = emit(OP.fftComplex, x, x.dtype, a, [])
  if (needsGrad(x)) {
    const adjoint = flipped(a, x.shape[a.axis] as number)
    record(a.name, y, [x], null, (g) => [complexTransform(g, adjoint)])
  }
  return y
}

/** Real to the first half of its transform; elements that stand for two are multiplied by `weight`. */
function realTransform(x: Tensor, a: Along, weight: number): Tensor {
  const y = emit(OP.fftReal, x, complexOf(x.dtype), a, [weight])
  if (needsGrad(x)) {
    const adjoint = flipped(a, x.shape[a.axis] as number)
    record(a.name, y, [x], null, (g) => [hermitianTransform(g, adjoint, weight / 2)])
  }
  return y
}

/** The first half of something Hermitian to its real transform. */
function hermitianTransform(x: Tensor, a: Along, weight: number): Tensor {
  const y = emit(OP.fftHermitian, x, realOf(x.dtype), a, [weight])
  if (needsGrad(x)) {
    const adjoint = flipped(a, x.shape[a.axis] as number)
    record(a.name, y, [x], null, (g) => [realTransform(g, adjoint, 2 * weight)])
  }
  return y
}

/** The adjoint of a forward transform of real lines of length n along the last axis, times `scale`: g (..., n / 2 + 1) -> (..., n). */
export function adjointOfReal(name: string, g: Tensor, n: number, scale: number): Tensor {
  return hermitianTransform(g, { name, axis: g.rank - 1, n, to: n, sign: 1, scale }, 0.5)
}

// ---- arguments

/** Direction of a transform: forward ones have a negative exponent, and the norm 'backward' leaves them unscaled. */
export type Direction = 'forward' | 'inverse'

function scaleOf(name: string, n: number, direction: Direction, norm: FftNorm | undefined): number {
  switch (norm ?? 'backward') {
    case 'ortho':
      return 1 / Math.sqrt(n)
    case 'backward':
      return direction === 'forward' ? 1 : 1 / n
    case 'forward':
      return direction === 'forward' ? 1 / n : 1
    default:
      throw new ValueError(`${name}: norm '${norm}' is not one of 'backward', 'forward', 'ortho'`)
  }
}

/** A length given by the user, or the default one. */
function lengthOf(name: string, n: number | undefined, otherwise: number): number {
  const length = n ?? otherwise
  if (!Number.isInteger(length) || length < 1)
    throw new ValueError(`${name}: a transform of length ${length}; lengths are at least 1`)
  return length
}

/** The axis counted from the front; rank 0 has none. */
export function axisOf(name: string, x: Tensor, axis: number): number {
  if (x.rank === 0) throw new ShapeError(`${name}: a tensor of rank 0 has no axis to transform`)
  return normalizeAxis(name, axis, x.rank)
}

/** f32 or f64 for real dtypes: others are computed in f32. */
const realIn = (x: Tensor): Tensor => cast(x, x.dtype === 'f64' ? 'f64' : 'f32')
const complexIn = (x: Tensor): Tensor => cast(x, complexOf(x.dtype))

function along(
  name: string,
  axis: number,
  n: number,
  to: number,
  direction: Direction,
  norm: FftNorm | undefined,
): Along {
  return { name, axis, n, to, sign: direction === 'forward' ? -1 : 1, scale: scaleOf(name, n, direction, norm) }
}

/** Complex transform of length n (default: the axis's) along an axis. */
export function full(
  name: string,
  x: Tensor,
  n: number | undefined,
  axis: number,
  direction: Direction,
  norm?: FftNorm,
): Tensor {
  const length = lengthOf(name, n, x.shape[axis] as number)
  return complexTransform(complexIn(x), along(name, axis, length, length, direction, norm))
}

/** The first n / 2 + 1 elements of a real tensor's transform. @throws DTypeError for complex tensors */
export function fromReal(
  name: string,
  x: Tensor,
  n: number | undefined,
  axis: number,
  direction: Direction,
  norm?: FftNorm,
): Tensor {
  if (isComplex(x.dtype))
    throw new DTypeError(
      `${name}: a ${x.dtype} tensor; ${name} takes real ones (${show(x.shape)}), ${name.replace(/^(i?)[hr]/, '$1')} complex ones`,
    )
  const length = lengthOf(name, n, x.shape[axis] as number)
  return realTransform(realIn(x), along(name, axis, length, Math.floor(length / 2) + 1, direction, norm), 1)
}

/** Real transform, of length n (default: twice the axis's less 2), of the first half of a Hermitian tensor. */
export function toReal(
  name: string,
  x: Tensor,
  n: number | undefined,
  axis: number,
  direction: Direction,
  norm?: FftNorm,
): Tensor {
  const length = lengthOf(name, n, 2 * ((x.shape[axis] as number) - 1))
  return hermitianTransform(complexIn(x), along(name, axis, length, length, direction, norm), 1)
}

/** Axes and lengths of a transform over several axes; undefined lengths are the default ones. */
export function axesAndSizes(
  name: string,
  x: Tensor,
  s: readonly number[] | undefined,
  axes: readonly number[] | undefined,
): { axes: number[]; sizes: (number | undefined)[] } {
  if (s && axes && s.length !== axes.length) throw new ValueError(`${name}: ${s.length} sizes for ${axes.length} axes`)
  if (s && !axes && s.length > x.rank)
    throw new ShapeError(`${name}: ${s.length} sizes for the ${x.rank} dimensions of ${show(x.shape)}`)
  const count = axes?.length ?? s?.length ?? x.rank
  const list = axes ? axes.map((a) => axisOf(name, x, a)) : Array.from({ length: count }, (_, i) => x.rank - count + i)
  if (new Set(list).size !== list.length) throw new ValueError(`${name}: axes (${(axes ?? []).join(', ')}) repeat`)
  return { axes: list, sizes: list.map((_, i) => (s === undefined || s[i] === -1 ? undefined : s[i])) }
}
