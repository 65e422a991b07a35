/**
 * Discrete Fourier transforms, PyTorch's torch.fft: X_k = sum over j of x_j exp(-2 pi i j k / n) and what derives from it.
 *
 * Any lengths and axes. `n` (or `s`, a size for each axis) cuts the input or pads it with zeros before the transform; -1 in `s`
 * keeps a size. f64 and c128 are computed in double precision, all other dtypes in single; results are c64 or c128, or f32
 * or f64 where they are real. `norm` says where the factor 1/n goes: 'backward' (default) with the inverse transforms,
 * 'forward' with the forward ones, 'ortho' its square root with both. An n-dimensional transform is one along each axis.
 *
 * All throw ValueError for lengths below 1, unknown norms and repeated axes, and DTypeError where real numbers are asked for.
 */
import { ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { type TensorOptions, tensor } from './creation.js'
import { axesAndSizes, axisOf, type Direction, type FftNorm, fromReal, full, toReal } from './fft-transforms.js'
import { tidy } from './indices.js'
import { concat } from './join.js'
import { narrow } from './views.js'

export type { FftNorm } from './fft-transforms.js'

export interface FftOptions {
  /** Length of the transform. */
  n?: number | undefined
  /** Default -1. */
  axis?: number | undefined
  norm?: FftNorm | undefined
}

export interface FftManyOptions {
  /** Length of the transform along each of the axes. */
  s?: readonly number[] | undefined
  /** Default: the last ones, as many as `s` has sizes; without `s` all, or for the 2-dimensional transforms the last two. */
  axes?: readonly number[] | undefined
  norm?: FftNorm | undefined
}

/** A transform along one axis. */
export type FftAlong = (x: Tensor, options?: FftOptions) => Tensor
/** A transform along several. */
export type FftAcross = (x: Tensor, options?: FftManyOptions) => Tensor

type Transform = typeof full

const single =
  (name: string, f: Transform, direction: Direction): FftAlong =>
  (x: Tensor, { n, axis = -1, norm }: FftOptions = {}): Tensor =>
    tidy(() => f(name, x, n, axisOf(name, x, axis), direction, norm))

/** Complex transforms along all axes but the last, f along that: first where its operand is real, else last. */
function several(
  name: string,
  f: Transform,
  direction: Direction,
  x: Tensor,
  { s, axes, norm }: FftManyOptions,
): Tensor {
  const all = axesAndSizes(name, x, s, axes)
  const last = all.axes.length - 1
  if (last < 0) {
    if (f === full) return x
    throw new ShapeError(`${name}: takes at least one axis`)
  }
  const special = (t: Tensor): Tensor => f(name, t, all.sizes[last], all.axes[last] as number, direction, norm)
  let y = f === fromReal ? special(x) : x
  for (let i = last - 1; i >= 0; i--) y = full(name, y, all.sizes[i], all.axes[i] as number, direction, norm)
  return f === fromReal ? y : special(y)
}

const many =
  (name: string, f: Transform, direction: Direction): FftAcross =>
  (x: Tensor, options: FftManyOptions = {}): Tensor =>
    tidy(() => several(name, f, direction, x, options))

const two =
  (name: string, f: Transform, direction: Direction): FftAcross =>
  (x: Tensor, options: FftManyOptions = {}): Tensor =>
    tidy(() => several(name, f, direction, x, { ...options, axes: options.axes ?? [-2, -1] }))

/** The transform of a real or complex tensor: complex. */
export const fft: FftAlong = single('fft', full, 'forward')
/** Its inverse: exp(+2 pi i j k / n), by default divided by n. */
export const ifft: FftAlong = single('ifft', full, 'inverse')
/** Of a real tensor the first n/2 + 1 elements of the transform; the others are conjugates of these. */
export const rfft: FftAlong = single('rfft', fromReal, 'forward')
/** The inverse of rfft: real, of length n, by default 2 (m - 1) for m elements; give n where it was odd. */
export const irfft: FftAlong = single('irfft', toReal, 'inverse')
/** The transform, real, of a tensor that is Hermitian and given by its first half. */
export const hfft: FftAlong = single('hfft', toReal, 'forward')
/** The inverse of hfft: the first half of a Hermitian tensor from real numbers. */
export const ihfft: FftAlong = single('ihfft', fromReal, 'inverse')

/** `fft` along several axes. */
export const fftn: FftAcross = many('fftn', full, 'forward')
/** `ifft` along several axes. */
export const ifftn: FftAcross = many('ifftn', full, 'inverse')
/** `rfft` along the last of the axes, `fft` along the others. */
export const rfftn: FftAcross = many('rfftn', fromReal, 'forward')
/** `ifft` along all axes but the last, `irfft` along that. */
export const irfftn: FftAcross = many('irfftn', toReal, 'inverse')
/** `fft` along all axes but the last, `hfft` along that. */
export const hfftn: FftAcross = many('hfftn', toReal, 'forward')
/** `ihfft` along the last of the axes, `ifft` along the others. */
export const ihfftn: FftAcross = many('ihfftn', fromReal, 'inverse')

/** `fftn` along the last two axes, or those given. */
export const fft2: FftAcross = two('fft2', full, 'forward')
/** `ifftn` along the last two axes, or those given. */
export const ifft2: FftAcross = two('ifft2', full, 'inverse')
/** `rfftn` along the last two axes, or those given. */
export const rfft2: FftAcross = two('rfft2', fromReal, 'forward')
/** `irfftn` along the last two axes, or those given. */
export const irfft2: FftAcross = two('irfft2', toReal, 'inverse')
/** `hfftn` along the last two axes, or those given. */
export const hfft2: FftAcross = two('hfft2', toReal, 'forward')
/** `ihfftn` along the last two axes, or those given. */
export const ihfft2: FftAcross = two('ihfft2', fromReal, 'inverse')

// ---- frequencies

function frequencies<D extends DType>(
  name: string,
  n: number,
  d: number,
  count: number,
  negative: boolean,
  options: TensorOptions<D> | undefined,
): Tensor<D> {
  if (!Number.isInteger(n) || n < 1) throw new ValueError(`${name}: length ${n}; lengths are at least 1`)
  const values = filled(new Float64Array(count), (i) => (negative && i >= n / 2 ? i - n : i) / (n * d))
  return tensor(values, { ...options, dtype: options?.dtype ?? ('f32' as D) }) as Tensor<D>
}

/** Frequencies of fft's results for samples `d` apart: 0, 1, ... and then the negative ones, over n d. f32 by default. */
export function fftfreq<D extends DType = 'f32'>(n: number, d = 1, options?: TensorOptions<D>): Tensor<D> {
  return frequencies('fftfreq', n, d, n, true, options)
}

/** Frequencies of rfft's results: 0, 1, ... n/2, over n d. f32 by default. */
export function rfftfreq<D extends DType = 'f32'>(n: number, d = 1, options?: TensorOptions<D>): Tensor<D> {
  return frequencies('rfftfreq', n, d, Math.floor(n / 2) + 1, false, options)
}

/** Frequency 0 from the front to the middle of the axes (default: all). */
export function fftshift(x: Tensor, axes?: number | readonly number[]): Tensor {
  return shifted('fftshift', x, axes, (n) => Math.ceil(n / 2))
}

/** Undoes `fftshift`. */
export function ifftshift(x: Tensor, axes?: number | readonly number[]): Tensor {
  return shifted('ifftshift', x, axes, (n) => Math.floor(n / 2))
}

/** Along each axis the elements from `first(size)` on, then those before. */
function shifted(
  name: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  first: (n: number) => number,
): Tensor {
  const list = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : axes
  return list.reduce((y: Tensor, axis) => {
    const a = axisOf(name, x, axis)
    const n = x.shape[a] as number
    const k = first(n)
    return n < 2 ? y : concat([narrow(y, a, k, n - k), narrow(y, a, 0, k)], a)
  }, x)
}
