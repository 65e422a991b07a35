/**
 * Signals of spectra that lost their phases. Definition: torchaudio.functional.griffinlim (Griffin and Lim 1984; Perraudin and others, "A
 * fast Griffin-Lim algorithm", 2013). Place in the whole: on stft and istft.
 */
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { add, div, mul, pow, sub } from '../ops/binary.js'
import { complex, polar } from '../ops/complex.js'
import { zerosLike } from '../ops/creation.js'
import { tidy } from '../ops/indices.js'
import { type Generator, uniform } from '../ops/random.js'
import { hannWindow } from '../ops/signal.js'
import { istft, stft } from '../ops/stft.js'
import { abs } from '../ops/unary.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { whole } from '../transforms/options.js'
import { checkSignals, onRowsOf } from './signals.js'

export interface GriffinLimOptions {
  /** Length of a frame's transform. Default: of the number of frequencies, an even one. */
  nFft?: number | undefined
  /** Length of the window, centred in nFft. Default: nFft. */
  winLength?: number | undefined
  /** Samples from one frame to the next. Default: half of winLength, as `spectrogram` has it. */
  hopLength?: number | undefined
  /** winLength factors. Default: a periodic Hann window. */
  window?: Tensor | undefined
  /** What power of the magnitudes the spectrogram is. Default 2. */
  power?: number | undefined
  /** Rounds. Default 32. */
  nIter?: number | undefined
  /** Of the fast algorithm, from 0 (Griffin and Lim's) to below 1. Default 0.99. */
  momentum?: number | undefined
  /** Samples of the signal. Default: what the frames cover. */
  length?: number | undefined
  /** Begins with random phases, else with phases of 0. Default true. */
  randInit?: boolean | undefined
  /** Where random phases come from. Default: the default generator. */
  generator?: Generator | undefined
}

const OPTIONS: readonly (keyof GriffinLimOptions)[] = [
  'nFft',
  'winLength',
  'hopLength',
  'window',
  'power',
  'nIter',
  'momentum',
  'length',
  'randInit',
  'generator',
]

/**
 * Signals (..., time) whose spectrograms come near x (..., frequencies, frames): each round takes the phases of the last one's signal.
 * No gradients. Random phases have magnitude 1, where torchaudio's are points of a square.
 *
 * @throws ShapeError when nFft has another number of frequencies, or `length` another number of frames
 * @throws ValueError for options that are out of range
 */
export function griffinLim(x: Tensor, options: GriffinLimOptions = {}): Tensor {
  const name = 'griffinLim'
  checkSignals(name, x, 2, '(..., frequencies, frames)')
  known(name, options, OPTIONS)
  const [bins, frames] = x.shape.slice(-2) as [number, number]
  const { nFft = 2 * (bins - 1), power = 2, nIter = 32, momentum = 0.99, length, randInit = true, generator } = options
  whole(name, 'nFft', nFft, 1)
  const winLength = whole(name, 'winLength', options.winLength ?? nFft, 1)
  const hopLength = whole(name, 'hopLength', options.hopLength ?? Math.max(1, Math.floor(winLength / 2)), 1)
  whole(name, 'nIter', nIter, 0)
  if (bins !== Math.floor(nFft / 2) + 1)
    throw new ShapeError(
      `${name}: ${show(x.shape)} has ${bins} frequencies, nFft ${nFft} has ${Math.floor(nFft / 2) + 1}`,
    )
  if (!(power > 0 && Number.isFinite(power))) throw new ValueError(`${name}: power is ${power}; it is above 0`)
  if (!(momentum >= 0 && momentum < 1))
    throw new ValueError(`${name}: momentum is ${momentum}; it is from 0 to below 1`)
  if (length !== undefined) {
    whole(name, 'length', length, 1)
    const made = Math.floor((length + 2 * Math.floor(nFft / 2) - nFft) / hopLength) + 1
    if (made !== frames)
      throw new ShapeError(
        `${name}: a length of ${length} has ${made} frames ${hopLength} apart, the spectrogram ${frames}`,
      )
  }
  return noGrad(() =>
    tidy(() =>
      onRowsOf(x, 2, (rows) => {
        const like = { dtype: rows.dtype as 'f32', device: x.device }
        const window = options.window ?? (hannWindow(winLength, { symmetric: false, ...like }) as Tensor)
        const windows = { hopLength, winLength, window }
        const sizes = power === 1 ? rows : pow(rows, 1 / power)
        const signal = (phases: Tensor): Tensor => istft(mul(sizes, phases), nFft, { ...windows, length })
        const zero = zerosLike(sizes)
        const turns = randInit
          ? (uniform(rows.shape, -Math.PI, Math.PI, { ...like, ...(generator && { generator }) }) as Tensor)
          : zero
        let phases = polar(add(zero, 1), turns)
        let last = complex(zero, zero)
        const beta = momentum / (1 + momentum)
        for (let i = 0; i < nIter; i++) {
          const rebuilt = stft(signal(phases), nFft, windows)
          const ahead = beta === 0 ? rebuilt : sub(rebuilt, mul(last, beta))
          phases = div(ahead, add(abs(ahead), 1e-16))
          last = rebuilt
        }
        return signal(phases)
      }),
    ),
  )
}
