/** lib/audio against the published formulas: test/golden/audio.json, made by test/golden/audio.py. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as audio from '#lib/audio/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const golden = JSON.parse(readFileSync(new URL('../golden/audio.json', import.meta.url), 'utf8')) as Record<
  string,
  { shape: number[]; values: number[] }
>
const f64 = { dtype: 'f64' } as const
const signal = Float64Array.from({ length: 150 }, (_, i) => Math.sin((i * i) / 50) / (1 + i / 40))
const small = { sampleRate: 8000, nFft: 32, hopLength: 12, nMels: 7 } as const
const CALLS: Readonly<Record<string, () => Tensor>> = {
  htk: () => audio.melFilterBank(17, { fMin: 100, fMax: 3800, nMels: 7, sampleRate: 8000, ...f64 }),
  slaney: () => audio.melFilterBank(33, { fMin: 50, fMax: 7000, nMels: 9, norm: 'slaney', scale: 'slaney', ...f64 }),
  melSpectrogram: () => audio.melSpectrogram(tensor(signal) as Tensor, small),
  mfcc: () => audio.mfcc(tensor(signal) as Tensor, { ...small, nMfcc: 5 }),
}

test.each(Object.entries(golden))('%s', (name, { shape, values }) => {
  const y = (CALLS[name] as () => Tensor)()
  expect(y.shape).toEqual(shape)
  // A transform of 32 elements, a filter and a logarithm in f64, each relative to the largest element.
  const largest = Math.max(...values.map(Math.abs))
  numbers(y).forEach((v, i) => {
    if (!(Math.abs(v - (values[i] as number)) <= 200 * 2 ** -52 * largest)) expect(v, `element ${i}`).toBe(values[i])
  })
})

test('mel scales and their inverses', () => {
  for (const scale of ['htk', 'slaney'] as const)
    for (const f of [0, 440, 999, 1000, 1001, 8000])
      expect(audio.melToHz(audio.hzToMel(f, scale), scale)).toBeCloseTo(f, 8)
  expect(audio.hzToMel(1000, 'slaney')).toBeCloseTo(15, 12)
  expect(audio.hzToMel(6400, 'slaney')).toBeCloseTo(42, 12)
  expect(audio.hzToMel(700)).toBeCloseTo(2595 * Math.log10(2), 9)
})

test('the cosine transform is orthogonal, and twice the cosines without a norm', () => {
  const dct = audio.createDct(6, 6, f64)
  const square = numbers(dct.matmul(dct.t()))
  square.forEach((v, i) => {
    expect(v).toBeCloseTo(i % 7 === 0 ? 1 : 0, 12)
  })
  expect(numbers(audio.createDct(2, 3, { norm: null, ...f64 }))[1]).toBeCloseTo(2 * Math.cos(Math.PI / 6), 12)
})

test('complex spectra where no power is asked for, of the signal without a power kernel', () => {
  const x = tensor(signal) as Tensor
  const spectra = audio.spectrogram(x, { nFft: 32, power: null })
  expect(spectra.dtype).toBe('c128')
  const [powers, magnitudes] = [numbers(audio.spectrogram(x, { nFft: 32 })), numbers(spectra.abs())]
  magnitudes.forEach((v, i) => {
    expect(powers[i]).toBeCloseTo(v * v, 10)
  })
})
