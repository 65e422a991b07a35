// lib/audio: spectrograms, mel filter banks and cepstral coefficients; sample rates, tempo, pitch, loudness and noise of signals; and of batches, by
// chance, in loaders. Importing
// it gives tensors their methods too.
import '../ops/index.js'

export { compose } from '../transforms/compose.js'
export type { AudioBatch, AudioTransform, FixedAudioTransform } from './batch.js'
export { type CmvnOptions, cmvn } from './cmvn.js'
export { deemphasis, muLawDecoding, muLawEncoding, preemphasis } from './coding.js'
export { mapAudio, toMelSpectrogram, toMfcc, toSampleRate, toSpectrogram } from './features.js'
export { type GriffinLimOptions, griffinLim } from './griffinLim.js'
export { addNoise, gain, type LevelOptions, peakNormalize, rmsNormalize } from './levels.js'
export {
  createDct,
  hzToMel,
  type MelOptions,
  type MelScale,
  type MelSpectrogramOptions,
  type MfccOptions,
  melFilterBank,
  melScale,
  melSpectrogram,
  melToHz,
  mfcc,
} from './mel.js'
export {
  backgroundNoise,
  type RandomGainOptions,
  type RandomNoiseOptions,
  randomGain,
  randomNoise,
} from './noise.js'
export { pitchPerturbation, speedPerturbation, tempoPerturbation } from './perturb.js'
export { type ResampleOptions, resample, resampledLength } from './resample.js'
export type { PerRow } from './signals.js'
export { type SilenceOptions, soundBounds, trimSilence } from './silence.js'
export {
  frequencyMasking,
  type MaskingOptions,
  type SpecAugmentOptions,
  specAugment,
  type TimeMaskingOptions,
  timeMasking,
} from './specAugment.js'
export { amplitudeToDb, type DecibelOptions, type SpectrogramOptions, spectrogram } from './spectrogram.js'
export { timeWarping } from './timeWarp.js'
export { type PitchShiftOptions, phaseVocoder, pitchShift, type StretchOptions, timeStretch } from './vocoder.js'
export { padOrTrim, randomCrop, silenceTrimming } from './windows.js'
