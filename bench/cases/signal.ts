/** Ten seconds of speech, sixteen times: spectra, their powers, mel filters and cepstra. */
import { hannWindow, randn, stft, type Tensor } from 'sinter'
import { melFilterBank, melScale, melSpectrogram, mfcc, spectrogram } from 'sinter/audio'
import { type Case, forwardOnly, withBackward } from '../case.js'

const SHAPE = [16, 160_000] as const
const SIZE = SHAPE.join('x')
const FRAMES = { nFft: 400, hopLength: 160 } as const
const MELS = { ...FRAMES, nMels: 80 } as const

const on = (name: string, call: (x: Tensor) => unknown): Case => ({
  name: `signal.${name}.${SIZE}`,
  dtype: 'f32',
  prepare() {
    const x = randn(SHAPE)
    return forwardOnly(() => call(x))
  },
})

const stftBoth: Case = {
  name: `signal.stft.fwdbwd.${SIZE}`,
  dtype: 'f32',
  prepare() {
    const [x, window] = [randn(SHAPE), hannWindow(400, { symmetric: false })]
    return withBackward(() => stft(x, 400, { hopLength: 160, window, returnComplex: false }), [x])
  },
}

/** Filters alone, of spectra as they come. */
const filters: Case = {
  name: 'signal.mel_scale.16x201x1001',
  dtype: 'f32',
  prepare() {
    const [x, bank] = [randn([16, 201, 1001]), melFilterBank(201, { nMels: 80 })]
    return forwardOnly(() => melScale(x, bank))
  },
}

export const signal: readonly Case[] = [
  {
    ...on('stft', () => {}),
    prepare() {
      const [x, window] = [randn(SHAPE), hannWindow(400, { symmetric: false })]
      return forwardOnly(() => stft(x, 400, { hopLength: 160, window }))
    },
  },
  stftBoth,
  on('spectrogram', (x) => spectrogram(x, FRAMES)),
  filters,
  on('mel_spectrogram', (x) => melSpectrogram(x, MELS)),
  on('mfcc', (x) => mfcc(x, { ...MELS, nMfcc: 40 })),
]
