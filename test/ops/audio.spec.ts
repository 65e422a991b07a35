/** Spectrograms and mel filters: lib/audio. */
import * as audio from '#lib/audio/index.js'
import type { Tensor } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { blank, composed, refused } from '../opspec/composed.js'
import type { OpSpec } from '../opspec/spec.js'

const WIDE: readonly DType[] = ['f32', 'f64']

const SPECTROGRAMS: readonly audio.SpectrogramOptions[] = [
  { nFft: 16, power: 2 },
  { nFft: 16, power: 1, hopLength: 5, winLength: 12 },
  { nFft: 15, power: 3, normalized: 'window', padMode: 'constant' },
  { nFft: 8, normalized: 'frameLength', center: false, pad: 3 },
]

const spectrogram: OpSpec<audio.SpectrogramOptions> = {
  name: 'spectrogram',
  ops: ['stft'],
  dtypes: WIDE,
  refuses: ['i32', 'bool', 'c64'],
  *samples(s) {
    for (const args of SPECTROGRAMS) yield { inputs: [s.values([2, 1, 43])], args }
    yield { inputs: [s.values([20])], args: SPECTROGRAMS[0] as audio.SpectrogramOptions }
    yield { inputs: [s.values([3, 700])], args: { nFft: 32, hopLength: 8 }, large: true }
  },
  call: ([x], options) => audio.spectrogram(x as Tensor, options),
  accuracy: { roundings: 20, terms: () => 32, magnitude: 'norm', composed: true },
  gradient: { roundings: 400 },
  errors: {
    power: refused(
      (d) => audio.spectrogram(blank(d, 900), { power: 0 }),
      'VALUE',
      'spectrogram: power is 0; it is a number above 0, or null for complex spectra',
    ),
    pad: refused(
      (d) => audio.spectrogram(blank(d, 900), { pad: -1 }),
      'VALUE',
      'spectrogram: pad is -1, expected a whole number of at least 0',
    ),
    short: refused(
      (d) => audio.spectrogram(blank(d, 10), { nFft: 30 }),
      'SHAPE',
      "stft: padding of 15 for a signal of 10 elements; padMode 'reflect' needs more of them",
    ),
  },
}

const melScale: OpSpec<undefined> = {
  name: 'melScale',
  ops: ['bandProduct', 'matmul'],
  dtypes: ['f32', 'f64'],
  refuses: ['i32', 'bool', 'c64'],
  *samples(s) {
    // Bands with zeros around them, one within, an empty one, and one of all.
    const banded = (k: number, m: number) => {
      const { values } = s.values([k, m], { low: 0.25, high: 1 })
      return {
        shape: [k, m],
        values: values.map((v, i) => {
          const [row, band] = [Math.floor(i / m), i % m]
          if (band === m - 1) return v
          return band === 1 || row < band || row > band + 3 || row === band + 1 ? 0 : v
        }),
      }
    }
    for (const t of [1, 7, 33]) yield { inputs: [s.values([2, 6, t]), banded(6, 4)], args: undefined }
    yield { inputs: [s.values([5, 0]), banded(5, 3)], args: undefined }
    yield { inputs: [s.values([9, 3]), banded(9, 1)], args: undefined }
    yield { inputs: [s.values([2, 2, 33, 515]), banded(33, 12)], args: undefined, large: true }
  },
  call: ([x, bank]) => audio.melScale(x as Tensor, bank as Tensor),
  accuracy: { roundings: 2, terms: ([x]) => x?.shape.at(-2) ?? 1, serial: true, magnitude: 'norm' },
  // A coefficient of zero outside a band has a gradient, but differences find it: the band grows by it.
  gradient: { roundings: 30 },
  errors: {
    bank: refused(
      (d) => audio.melScale(blank(d, 5, 3), blank(d, 4, 2)),
      'SHAPE',
      'melScale: takes (..., frequencies, frames) and a bank (frequencies, filters), got (5, 3) and (4, 2)',
    ),
  },
}

const signals = composed({
  *samples(s) {
    yield { inputs: [s.values([2, 61])], args: undefined }
  },
  accuracy: { roundings: 60, terms: () => 32, magnitude: 'norm', composed: true },
  gradient: { roundings: 4000 },
})
const small = { nFft: 32, hopLength: 16, nMels: 6, sampleRate: 8000 } as const

export const specs: readonly OpSpec[] = [
  spectrogram,
  melScale,
  signals('melSpectrogram', ['stft', 'bandProduct'], (x) => audio.melSpectrogram(x, small)),
  signals('mfcc', ['stft', 'bandProduct', 'matmul'], (x) => audio.mfcc(x, { ...small, nMfcc: 4 })),
  signals('mfcc of logarithms', ['stft', 'bandProduct'], (x) => audio.mfcc(x, { ...small, nMfcc: 6, logMels: true })),
  signals('amplitudeToDb', ['log10'], (x) => audio.amplitudeToDb(x, { topDb: 12, amin: 1e-3, ref: 0.5 }), {
    *samples(s) {
      yield { inputs: [s.values([2, 3, 4, 5], { low: 0.3, high: 2 })], args: undefined }
      yield { inputs: [s.values([2, 3, 4, 5], { low: -0.01, high: 2 })], args: undefined, differentiable: false }
      yield { inputs: [s.values([], { low: 0.01, high: 2 })], args: undefined }
    },
    gradient: { kinks: 'the floor 12 dB below the largest value, beyond 0.3 to 2', roundings: 100 },
  }),
]
