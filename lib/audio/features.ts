/** Functions of lib/audio as transforms of batches, whose lengths follow. Place in the whole: the step from signals to spectra in a loader. */
import { whole } from '../check.js'
import { ValueError } from '../errors.js'
import { add, div } from '../ops/binary.js'
import { isTensor } from '../ops/emit.js'
import { clamp, floor } from '../ops/unary.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AudioFields, extentOf, type FixedAudioTransform, fixedTransform, lengthsFrom } from './batch.js'
import { type MelSpectrogramOptions, type MfccOptions, melSpectrogram, mfcc } from './mel.js'
import { checkOptions, type ResampleOptions, resample } from './resample.js'
import { type SpectrogramOptions, spectrogram } from './spectrogram.js'

/**
 * f of the audio; `lengths`, which f is given where there are some, stay. For functions whose result is as long as what they take:
 * `mapAudio((x) => amplitudeToDb(x))`, `mapAudio((x, lengths) => cmvn(x, { lengths }))`.
 *
 * @throws ValueError when f gives no tensor
 */
export function mapAudio(f: (audio: Tensor, lengths: Tensor | undefined) => Tensor): FixedAudioTransform {
  if (typeof f !== 'function') throw new ValueError(`mapAudio: takes a function of tensors, got ${typeof f}`)
  return fixedTransform('mapAudio', 'any', (fields) => {
    const audio = f(fields.audio, fields.lengths)
    if (!isTensor(audio)) throw new ValueError(`mapAudio: the function gave ${typeof audio}, not a tensor`)
    return { ...fields, audio }
  })
}

/** Signals at another sample rate, as `resample` has them: `lengths` become ceil(length newFreq / origFreq). */
export function toSampleRate(origFreq: number, newFreq: number, options: ResampleOptions = {}): FixedAudioTransform {
  const name = 'toSampleRate'
  checkOptions(name, options)
  whole(name, { origFreq, newFreq }, 1)
  return fixedTransform(name, 'signals', (fields) => {
    const extent = extentOf(fields)
    return {
      audio: resample(fields.audio, origFreq, newFreq, options),
      lengths: lengthsFrom(fields, typeof extent === 'number' ? extent : resampledLengths(extent, origFreq, newFreq)),
    }
  })
}

const resampledLengths = (lengths: Tensor, origFreq: number, newFreq: number): Tensor =>
  div(lengths.mul(newFreq) as Tensor, origFreq).ceil() as Tensor

/** Spectrograms of signals; `lengths` become numbers of frames. */
export function toSpectrogram(options: SpectrogramOptions & { power?: number | undefined } = {}): FixedAudioTransform {
  return framed('toSpectrogram', options, (x) => spectrogram(x, options))
}

/** Mel spectrograms of signals; `lengths` become numbers of frames. */
export function toMelSpectrogram(options: MelSpectrogramOptions = {}): FixedAudioTransform {
  return framed('toMelSpectrogram', options, (x) => melSpectrogram(x, options))
}

/** Cepstral coefficients of signals; `lengths` become numbers of frames. */
export function toMfcc(options: MfccOptions = {}): FixedAudioTransform {
  return framed('toMfcc', options, (x) => mfcc(x, options))
}

function framed(name: string, options: SpectrogramOptions, f: (x: Tensor) => Tensor): FixedAudioTransform {
  return fixedTransform(name, 'signals', (fields) => {
    const audio = f(fields.audio)
    return { audio, lengths: framesOf(fields, options, audio.shape.at(-1) as number) }
  })
}

/** Frames that begin within the signal: all that `spectrogram` would make of the row alone. */
function framesOf(fields: AudioFields, options: SpectrogramOptions, most: number): Tensor | undefined {
  const { nFft = 400, winLength = nFft, pad = 0, center = true } = options
  const { hopLength = Math.floor(winLength / 2) } = options
  const extent = extentOf(fields)
  if (typeof extent === 'number') return fields.lengths
  const reach = 2 * pad + (center ? 2 * Math.floor(nFft / 2) : 0) - nFft
  return lengthsFrom(fields, clamp(add(floor(div(add(extent, reach), hopLength)), 1), 0, most))
}
