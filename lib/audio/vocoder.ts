/**
 * Time and pitch, one without the other: the phase vocoder. Definitions: torchaudio.functional.phase_vocoder and pitch_shift (Flanagan
 * and Golden, "Phase Vocoder", 1966). Place in the whole: on stft, istft and resample.
 */

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { add, mul, sub } from '../ops/binary.js'
import { angle, imag, polar, real } from '../ops/complex.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { indexSelect } from '../ops/indexing.js'
import { tidy } from '../ops/indices.js'
import { concat } from '../ops/join.js'
import { pad } from '../ops/pad.js'
import { cumsum } from '../ops/scan.js'
import { hannWindow } from '../ops/signal.js'
import { istft, stft } from '../ops/stft.js'
import { hypot } from '../ops/trig.js'
import { round } from '../ops/unary.js'
import { narrow, reshape } from '../ops/views.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { roundEven, whole } from '../transforms/options.js'
import { resample } from './resample.js'
import { checkSignals, checkSpectra, onRowsOf } from './signals.js'

/**
 * Spectra (..., frequencies, frames) of a signal that runs `rate` times as fast with its pitch: (..., frequencies, ceil(frames / rate)).
 * Magnitudes lie between those of two frames; phases go on as fast as they did there. Phases add up in f64.
 *
 * @param rate above 1 is faster
 * @throws DTypeError, ShapeError for what are no complex spectra of at least 2 frequencies, ValueError for a rate that is not above 0
 */
export function phaseVocoder(x: Tensor, rate: number, options: { hopLength?: number | undefined } = {}): Tensor {
  const name = 'phaseVocoder'
  checkSpectra(name, x)
  known(name, options, ['hopLength'])
  const [bins, frames] = x.shape.slice(-2) as [number, number]
  if (bins < 2) throw new ShapeError(`${name}: takes spectra of at least 2 frequencies, got ${show(x.shape)}`)
  const hop = whole(name, 'hopLength', options.hopLength ?? bins - 1, 1)
  checkRate(name, rate)
  if (rate === 1 || x.numel === 0) return x
  const lead = x.shape.slice(0, -2)
  const count = numelOf(lead) * bins
  return tidy(() => {
    const rows = reshape(x, [count, frames])
    const step = Math.max(1, Math.floor(AT_A_TIME / frames))
    const parts: Tensor[] = []
    for (let first = 0; first < count; first += step) {
      const some = Math.min(step, count - first)
      // How far each frequency's phase goes from one frame to the next: pi hop at the highest.
      const advance = filled(new Float64Array(some), (i) => (((first + i) % bins) * Math.PI * hop) / (bins - 1))
      parts.push(tidy(() => atRate(narrow(rows, 0, first, some), rate, advance)))
    }
    const y = parts.length === 1 ? (parts[0] as Tensor) : concat(parts, 0)
    return reshape(y, [...x.shape.slice(0, -1), y.shape[1] as number])
  })
}

/** Numbers of spectra that are stretched at a time: a dozen tensors of f64 stay near the cores. */
const AT_A_TIME = 2 ** 17

/** Frequencies (count, frames), each of which goes on by `advance`. */
function atRate(x: Tensor, rate: number, advance: Float64Array): Tensor {
  const frames = x.shape[1] as number
  const steps = filled(new Float64Array(Math.ceil(frames / rate)), (i) => i * rate)
  const now = tensor(
    filled(new Int32Array(steps.length), (i) => Math.floor(steps[i] as number)),
    { device: x.device },
  ) as Tensor
  const next = add(now, 1)
  const sizes = pad(hypot(real(x), imag(x)), [0, 2])
  const turns = pad(cast(angle(x), 'f64'), [0, 2])
  const forward = tensor(advance, { shape: [advance.length, 1], device: x.device }) as Tensor
  const turned = sub(sub(indexSelect(turns, 1, next), indexSelect(turns, 1, now)), forward)
  const speed = add(withinPi(turned), forward)
  const phases = withinPi(cumsum(concat([narrow(turns, 1, 0, 1), narrow(speed, 1, 0, steps.length - 1)], 1), 1))
  const between = tensor(
    steps.map((s) => s % 1),
    { dtype: sizes.dtype as 'f32', device: x.device },
  ) as Tensor
  const first = indexSelect(sizes, 1, now)
  const size = add(first, mul(sub(indexSelect(sizes, 1, next), first), between))
  return polar(size, cast(phases, sizes.dtype))
}

/** An angle, less whole turns. */
const withinPi = (phase: Tensor): Tensor => sub(phase, mul(round(mul(phase, 1 / (2 * Math.PI))), 2 * Math.PI))

export interface StretchOptions {
  /** Length of a frame's transform. Default 512. */
  nFft?: number | undefined
  /** Length of the window, centred in nFft. Default: nFft. */
  winLength?: number | undefined
  /** Samples from one frame to the next. Default: a quarter of winLength. */
  hopLength?: number | undefined
  /** winLength factors. Default: a periodic Hann window. */
  window?: Tensor | undefined
}

const STRETCH = ['nFft', 'winLength', 'hopLength', 'window'] as const

/**
 * Signals (..., time) that run `rate` times as fast with their pitch: (..., round(time / rate)). librosa.effects.time_stretch with
 * the frames of torchaudio's pitch_shift. (torchaudio's TimeStretch, of spectra, is `phaseVocoder`.)
 *
 * @throws ValueError for a rate that is not above 0; what `stft` throws, also for signals of no more than nFft / 2 samples
 */
export function timeStretch(x: Tensor, rate: number, options: StretchOptions = {}): Tensor {
  const name = 'timeStretch'
  checkSignals(name, x)
  checkStretch(name, options)
  checkRate(name, rate)
  return rate === 1 ? x : tidy(() => onRowsOf(x, 1, (rows) => stretched(rows, rate, options)))
}

/** @throws ValueError for options that stretching does not take */
export function checkStretch(name: string, options: StretchOptions, others: readonly string[] = []): void {
  known(name, options, [...STRETCH, ...others])
  const { nFft = 512, winLength = nFft, window } = options
  const { hopLength = Math.max(1, Math.floor(winLength / 4)) } = options
  whole(name, 'nFft', nFft, 2)
  whole(name, 'winLength', winLength, 1)
  whole(name, 'hopLength', hopLength, 1)
  if (window !== undefined && !isTensor(window))
    throw new ValueError(`${name}: window is ${typeof window}; it is a tensor (winLength)`)
}

export function checkRate(name: string, rate: number): void {
  if (!(rate > 0 && Number.isFinite(rate))) throw new ValueError(`${name}: rate is ${rate}; it is a number above 0`)
}

function stretched(x: Tensor, rate: number, options: StretchOptions): Tensor {
  const { nFft = 512, winLength = nFft } = options
  const { hopLength = Math.max(1, Math.floor(winLength / 4)) } = options
  const length = roundEven((x.shape[1] as number) / rate)
  if (x.shape[0] === 0) return reshape(x, [0, length])
  const window =
    options.window ?? (hannWindow(winLength, { symmetric: false, dtype: x.dtype as 'f32', device: x.device }) as Tensor)
  const frames = { hopLength, winLength, window }
  return istft(phaseVocoder(stft(x, nFft, frames), rate, { hopLength }), nFft, { ...frames, length })
}

export interface PitchShiftOptions extends StretchOptions {
  /** Steps in an octave. Default 12: semitones. */
  binsPerOctave?: number | undefined
}

/**
 * Signals (..., time) with their pitch nSteps higher (below 0: lower), of their length and tempo: stretched, and resampled back. Rates
 * are cut to whole numbers, as torchaudio's `pitch_shift` does, so the shift is exact to 1 / sampleRate.
 *
 * @param sampleRate samples a second, a whole number
 * @throws ValueError for steps that are not finite, and what `timeStretch` throws
 */
export function pitchShift(x: Tensor, sampleRate: number, nSteps: number, options: PitchShiftOptions = {}): Tensor {
  const name = 'pitchShift'
  checkSignals(name, x)
  checkPitch(name, sampleRate, options)
  if (!Number.isFinite(nSteps)) throw new ValueError(`${name}: nSteps is ${nSteps}; it is a finite number`)
  if (nSteps === 0) return x
  const { binsPerOctave = 12, ...stretch } = options
  const rate = 2 ** (-nSteps / binsPerOctave)
  const from = Math.floor(sampleRate / rate)
  if (from < 1) throw new ValueError(`${name}: ${nSteps} of ${binsPerOctave} steps are too low for ${sampleRate} Hz`)
  const n = x.shape.at(-1) as number
  return tidy(() => {
    const y = onRowsOf(x, 1, (rows) => resample(stretched(rows, rate, stretch), from, sampleRate))
    const missing = n - (y.shape.at(-1) as number)
    return pad(y, [0, missing])
  })
}

/** @throws ValueError for what `pitchShift` does not take */
export function checkPitch(name: string, sampleRate: number, options: PitchShiftOptions): void {
  checkStretch(name, options, ['binsPerOctave'])
  whole(name, 'sampleRate', sampleRate, 1)
  whole(name, 'binsPerOctave', options.binsPerOctave ?? 12, 1)
}
