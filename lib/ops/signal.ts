/**
 * Windows for signal processing, by the formulas of torch.signal.windows and SciPy. They are short and made once, so they are
 * computed here, in double precision, rather than by kernels.
 */
import { DTypeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { checkDType, type DType, isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { besselI0 } from './besselI0.js'
import { type TensorOptions, tensor } from './creation.js'

export interface WindowOptions<D extends DType = DType> extends TensorOptions<D> {
  /** true (the default): symmetric, for filters. false: periodic, for spectra: one period of a window of n + 1. */
  symmetric?: boolean
}

/** value(k, last): the window at k, where it would end at `last`. */
function made<D extends DType>(
  name: string,
  n: number,
  options: WindowOptions<D> | undefined,
  value: (k: number, last: number) => number,
): Tensor<D> {
  if (!Number.isInteger(n) || n < 0) throw new ValueError(`${name}: ${n} is not a length`)
  const dtype = checkDType(options?.dtype ?? 'f32')
  if (!isFloating(dtype)) throw new DTypeError(`${name}: ${dtype} is not a floating-point dtype`)
  const last = options?.symmetric === false ? n : n - 1
  const values = filled(new Float64Array(n), (k) => (n === 1 ? 1 : value(k, last)))
  const { device, requiresGrad } = options ?? {}
  return tensor(values, {
    dtype: dtype as D,
    ...(device === undefined ? {} : { device }),
    ...(requiresGrad === undefined ? {} : { requiresGrad }),
  })
}

function positive(name: string, what: string, x: number): void {
  if (!(x > 0)) throw new ValueError(`${name}: ${what} ${x} is not above 0`)
}

const cosines =
  (a: readonly number[]) =>
  (k: number, last: number): number =>
    a.reduce((sum, w, i) => sum + (i % 2 === 0 ? w : -w) * Math.cos((2 * Math.PI * i * k) / last), 0)

/** Sum of (-1)^i a[i] cos(2 pi i k / last). */
export function generalCosineWindow<D extends DType = 'f32'>(
  n: number,
  coefficients: readonly number[],
  options?: WindowOptions<D>,
): Tensor<D> {
  if (coefficients.length === 0) throw new ValueError('generalCosineWindow: no coefficients')
  return made('generalCosineWindow', n, options, cosines(coefficients))
}

/** alpha - (1 - alpha) cos(2 pi k / last). */
export function generalHammingWindow<D extends DType = 'f32'>(
  n: number,
  alpha = 0.54,
  options?: WindowOptions<D>,
): Tensor<D> {
  return made('generalHammingWindow', n, options, cosines([alpha, 1 - alpha]))
}

/** 1/2 - 1/2 cos(2 pi k / last). */
export function hannWindow<D extends DType = 'f32'>(n: number, options?: WindowOptions<D>): Tensor<D> {
  return made('hannWindow', n, options, cosines([0.5, 0.5]))
}

/** 0.54 - 0.46 cos(2 pi k / last). */
export function hammingWindow<D extends DType = 'f32'>(n: number, options?: WindowOptions<D>): Tensor<D> {
  return made('hammingWindow', n, options, cosines([0.54, 0.46]))
}

/** Three cosine terms: 0.42, 0.5, 0.08. */
export function blackmanWindow<D extends DType = 'f32'>(n: number, options?: WindowOptions<D>): Tensor<D> {
  return made('blackmanWindow', n, options, cosines([0.42, 0.5, 0.08]))
}

/** Four cosine terms of minimal side lobes (Nuttall 1981). */
export function nuttallWindow<D extends DType = 'f32'>(n: number, options?: WindowOptions<D>): Tensor<D> {
  return made('nuttallWindow', n, options, cosines([0.3635819, 0.4891775, 0.1365995, 0.0106411]))
}

/** A triangle from 0 to 1 to 0. */
export function bartlettWindow<D extends DType = 'f32'>(n: number, options?: WindowOptions<D>): Tensor<D> {
  return made('bartlettWindow', n, options, (k, last) => 1 - Math.abs((2 * k) / last - 1))
}

/** sin(pi (k + 1/2) / (last + 1)). */
export function cosineWindow<D extends DType = 'f32'>(n: number, options?: WindowOptions<D>): Tensor<D> {
  return made('cosineWindow', n, options, (k, last) => Math.sin((Math.PI * (k + 0.5)) / (last + 1)))
}

/** exp(-|k - center| / tau); the center is the middle unless a periodic window is given another one. */
export function exponentialWindow<D extends DType = 'f32'>(
  n: number,
  options?: WindowOptions<D> & { center?: number; tau?: number },
): Tensor<D> {
  const { center, tau = 1, symmetric = true } = options ?? {}
  positive('exponentialWindow', 'tau', tau)
  if (symmetric && center !== undefined)
    throw new ValueError('exponentialWindow: a symmetric window has its center in the middle; give no other')
  return made('exponentialWindow', n, options, (k, last) => Math.exp(-Math.abs(k - (center ?? last / 2)) / tau))
}

/** exp(-((k - last / 2) / std)^2 / 2). */
export function gaussianWindow<D extends DType = 'f32'>(
  n: number,
  options?: WindowOptions<D> & { std?: number },
): Tensor<D> {
  const { std = 1 } = options ?? {}
  positive('gaussianWindow', 'std', std)
  return made('gaussianWindow', n, options, (k, last) => Math.exp(-0.5 * ((k - last / 2) / std) ** 2))
}

/** I0(beta sqrt(1 - (2 k / last - 1)^2)) / I0(beta) (Kaiser and Schafer 1980). */
export function kaiserWindow<D extends DType = 'f32'>(
  n: number,
  options?: WindowOptions<D> & { beta?: number },
): Tensor<D> {
  const { beta = 12 } = options ?? {}
  if (!(beta >= 0 && beta <= 700)) throw new ValueError(`kaiserWindow: beta ${beta} is not within 0 and 700`)
  const whole = besselI0(beta)
  return made('kaiserWindow', n, options, (k, last) => {
    return besselI0(beta * Math.sqrt(Math.max(0, 1 - ((2 * k) / last - 1) ** 2))) / whole
  })
}
