/** Mu-law codes, and emphasis of what is high. Definitions: torchaudio.functional. */
import { DTypeError, ValueError } from '../errors.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { tidy } from '../ops/indices.js'
import { pad } from '../ops/pad.js'
import { abs, clamp, expm1, floor, log1p, sign } from '../ops/unary.js'
import { isFloating, isIntegral } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { whole } from '../transforms/options.js'
import { checkSignals, exactOf, onRowsOf } from './signals.js'

/**
 * Codes 0 to quantizationChannels - 1 (i64) of signals from -1 to 1 by the logarithm of their size (ITU-T G.711's mu-law). Beyond -1 and
 * 1 are the outermost codes. torchaudio's `mu_law_encoding`.
 *
 * @param quantizationChannels codes. Default 256.
 */
export function muLawEncoding(x: Tensor, quantizationChannels = 256): Tensor<'i64'> {
  checkSignals('muLawEncoding', x, 0)
  const mu = whole('muLawEncoding', 'quantizationChannels', quantizationChannels, 2) - 1
  return tidy(() => {
    const signal = clamp(cast(x, exactOf(x)), -1, 1)
    const y = mul(sign(signal), div(log1p(mul(abs(signal), mu)), Math.log1p(mu)))
    return cast(floor(add(mul(mul(add(y, 1), 0.5), mu), 0.5)), 'i64')
  }) as Tensor<'i64'>
}

/** The signals of mu-law codes, in f32 (of codes in a floating-point dtype, in theirs). torchaudio's `mu_law_decoding`. */
export function muLawDecoding(codes: Tensor, quantizationChannels = 256): Tensor {
  if (!isIntegral(codes.dtype) && !isFloating(codes.dtype))
    throw new DTypeError(`muLawDecoding: takes codes of whole numbers, got ${codes.dtype}`)
  const mu = whole('muLawDecoding', 'quantizationChannels', quantizationChannels, 2) - 1
  return tidy(() => {
    const x = sub(mul(cast(codes, isFloating(codes.dtype) ? codes.dtype : 'f32'), 2 / mu), 1)
    return mul(sign(x), div(expm1(mul(abs(x), Math.log1p(mu))), mu))
  })
}

/**
 * x[t] - coeff x[t - 1] along the last axis; the first sample stays. torchaudio's `preemphasis`. Differentiable.
 *
 * @param coeff default 0.97
 */
export function preemphasis(x: Tensor, coeff = 0.97): Tensor {
  checkSignals('preemphasis', x)
  finite('preemphasis', coeff)
  return tidy(() => sub(x, mul(later(x, 1), coeff)))
}

/**
 * `preemphasis`' inverse: y[t] = x[t] + coeff y[t - 1]. torchaudio's `deemphasis`, which besides cuts the result to -1 to 1. Differentiable.
 *
 * @param coeff default 0.97
 * @throws ValueError for coefficients outside of -1 to 1, with which signals would grow without bound
 */
export function deemphasis(x: Tensor, coeff = 0.97): Tensor {
  checkSignals('deemphasis', x)
  if (!(coeff >= -1 && coeff <= 1)) throw new ValueError(`deemphasis: coeff is ${coeff}; it is from -1 to 1`)
  const n = x.shape.at(-1) as number
  // 1 + c z + c^2 z^2 + ... = (1 + c z)(1 + c^2 z^2)(1 + c^4 z^4) ..., where z is a delay by one sample.
  return tidy(() =>
    onRowsOf(x, 1, (rows) => {
      const least = rows.dtype === 'f64' ? 0 : 2 ** -126
      let y = rows
      for (let [delay, factor] = [1, coeff]; delay < n && Math.abs(factor) > least; delay *= 2, factor *= factor)
        y = add(y, mul(later(y, delay), factor))
      return y
    }),
  )
}

/** x, `by` samples later, of its length. */
const later = (x: Tensor, by: number): Tensor => pad(x, [by, -by])

function finite(name: string, coeff: number): void {
  if (!Number.isFinite(coeff)) throw new ValueError(`${name}: coeff is ${coeff}; it is a finite number`)
}
