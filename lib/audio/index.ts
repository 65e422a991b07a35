// lib/audio: spectrograms, mel filter banks and cepstral coefficients; sample rates, tempo, pitch, loudness and noise of signals. Importing
// it gives tensors their methods too.
import '../ops/index.js'

export { type CmvnOptions, cmvn } from './cmvn.js'
export { deemphasis, muLawDecoding, muLawEncoding, preemphasis } from './coding.js'
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
export { type ResampleOptions, resample, resampledLength } from './resample.js'
export type { PerRow } from './signals.js'
export { type SilenceOptions, soundBounds, trimSilence } from './silence.js'
export { amplitudeToDb, type DecibelOptions, type SpectrogramOptions, spectrogram } from './spectrogram.js'
export { type PitchShiftOptions, phaseVocoder, pitchShift, type StretchOptions, timeStretch } from './vocoder.js'
