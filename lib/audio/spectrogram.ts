/**
 * Spectra of signals over time, and decibels. Definitions: torchaudio.functional.spectrogram and amplitude_to_DB. Place in the whole: on
 * stft, whose kernel gives powers at once where no gradient is recorded.
 */

import { needsGrad } from '../autograd/node.js'
import { whole } from '../check.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { add, div, maximum, mul, pow, sub } from '../ops/binary.js'
import { imag, real } from '../ops/complex.js'
import { cast } from '../ops/convert.js'
import { tidy } from '../ops/indices.js'
import { pad as padEnds } from '../ops/pad.js'
import { amax, sum } from '../ops/reduce.js'
import { hannWindow } from '../ops/signal.js'
import { type StftOptions, spectra } from '../ops/stft.js'
import { log10 } from '../ops/trig.js'
import { abs, clamp, sqrt, square } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import { isComplex, isFloating } from '../tensor/dtype.js'
import { numelOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface SpectrogramOptions {
  /** Length of a frame's transform. Default 400. */
  nFft?: number | undefined
  /** Length of the window, centred in nFft. Default: nFft. */
  winLength?: number | undefined
  /** Elements from one frame to the next. Default: half of winLength. */
  hopLength?: number | undefined
  /** winLength factors. Default: a periodic Hann window. */
  window?: Tensor | undefined
  /** Of the magnitudes: 2 (default) is power, 1 magnitude, null the complex spectra. */
  power?: number | null | undefined
  /** Divides the spectra by the root of the window's energy ('window') or of nFft ('frameLength'). Default false. */
  normalized?: false | 'window' | 'frameLength' | undefined
  /** Zeros added at both ends beforehand. Default 0. */
  pad?: number | undefined
  center?: boolean | undefined
  padMode?: StftOptions['padMode']
}

/**
 * Powers of the spectra of frames: signals (..., n) -> (..., nFft / 2 + 1, frames). torchaudio's `spectrogram`; frames as in `stft`. f64
 * signals are computed in f64, others in f32. Differentiable by signals.
 *
 * @throws DTypeError for signals that are no floating-point numbers
 * @throws ValueError for a power that is not above 0, and what `stft` throws
 */
export function spectrogram(x: Tensor, options: SpectrogramOptions = {}): Tensor {
  const { nFft = 400, winLength = nFft, power = 2, normalized = false, pad = 0, center = true, padMode } = options
  const { hopLength = Math.floor(winLength / 2) } = options
  if (!isFloating(x.dtype)) throw new DTypeError(`spectrogram: takes floating-point signals, got ${x.dtype}`)
  if (x.rank === 0) throw new ShapeError('spectrogram: takes signals (..., n), got ()')
  if (power !== null && !(power > 0 && Number.isFinite(power)))
    throw new ValueError(`spectrogram: power is ${power}; it is a number above 0, or null for complex spectra`)
  if (![false, 'window', 'frameLength'].includes(normalized))
    throw new ValueError(`spectrogram: normalized '${String(normalized)}' is not false, 'window' or 'frameLength'`)
  whole('spectrogram', { pad }, 0)
  return tidy(() => {
    const signal = cast(x, x.dtype === 'f64' ? 'f64' : 'f32')
    const lead = x.shape.slice(0, -1)
    const rows = reshape(signal, [numelOf(lead), x.shape.at(-1) as number])
    const window =
      options.window ?? (hannWindow(winLength, { symmetric: false, dtype: signal.dtype, device: x.device }) as Tensor)
    const frames = pad > 0 ? padEnds(rows, [pad, pad]) : rows
    const stft: StftOptions = {
      hopLength,
      winLength,
      window,
      center,
      padMode,
      normalized: normalized === 'frameLength',
    }
    const fused = power !== null && !isComplex(window.dtype) && !needsGrad(frames, window)
    let y = spectra(frames, nFft, stft, fused ? power : 0)
    if (normalized === 'window') {
      const energy = sqrt(sum(square(cast(window, signal.dtype))))
      y = div(y, fused && !isComplex(y.dtype) ? pow(energy, power) : energy)
    }
    if (power !== null && isComplex(y.dtype)) y = powered(y, power)
    return reshape(y, [...lead, ...y.shape.slice(1)])
  })
}

/** |y|^power; the square without a root, which has no derivative at 0. */
function powered(y: Tensor, power: number): Tensor {
  if (power === 2) return add(square(real(y)), square(imag(y)))
  return power === 1 ? abs(y) : pow(abs(y), power)
}

export interface DecibelOptions {
  /** 10 for powers (default), 20 for magnitudes. */
  multiplier?: number | undefined
  /** What smaller values count as. Default 1e-10. */
  amin?: number | undefined
  /** What counts as 0 dB. Default 1. */
  ref?: number | undefined
  /** Values so many dB below the largest are raised to that. Default: none are. */
  topDb?: number | null | undefined
}

/**
 * multiplier log10(max(x, amin) / max(ref, amin)), as torchaudio's `amplitude_to_DB`. With topDb nothing is more than that below the
 * largest value of the last three dimensions (channels, frequencies, frames).
 *
 * @throws ValueError unless amin and ref are above 0 and topDb is at least 0
 */
export function amplitudeToDb(x: Tensor, options: DecibelOptions = {}): Tensor {
  const { multiplier = 10, amin = 1e-10, ref = 1, topDb = null } = options
  if (!isFloating(x.dtype)) throw new DTypeError(`amplitudeToDb: takes floating-point numbers, got ${x.dtype}`)
  if (!(amin > 0) || !(ref > 0)) throw new ValueError(`amplitudeToDb: amin ${amin} and ref ${ref} are above 0`)
  if (topDb !== null && !(topDb >= 0)) throw new ValueError(`amplitudeToDb: topDb is ${topDb}; it is at least 0`)
  return tidy(() => {
    const zero = multiplier * Math.log10(Math.max(amin, ref))
    const y = sub(mul(log10(clamp(x, amin)), multiplier), zero)
    if (topDb === null || x.numel === 0) return y
    if (x.rank === 0) return maximum(y, sub(y, topDb))
    const axes = Array.from({ length: Math.min(3, x.rank) }, (_, i) => -1 - i)
    return maximum(y, sub(amax(y, axes, { keepDim: true }) as Tensor, topDb))
  })
}
