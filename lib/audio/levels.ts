/**
 * Loudness: gain, levels, noise at a ratio. Definitions: torchaudio.functional.gain and add_noise; decibels are 20 log10 of amplitudes.
 * Place in the whole: functions of batches with a parameter for each row, on the device; no value is read.
 */

import { known } from '../check.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { add, div, mul, pow } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { isTensor } from '../ops/emit.js'
import { tidy } from '../ops/indices.js'
import { amax, sum } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { abs, clamp, sqrt, square } from '../ops/unary.js'
import { broadcastShapes, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkSignals, exactOf, overRows, type PerRow, withinLengths } from './signals.js'

/** Amplitudes as factors. */
export function factorOf(db: number | Tensor): number | Tensor {
  return isTensor(db) ? pow(10, mul(db, 1 / 20)) : 10 ** (db / 20)
}

/** x times a factor in f64, in x's dtype. */
function scaled(x: Tensor, factor: number | Tensor): Tensor {
  return cast(mul(cast(x, exactOf(x)), isTensor(factor) ? cast(factor, exactOf(x)) : factor), x.dtype)
}

/**
 * Signals (..., time) louder by gainDb decibels: one number, or one for each row of a batch (n, ..., time). torchaudio's `gain`.
 *
 * @throws ValueError for decibels that are not finite, ShapeError unless there is one for each row
 */
export function gain(x: Tensor, gainDb: PerRow): Tensor {
  checkSignals('gain', x)
  const db = overRows('gain', 'gainDb', gainDb, x)
  return tidy(() => scaled(x, factorOf(db)))
}

export interface LevelOptions {
  /** Level that signals get. */
  level?: number | undefined
  /** Samples of each row (n), i64 or i32, of a batch (n, ..., time): what lies behind them does not count. */
  lengths?: Tensor | undefined
}

function levelled(
  name: string,
  x: Tensor,
  level: number,
  lengths: Tensor | undefined,
  measure: (x: Tensor, count: number | Tensor, axes: number[]) => Tensor,
): Tensor {
  checkSignals(name, x)
  if (!(level > 0 && Number.isFinite(level))) throw new ValueError(`${name}: level is ${level}; it is a number above 0`)
  if (x.numel === 0) return x
  return tidy(() => {
    // Of a batch each row has its level, all of its channels the same; a signal alone has one.
    const axes = Array.from({ length: Math.max(1, x.rank - 1) }, (_, i) => -1 - i)
    const each = axes.reduce((n, axis) => n * (x.shape.at(axis) as number), 1)
    const signal = cast(x, 'f64')
    const inside = lengths === undefined ? undefined : withinLengths(name, lengths, x)
    const heard = inside === undefined ? signal : where(inside, signal, 0)
    const counted = lengths === undefined || inside === undefined ? each : countOf(inside, x)
    const found = measure(heard, counted, axes)
    return scaled(x, where(found.gt(0), div(level, found), 1))
  })
}

/** Samples that count in each row, in f64, over all channels. */
function countOf(inside: Tensor, x: Tensor): Tensor {
  const channels = x.shape.slice(1, -1).reduce((n, d) => n * d, 1)
  return clamp(mul(cast(sum(inside, -1, { keepDim: true }) as Tensor, 'f64'), channels), 1)
}

/**
 * Signals with their largest amplitude at `level` (default 1): of (time) one, of (n, ..., time) one for each row, over its channels.
 * Silence stays.
 */
export function peakNormalize(x: Tensor, options: LevelOptions = {}): Tensor {
  known('peakNormalize', options, ['level', 'lengths'])
  return levelled(
    'peakNormalize',
    x,
    options.level ?? 1,
    options.lengths,
    (heard, _, axes) => amax(abs(heard), axes, { keepDim: true }) as Tensor,
  )
}

/**
 * Signals with their root mean square at `level` (default 0.1, 20 decibels below a level of 1): of (time) one, of (n, ..., time) one for
 * each row, over its channels. Silence stays. Nothing is cut off where amplitudes rise above 1.
 */
export function rmsNormalize(x: Tensor, options: LevelOptions = {}): Tensor {
  known('rmsNormalize', options, ['level', 'lengths'])
  return levelled('rmsNormalize', x, options.level ?? 0.1, options.lengths, (heard, count, axes) =>
    sqrt(div(sum(square(heard), axes, { keepDim: true }) as Tensor, count)),
  )
}

/**
 * Signals (..., time) with noise of such an amplitude that the energies along the last axis are snr decibels apart. torchaudio's
 * `add_noise`, except that silent noise adds nothing where it is NaN there. Differentiable.
 *
 * @param noise of a shape that broadcasts to the signals'
 * @param snr one number, or one for each row of a batch (n, ..., time)
 * @param options `lengths` (n): samples of each row that count; noise is added behind them too
 * @throws ShapeError for noise of another shape, DTypeError for noise of another dtype
 */
export function addNoise(
  x: Tensor,
  noise: Tensor,
  snr: PerRow,
  options: { lengths?: Tensor | undefined } = {},
): Tensor {
  const name = 'addNoise'
  checkSignals(name, x)
  checkSignals(name, noise)
  known(name, options, ['lengths'])
  if (noise.dtype !== x.dtype) throw new DTypeError(`${name}: noise of ${noise.dtype} for signals of ${x.dtype}`)
  if (noise.shape.at(-1) !== x.shape.at(-1) || show(broadcastShapes(name, x.shape, noise.shape)) !== show(x.shape))
    throw new ShapeError(`${name}: noise ${show(noise.shape)} does not go over signals ${show(x.shape)}`)
  const db = overRows(name, 'snr', snr, x)
  return tidy(() => {
    const exact = exactOf(x)
    const inside = options.lengths && withinLengths(name, options.lengths, x)
    const energy = (t: Tensor): Tensor => {
      const wide = cast(t, 'f64')
      return sum(square(inside === undefined ? wide : where(inside, wide, 0)), -1, { keepDim: true }) as Tensor
    }
    const [signal, other] = [energy(x), energy(noise)]
    const ratio = sqrt(div(signal, where(other.gt(0), other, 1)))
    const factor = where(other.gt(0), div(ratio, factorOf(db)), 0)
    return cast(add(cast(x, exact), mul(cast(noise, exact), cast(factor, exact))), x.dtype)
  })
}
