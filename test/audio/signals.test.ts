/** What lib/audio does to signals, against definitions in f64: test/golden/signals.json, made by test/golden/signals.py. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as audio from '#lib/audio/index.js'
import {
  arange,
  gradcheck,
  hannWindow,
  manualSeed,
  randn,
  scope,
  stft,
  type Tensor,
  tensor,
  viewAsReal,
} from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const golden = JSON.parse(readFileSync(new URL('../golden/signals.json', import.meta.url), 'utf8')) as Record<
  string,
  { shape: number[]; values: number[] }
>
const wave = Float64Array.from({ length: 150 }, (_, i) => Math.sin((i * i) / 50) / (1 + i / 40))
const bursts = Float64Array.from({ length: 150 }, (_, i) => Math.cos(i * 0.9) * (i > 50 && i < 90 ? 1 : 1e-4))
const x = (): Tensor => tensor(wave) as Tensor
const loud = (): Tensor => tensor(bursts) as Tensor
const spectra = (nFft: number, hopLength: number): Tensor =>
  stft(x(), nFft, { hopLength, window: hannWindow(nFft, { symmetric: false, dtype: 'f64' }) as Tensor })
const powers = (): Tensor => audio.spectrogram(x(), { nFft: 16 })
const spectrumOf = (t: Tensor): Tensor =>
  stft(t, 32, { hopLength: 8, window: hannWindow(32, { symmetric: false, dtype: 'f64' }) as Tensor })
const batch = (t: Tensor): Tensor => t.unsqueeze(0)

const CALLS: Readonly<Record<string, () => Tensor>> = {
  'resample 3:2': () => audio.resample(x(), 3, 2),
  'resample 8000:11025': () => audio.resample(x(), 8000, 11025),
  'resample 2:1, kaiser': () =>
    audio.resample(x(), 32000, 16000, { lowpassFilterWidth: 9, rolloff: 0.9, resamplingMethod: 'sincInterpKaiser' }),
  'resample 20159:16000': () => audio.resample(x(), 20159, 16000),
  'resample 16000:20159': () => audio.resample(x(), 16000, 20159, { lowpassFilterWidth: 4 }),
  'phaseVocoder 1.3': () => audio.phaseVocoder(spectra(16, 4), 1.3, { hopLength: 4 }),
  'phaseVocoder 0.7': () => audio.phaseVocoder(spectra(16, 8), 0.7),
  'timeStretch 1.25': () => audio.timeStretch(x(), 1.25, { nFft: 32 }),
  'pitchShift 3': () => audio.pitchShift(x(), 8000, 3, { nFft: 32 }),
  'pitchShift -5': () => audio.pitchShift(x(), 8000, -5, { nFft: 32 }),
  griffinLim: () => audio.griffinLim(powers(), { nIter: 5, randInit: false }),
  'griffinLim, slow': () => audio.griffinLim(powers(), { nIter: 5, randInit: false, momentum: 0 }),
  muLawEncoding: () => audio.muLawEncoding(x()),
  muLawDecoding: () => audio.muLawDecoding(arange(0, 32, 1, { dtype: 'f64' }) as Tensor, 32),
  preemphasis: () => audio.preemphasis(x()),
  deemphasis: () => audio.deemphasis(x(), 0.9),
  addNoise: () => audio.addNoise(x(), loud(), 7),
  soundBounds: () => audio.soundBounds(batch(loud()), { topDb: 20, frameLength: 16, hopLength: 4 }).select(0, 0),
  'soundBounds, odd': () => audio.soundBounds(batch(loud()), { topDb: 30, frameLength: 9, hopLength: 4 }).select(0, 0),
}

/** Units of 2^-52 of the largest element: sums of up to 150 products; transforms and their phases; phases that add up and rounds of them. */
const UNITS = (name: string): number =>
  name.startsWith('resample') ? 150 : /phase|Stretch|pitch|griffin/.test(name) ? 4000 : 200

test('every golden case has a call', () => {
  expect(Object.keys(CALLS)).toEqual(Object.keys(golden))
})

test.each(Object.entries(golden))('%s', (name, { shape, values }) => {
  const found = (CALLS[name] as () => Tensor)()
  const y = found.dtype === 'c128' ? viewAsReal(found) : found
  expect(y.shape).toEqual(shape)
  const tolerance = UNITS(name) * 2 ** -52 * Math.max(...values.map(Math.abs))
  numbers(y).forEach((v, i) => {
    if (!(Math.abs(v - (values[i] as number)) <= tolerance)) expect(v, `element ${i}`).toBe(values[i])
  })
})

describe('resample', () => {
  test('ratios of large numbers: batches, f32 and every length', () => {
    manualSeed(3)
    const signals = randn([2, 3, 41], { dtype: 'f64' })
    for (const n of [1, 2, 40, 41]) {
      const part = signals.narrow(2, 0, n)
      const many = audio.resample(part as Tensor, 10007, 10009)
      expect(many.shape).toEqual([2, 3, Math.ceil((n * 10009) / 10007)])
      const one = audio.resample(part.select(0, 1).select(0, 2) as Tensor, 10007, 10009)
      expect([...numbers(many)].slice(-one.numel)).toEqual([...numbers(one)])
      const f32 = audio.resample((part as Tensor).to('f32'), 10007, 10009)
      expect(f32.dtype).toBe('f32')
      const rounded = numbers(f32)
      numbers(many).forEach((v, i) => {
        expect(Math.abs(v - (rounded[i] as number))).toBeLessThanOrEqual(40 * 2 ** -23)
      })
    }
  })

  test('a sine below both Nyquist frequencies comes back', () => {
    const n = 2000
    const sine = (rate: number, count: number): Float64Array =>
      Float64Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * 440 * i) / rate))
    const y = numbers(audio.resample(tensor(sine(16000, n)) as Tensor, 16000, 22050, { lowpassFilterWidth: 64 }))
    const expected = sine(22050, y.length)
    // The filter's ripple in the pass band with 64 zero crossings of a Hann window.
    for (let i = 300; i < y.length - 300; i++)
      expect(Math.abs((y[i] as number) - (expected[i] as number))).toBeLessThan(1e-4)
  })

  test('gradients are those of a linear map, by phases and by samples', () => {
    for (const [from, to] of [
      [3, 2],
      [20159, 16000],
    ] as const) {
      const v = tensor(wave.slice(0, 30), { requiresGrad: true }) as Tensor
      const g = tensor(wave.slice(0, Math.ceil((30 * to) / from)).reverse()) as Tensor
      const y = audio.resample(v, from, to)
      y.mul(g).sum().backward()
      // <g, A u> = <A' g, u>
      const u = tensor(wave.slice(60, 90)) as Tensor
      const left = numbers(audio.resample(u, from, to).mul(g).sum())[0] as number
      const right = numbers((v.grad as Tensor).mul(u).sum())[0] as number
      expect(Math.abs(left - right)).toBeLessThanOrEqual(100 * 2 ** -52 * Math.max(1, Math.abs(left)))
    }
  })

  test('no samples, equal rates, and what is wrong', () => {
    expect(audio.resample(tensor(new Float32Array(0)) as Tensor, 2, 1).shape).toEqual([0])
    const same = x()
    expect(audio.resample(same, 44100, 44100)).toBe(same)
    expect(() => audio.resample(x(), 8000.5, 16000)).toThrow('origFreq is 8000.5')
    expect(() => audio.resample(x(), 8000, 0)).toThrow('newFreq is 0')
    expect(() => audio.resample(tensor([1, 2], { dtype: 'i32' }) as Tensor, 2, 1)).toThrow('got i32')
    expect(() => audio.resample(x(), 2, 1, { beta: 3 })).toThrow("set resamplingMethod 'sincInterpKaiser'")
    expect(() => audio.resample(x(), 2, 1, { rollof: 1 } as object)).toThrow('did you mean "rolloff"')
  })
})

test('stretching and pitch keep batches, and change nothing where nothing is asked', () => {
  const two = tensor([...wave, ...bursts], { shape: [2, 1, 150], dtype: 'f64' }) as Tensor
  const y = audio.timeStretch(two, 0.8, { nFft: 32 })
  expect(y.shape).toEqual([2, 1, 188])
  expect([...numbers(y.select(0, 1).select(0, 0) as Tensor)]).toEqual([
    ...numbers(audio.timeStretch(loud(), 0.8, { nFft: 32 })),
  ])
  expect(audio.pitchShift(two, 8000, 2, { nFft: 32 }).shape).toEqual([2, 1, 150])
  expect(audio.timeStretch(two, 1)).toBe(two)
  expect(audio.pitchShift(two, 8000, 0)).toBe(two)
  expect(() => audio.timeStretch(two, 0)).toThrow('rate is 0')
  expect(() => audio.phaseVocoder(two, 2)).toThrow('complex spectra')
})

test('long spectra are stretched in parts, each frequency as it would be alone', () => {
  manualSeed(8)
  // 3 rows of 17 frequencies and 9,000 frames: more than what is computed at a time.
  const x = spectrumOf(randn([3, 9000 * 8], { dtype: 'f64' }))
  const y = audio.phaseVocoder(x, 1.5, { hopLength: 8 })
  expect(y.shape).toEqual([3, 17, 6001])
  const one = audio.phaseVocoder(x.select(0, 2) as Tensor, 1.5, { hopLength: 8 })
  expect([...numbers(viewAsReal(y.select(0, 2) as Tensor))]).toEqual([...numbers(viewAsReal(one))])
})

test('griffinLim is a function of its generator, and comes near the spectrogram', () => {
  const target = powers()
  const y = audio.griffinLim(target, { nIter: 60 })
  expect(y.shape).toEqual([144])
  const [a, b] = [numbers(audio.spectrogram(y, { nFft: 16 })), numbers(target)]
  const off = Math.sqrt(b.reduce((s, v, i) => s + (Math.sqrt(v) - Math.sqrt(a[i] as number)) ** 2, 0))
  const size = Math.sqrt(b.reduce((s, v) => s + v, 0))
  expect(off / size).toBeLessThan(0.1)
  expect(() => audio.griffinLim(target, { nFft: 20 })).toThrow('9 frequencies, nFft 20 has 11')
  expect(() => audio.griffinLim(target, { length: 200 })).toThrow('a length of 200 has 26 frames')
})

test('mu-law codes: ends, beyond them, and back within half a step', () => {
  expect([...numbers(audio.muLawEncoding(tensor([-2, -1, 0, 1, 2]) as Tensor))]).toEqual([0, 0, 128, 255, 255])
  const back = numbers(audio.muLawDecoding(audio.muLawEncoding(x())))
  wave.forEach((v, i) => {
    // A step is the slope of the curve, (1 / 255 + |v|) ln 256, times 2 / 255; half of one, and what the slope changes along it.
    expect(Math.abs((back[i] as number) - v)).toBeLessThan((0.55 * 2 * Math.log(256) * (1 / 255 + Math.abs(v))) / 255)
  })
  expect(() => audio.muLawEncoding(x(), 1)).toThrow('at least 2')
})

test('deemphasis undoes preemphasis, in batches', () => {
  const two = tensor([...wave, ...bursts], { shape: [2, 150], dtype: 'f64' }) as Tensor
  const back = numbers(audio.deemphasis(audio.preemphasis(two)))
  numbers(two).forEach((v, i) => {
    expect(Math.abs(v - (back[i] as number))).toBeLessThan(1e-13)
  })
  expect(() => audio.deemphasis(two, 1.1)).toThrow('from -1 to 1')
})

describe('levels', () => {
  const rows = (): Tensor => tensor([1, -2, 4, 3, 0, 0, 9, 9], { shape: [2, 4] }) as Tensor
  const lengths = (): Tensor => tensor([4, 2], { dtype: 'i64' }) as Tensor

  test('gain for each row', () => {
    expect([...numbers(audio.gain(rows(), [20, 0]))]).toEqual([10, -20, 40, 30, 0, 0, 9, 9])
    expect(() => audio.gain(rows(), [1, 2, 3])).toThrow('one for each row')
    expect(() => audio.gain(rows(), Number.NaN)).toThrow('gainDb is NaN')
  })

  test('peaks and root mean squares of each row, as far as it goes; silence stays', () => {
    expect([...numbers(audio.peakNormalize(rows(), { level: 2 }))]).toEqual([0.5, -1, 2, 1.5, 0, 0, 2, 2])
    expect([...numbers(audio.peakNormalize(rows(), { lengths: lengths() }))].slice(4)).toEqual([0, 0, 9, 9])
    const y = numbers(audio.rmsNormalize(rows(), { level: 1, lengths: tensor([4, 3], { dtype: 'i64' }) as Tensor }))
    expect(y[2]).toBeCloseTo(4 / Math.sqrt(30 / 4), 6)
    expect(y[6]).toBeCloseTo(Math.sqrt(3), 6)
    expect(() => audio.rmsNormalize(rows(), { level: 0 })).toThrow('level is 0')
  })

  test('noise at a ratio: per row, within lengths; silent noise and silent signals', () => {
    const noise = tensor([1, 1, 1, 1, 1, 1, 1, 1], { shape: [2, 4] }) as Tensor
    const y = numbers(audio.addNoise(rows(), noise, [0, 10]))
    const added = Math.sqrt(30 / 4)
    expect(y[0]).toBeCloseTo(1 + added, 5)
    expect(y[4]).toBeCloseTo(Math.sqrt(162 / 4 / 10), 5)
    expect([...numbers(audio.addNoise(rows(), noise, 0, { lengths: lengths() }))].slice(4)).toEqual([0, 0, 9, 9])
    expect([...numbers(audio.addNoise(rows(), noise.mul(0), 0))]).toEqual([...numbers(rows())])
    expect(() => audio.addNoise(rows(), noise.narrow(1, 0, 2) as Tensor, 0)).toThrow('does not go over')
  })
})

test('trimSilence cuts what soundBounds finds; all silent, empty, channels', async () => {
  const options = { topDb: 20, frameLength: 16, hopLength: 4 }
  const [start, end] = (golden.soundBounds as { values: number[] }).values as [number, number]
  expect([...numbers(await audio.trimSilence(loud(), options))]).toEqual([...bursts.slice(start, end)])
  const two = tensor([...bursts.map((v) => v * 1e-4), ...bursts], { shape: [2, 150], dtype: 'f64' }) as Tensor
  expect((await audio.trimSilence(two, options)).shape).toEqual([2, end - start])
  expect((await audio.trimSilence(loud(), { ...options, ref: 1e6 })).shape).toEqual([0])
  expect((await audio.trimSilence(tensor(new Float64Array(150)) as Tensor)).shape).toEqual([150])
  expect((await audio.trimSilence(tensor(new Float64Array(0)) as Tensor)).shape).toEqual([0])
  const cut = audio.soundBounds(batch(loud()), { ...options, lengths: tensor([60], { dtype: 'i64' }) as Tensor })
  expect([...numbers(cut)]).toEqual([start, 60])
})

test('cmvn: mean 0 and deviation 1 of each feature, as far as its row goes', () => {
  const features = tensor([1, 2, 3, 9, 4, 4, 4, 9], { shape: [1, 2, 4], dtype: 'f64' }) as Tensor
  const y = numbers(audio.cmvn(features, { lengths: tensor([3], { dtype: 'i64' }) as Tensor, eps: 0.5 }))
  const deviation = Math.sqrt(2 / 3 + 0.5)
  const expected = [-1 / deviation, 0, 1 / deviation, 0, 0, 0, 0, 0]
  y.forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i] as number, 12)
  })
  expect([...numbers(audio.cmvn(features, { normVars: false }))].slice(0, 4)).toEqual([-2.75, -1.75, -0.75, 5.25])
  expect(() => audio.cmvn(features, { lengths: tensor([3, 4], { dtype: 'i64' }) as Tensor })).toThrow(
    'one for each row',
  )
})

test.each<[string, (x: Tensor, y: Tensor) => Tensor]>([
  ['resample', (x) => audio.resample(x, 5, 7)],
  ['preemphasis', (x) => audio.preemphasis(x)],
  ['deemphasis', (x) => audio.deemphasis(x, 0.8)],
  ['cmvn', (x) => audio.cmvn(x, { lengths: tensor([5, 7], { dtype: 'i64' }) as Tensor })],
  ['addNoise', (x, y) => audio.addNoise(x, y, [3, -2])],
])('%s: gradients against differences', (_, f) => {
  scope(() => {
    manualSeed(11)
    const values = (): Tensor => randn([2, 3, 7], { dtype: 'f64', requiresGrad: true }) as Tensor
    const [x, y] = [values(), values()]
    expect(gradcheck(f.length === 1 ? (a: Tensor) => f(a, a) : f, f.length === 1 ? [x] : [x, y])).toBe(true)
  })
})
