// lib/audio: spectrograms, mel filter banks and cepstral coefficients.
// Importing it gives tensors their methods too.
import '../ops/index.js'

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
export { amplitudeToDb, type DecibelOptions, type SpectrogramOptions, spectrogram } from './spectrogram.js'
