/**
 * Cepstral mean and variance normalisation: features of a recording with mean 0 and deviation 1 (Viikki and Laurila, "Cepstral domain
 * segmental feature vector normalization for noise robust speech recognition", 1998). Place in the whole: on mel spectra and cepstra, or
 * any (..., features, frames).
 */

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { add, div, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { tidy } from '../ops/indices.js'
import { sum } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { clamp, sqrt, square } from '../ops/unary.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkSignals, exactOf, withinLengths } from './signals.js'

export interface CmvnOptions {
  /** Also divides by the standard deviations. Default true. */
  normVars?: boolean | undefined
  /** Added to variances. Default 1e-10. */
  eps?: number | undefined
  /** Frames of each row (n), i64 or i32, of a batch (n, ..., features, frames). What lies behind them becomes 0. */
  lengths?: Tensor | undefined
}

/**
 * Features (..., features, frames), each less its mean over the frames, and over its standard deviation (of the frames alone, without
 * Bessel's correction). Differentiable.
 *
 * @throws ShapeError, DTypeError for features and lengths that do not fit, ValueError for a negative eps
 */
export function cmvn(x: Tensor, options: CmvnOptions = {}): Tensor {
  const name = 'cmvn'
  checkSignals(name, x, 2, '(..., features, frames)')
  known(name, options, ['normVars', 'eps', 'lengths'])
  const { normVars = true, eps = 1e-10, lengths } = options
  if (!(eps >= 0)) throw new ValueError(`${name}: eps is ${eps}; it is at least 0`)
  if (x.numel === 0) return x
  return tidy(() => {
    const inside = lengths && withinLengths(name, lengths, x)
    const count =
      inside === undefined
        ? (x.shape.at(-1) as number)
        : clamp(cast(sum(inside, -1, { keepDim: true }) as Tensor, exactOf(x)), 1)
    const valid = (t: Tensor): Tensor => (inside === undefined ? t : where(inside, t, 0))
    const average = (t: Tensor): Tensor => div(sum(t, -1, { keepDim: true }) as Tensor, count)
    const features = valid(cast(x, exactOf(x)))
    const centred = valid(sub(features, average(features)))
    const y = normVars ? div(centred, sqrt(add(average(square(centred)), eps))) : centred
    return cast(y, x.dtype)
  })
}
