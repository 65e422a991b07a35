/** Transforms of batches of audio: what they draw, that rows do not depend on their batch, and lengths. */
import { describe, expect, test } from 'vitest'
import * as audio from '#lib/audio/index.js'
import { ArrayDataset, type BatchTransform, DataLoader, type Random, transformContext } from '#lib/data/index.js'
import { manualSeed, rand, randn, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

type Batch = { audio: Tensor; lengths: Tensor; id: string }
const N = 4
const T = 400
const lengthsOf = (...values: number[]): Tensor => tensor(values, { dtype: 'i32' }) as Tensor
const context = (indices: number[] = [0, 1, 2, 3], seed = 7) => transformContext({ indices, seed, epoch: 2 })
/** The random numbers of a row of `context()`, from the beginning. */
const randomOf = (row: number): Random => context().random(row)
manualSeed(5)
const LENGTHS = [400, 300, 220, 150]
const ends = tensor(LENGTHS, { shape: [N, 1] }) as Tensor
const signals = randn([N, T]).mul(tensor(Float32Array.from({ length: T }, (_, i) => i)).lt(ends)) as Tensor
const spectra = rand([N, 6, 40]).add(0.5) as Tensor
const rows = (t: Tensor): number[][] => {
  const [n, all] = [t.shape[0] as number, [...numbers(t)]]
  return Array.from({ length: n }, (_, i) => all.slice((i * all.length) / n, ((i + 1) * all.length) / n))
}
const batch = (): Batch => ({ audio: signals, lengths: lengthsOf(...LENGTHS), id: 'kept' })

const noises = [randn([1000]), randn([37])] as Tensor[]
const SIGNALS: Readonly<Record<string, BatchTransform>> = {
  randomGain: audio.randomGain({ p: 0.6 }),
  randomNoise: audio.randomNoise({ p: 0.6 }),
  backgroundNoise: audio.backgroundNoise(noises),
  randomCrop: audio.randomCrop(100),
  padOrTrim: audio.padOrTrim(250),
  silenceTrimming: audio.silenceTrimming({ frameLength: 32, hopLength: 8, topDb: 10 }),
  speedPerturbation: audio.speedPerturbation(100),
  tempoPerturbation: audio.tempoPerturbation(undefined, { nFft: 32 }),
  pitchPerturbation: audio.pitchPerturbation(800, undefined, { nFft: 32 }),
  toSampleRate: audio.toSampleRate(3, 2),
  toMelSpectrogram: audio.toMelSpectrogram({ nFft: 32, nMels: 5, sampleRate: 800 }),
  mapAudio: audio.mapAudio((x, lengths) => audio.peakNormalize(x, { lengths })),
}
const SPECTRA: Readonly<Record<string, BatchTransform>> = {
  timeMasking: audio.timeMasking(12, { count: 2 }),
  frequencyMasking: audio.frequencyMasking(3, { value: 'mean' }),
  timeWarping: audio.timeWarping(5, { p: 0.7 }),
  specAugment: audio.specAugment({ timeWarp: 4, timeMaskParam: 9, freqMaskParam: 3, p: 0.8 }),
}

describe.each([...Object.entries(SIGNALS), ...Object.entries(SPECTRA)])('%s', (name, transform) => {
  const x = name in SIGNALS ? signals : spectra
  const lengths = name in SIGNALS ? LENGTHS : [40, 30, 21, 7]
  const whole = (): Batch => ({ audio: x, lengths: lengthsOf(...lengths), id: 'kept' })

  test('a row is the same in any batch, up to the zeros behind it', () => {
    const all = transform(whole(), context()) as Batch
    const order = [3, 1]
    const some = transform(
      {
        audio: x.indexSelect(0, tensor(order, { dtype: 'i32' })),
        lengths: lengthsOf(lengths[3] as number, lengths[1] as number),
        id: '',
      },
      context(order),
    ) as Batch
    expect(all.id).toBe('kept')
    expect(all.lengths.dtype).toBe('i32')
    expect(all.audio.dtype).toBe('f32')
    const [kept, keptOfAll] = [numbers(some.lengths), numbers(all.lengths)]
    order.forEach((row, i) => {
      expect(kept[i]).toBe(keptOfAll[row])
      // Along time, as far as both go: a batch is as long as its longest row.
      const t = Math.min(some.audio.shape.at(-1) as number, all.audio.shape.at(-1) as number)
      const cut = (b: Batch): Tensor => b.audio.narrow(b.audio.rank - 1, 0, t) as Tensor
      expect(rows(cut(some))[i]).toEqual(rows(cut(all))[row])
    })
  })

  test('again the same, alone or in an object; channels; no rows', () => {
    const alone = transform(x, context()) as Tensor
    expect([...numbers(transform(x, context()) as Tensor)]).toEqual([...numbers(alone)])
    const stereo = transform(x.unsqueeze(1).repeat(x.rank === 2 ? [1, 2, 1] : [1, 2, 1, 1]), context()) as Tensor
    expect(stereo.shape).toEqual([N, 2, ...alone.shape.slice(1)])
    const none = transform(x.narrow(0, 0, 0), transformContext({ indices: [] })) as Tensor
    expect(none.shape[0]).toBe(0)
    expect(() => transform({ sound: x }, context())).toThrow("in its field 'audio'; found: sound")
    expect(() => transform({ audio: x, lengths: lengthsOf(1) }, context())).toThrow('one for each row')
    expect(() => transform(x.to('i32'), context())).toThrow('got i32')
  })
})

test('every random transform asks for a context of the batch', () => {
  expect(() => SIGNALS.randomGain?.(signals, undefined as never)).toThrow('takes a context')
  expect(() => SIGNALS.randomGain?.(signals, context([1]))).toThrow('a context of 1 rows')
})

test('gain and noise: the decibels that were drawn; rows without their chance stay to the bit', () => {
  const gained = rows(audio.randomGain({ gainDb: [-20, 20], p: 0.5 })(signals, context()))
  const noisy = rows((audio.randomNoise({ snr: [10, 20], p: 0.5 })(batch(), context()) as Batch).audio)
  const before = rows(signals)
  const applied = before.map((row, i) => {
    const random = randomOf(i)
    const [db, applies] = [random.between(-20, 20), random.uniform() < 0.5]
    row.forEach((v, t) => {
      expect((gained[i] as number[])[t]).toBeCloseTo(applies ? v * 10 ** (db / 20) : v, 5)
    })
    const n = LENGTHS[i] as number
    const added = (noisy[i] as number[]).map((v, t) => v - (row[t] as number))
    if (!applies) expect(noisy[i]).toEqual(row)
    else {
      const energy = (values: number[]): number => values.slice(0, n).reduce((s, v) => s + v * v, 0)
      const snr = randomOf(i).between(10, 20)
      expect(10 * Math.log10(energy(row) / energy(added))).toBeCloseTo(snr, 3)
    }
    return applies
  })
  expect(new Set(applied).size).toBe(2)
  expect(() => audio.randomNoise({ snr: [3, 1] })).toThrow('snr')
  expect(() => audio.backgroundNoise([])).toThrow('at least one')
})

test('background noise goes on from its beginning', () => {
  const ramp = tensor(Float32Array.from({ length: 7 }, (_, i) => i + 1)) as Tensor
  const silent = audio.backgroundNoise([ramp], { snr: [0, 0] })(signals, context())
  rows(silent).forEach((row, i) => {
    const random = randomOf(i)
    random.int(1)
    random.between(0, 0)
    random.uniform()
    // The noise is what was added over the scale that the first sample tells.
    const added = row.map((v, t) => v - ((rows(signals)[i] as number[])[t] as number))
    const start = Number(added.indexOf(Math.min(...added.slice(0, 7))))
    const scale = added[start] as number
    for (let t = 0; t < 50; t++) expect((added[t] as number) / scale).toBeCloseTo(((((t - start) % 7) + 7) % 7) + 1, 3)
  })
})

test('crops lie within the row, at places drawn; what is shorter is whole', () => {
  const y = audio.randomCrop(180)(batch(), context()) as Batch
  expect([...numbers(y.lengths)]).toEqual([180, 180, 180, 150])
  rows(y.audio).forEach((row, i) => {
    const room = Math.max(0, (LENGTHS[i] as number) - 180)
    const start = Math.floor(randomOf(i).uniform() * (room + 1))
    expect(row).toEqual((rows(signals)[i] as number[]).slice(start, start + 180))
  })
  expect(audio.randomCrop(500)(signals, context()).shape).toEqual([N, 500])
  expect(() => audio.randomCrop(0)).toThrow('size is 0')
})

test('silence: rows begin with their sound and end with it', () => {
  const x = tensor([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], { shape: [1, 16] }) as Tensor
  const y = audio.silenceTrimming({ frameLength: 2, hopLength: 1 })({ audio: x, lengths: lengthsOf(16) })
  // A frame of 2 around t holds t - 1 and t: 4 to 8 sound.
  expect([...numbers(y.lengths)]).toEqual([5])
  expect([...numbers(y.audio)]).toEqual([1, 1, 1, 1, ...new Array(12).fill(0)])
})

test('speeds: every row by its own factor, lengths rounded up', () => {
  const y = audio.speedPerturbation(100, [0.5, 1, 1.25])(batch(), context()) as Batch
  const factors = LENGTHS.map((_, i) => [0.5, 1, 1.25][randomOf(i).int(3)] as number)
  expect(new Set(factors).size).toBeGreaterThan(1)
  expect([...numbers(y.lengths)]).toEqual(LENGTHS.map((n, i) => Math.ceil(n / (factors[i] as number))))
  const longest = Math.max(...factors.map((f) => Math.ceil(T / f)))
  expect(y.audio.shape).toEqual([N, longest])
  factors.forEach((factor, i) => {
    const alone = [...numbers(audio.resample(signals.select(0, i) as Tensor, factor * 100, 100))]
    ;(rows(y.audio)[i] as number[]).forEach((v, t) => {
      expect(Math.abs(v - (alone[t] ?? 0))).toBeLessThan(1e-5)
    })
  })
  // 16,000 times 1.15 is 18,399.999... in f64.
  const exact = audio.speedPerturbation(16_000, [1.15])(batch(), context()) as Batch
  expect([...numbers(exact.lengths)]).toEqual(LENGTHS.map((n) => Math.ceil((n * 20) / 23)))
  expect(() => audio.speedPerturbation(100, [])).toThrow('at least one number')
  expect(() => audio.speedPerturbation(100, [0])).toThrow('rate is 0')
})

describe('masks', () => {
  const sizes = [40, 30, 21, 7]
  const whole = (): Batch => ({ audio: spectra, lengths: lengthsOf(...sizes), id: '' })

  test('of frames, by the definition, within lengths', () => {
    const y = audio.timeMasking(12, { count: 2, maxProportion: 0.5, value: -1 })(whole(), context()) as Batch
    rows(y.audio).forEach((row, i) => {
      const random = randomOf(i)
      random.uniform()
      const size = sizes[i] as number
      const covered = new Set<number>()
      for (let k = 0; k < 2; k++) {
        const width = random.uniform() * Math.min(12, Math.floor(size / 2))
        const start = Math.floor(random.uniform() * (size - width))
        for (let t = start; t < start + Math.floor(width); t++) covered.add(t)
      }
      row.forEach((v, at) => {
        expect(v).toBe(covered.has(at % 40) ? -1 : (rows(spectra)[i] as number[])[at])
      })
    })
  })

  test('of frequencies, with the mean of the frames that count', () => {
    const y = audio.frequencyMasking(4, { value: 'mean' })(whole(), context()) as Batch
    let changed = 0
    rows(y.audio).forEach((row, i) => {
      const random = randomOf(i)
      random.uniform()
      const width = random.uniform() * 4
      const start = Math.floor(random.uniform() * (6 - width))
      const before = rows(spectra)[i] as number[]
      const counted = before.filter((_, at) => at % 40 < (sizes[i] as number))
      const mean = counted.reduce((s, v) => s + v, 0) / counted.length
      row.forEach((v, at) => {
        const f = Math.floor(at / 40)
        const inside = f >= start && f < start + Math.floor(width)
        if (inside) changed++
        expect(v).toBeCloseTo(inside ? mean : (before[at] as number), 5)
      })
    })
    expect(changed).toBeGreaterThan(0)
  })

  test('params above the axis mask at most all of it; chances; what is wrong', () => {
    const y = audio.frequencyMasking(1000, { value: 0 })(spectra, context())
    expect(y.shape).toEqual(spectra.shape)
    expect([...numbers(audio.timeMasking(10, { p: 0 })(spectra, context()))]).toEqual([...numbers(spectra)])
    expect(() => audio.timeMasking(2.5)).toThrow('timeMaskParam is 2.5')
    expect(() => audio.timeMasking(2, { maxProportion: 2 })).toThrow('maxProportion is 2')
    expect(() => audio.specAugment({ policy: 'XX' as 'LB' })).toThrow('LB, LD, SM, SS')
    expect(() => audio.specAugment({ freqMask: 3 } as object)).toThrow('did you mean "freqMaskParam"')
  })
})

test('time warps move one frame, keep the ends, and are linear between', () => {
  const ramp = tensor(Float32Array.from({ length: 40 }, (_, t) => t)) as Tensor
  const x = ramp.reshape([1, 1, 40]).repeat([N, 2, 1]) as Tensor
  const sizes = [40, 30, 21, 7]
  const y = audio.timeWarping(5)({ audio: x, lengths: lengthsOf(...sizes) }, context())
  let moved = 0
  rows(y.audio).forEach((row, i) => {
    const random = randomOf(i)
    random.uniform()
    const [place, share] = [random.uniform(), random.uniform()]
    const size = sizes[i] as number
    const from = 5 + Math.floor(place * (size - 10))
    const shift = size > 10 ? Math.floor(share * 11) - 5 : 0
    const to = from + shift
    if (shift !== 0) moved++
    row.forEach((v, at) => {
      const t = at % 40
      const warped = t < to ? (t * from) / to : from + ((t - to) * (size - 1 - from)) / (size - 1 - to)
      expect(v).toBeCloseTo(shift !== 0 && t < size ? warped : t, 4)
    })
  })
  expect(moved).toBeGreaterThan(1)
  const silent = x.log() as Tensor
  expect(numbers(audio.timeWarping(5)(silent, context())).some(Number.isNaN)).toBe(false)
})

test('spectra of rows have the frames that each row would have alone', () => {
  const options = { nFft: 32, hopLength: 10, nMels: 4, sampleRate: 800 }
  for (const center of [true, false]) {
    const y = audio.toMelSpectrogram({ ...options, center })(batch()) as Batch
    const alone = LENGTHS.map((n, i) =>
      audio.melSpectrogram(signals.select(0, i).narrow(0, 0, n) as Tensor, { ...options, center }),
    )
    expect([...numbers(y.lengths)]).toEqual(alone.map((m) => m.shape[1]))
  }
})

test('in a loader: compose draws on, and epochs are the same whatever the batch size', async () => {
  const dataset = new ArrayDataset({ audio: { data: Float32Array.from(numbers(signals)), shape: [N, T] } })
  const augment = audio.compose([
    audio.randomGain(),
    audio.randomNoise(),
    audio.randomCrop(200),
    audio.toMelSpectrogram({ nFft: 32, nMels: 5, sampleRate: 800 }),
    audio.mapAudio((x) => audio.amplitudeToDb(x)),
    audio.specAugment({ timeWarp: 2, timeMaskParam: 3, freqMaskParam: 2 }),
  ])
  const epoch = async (batchSize: number): Promise<number[][]> => {
    const loader = new DataLoader(dataset, { batchSize, transform: augment, seed: 3 })
    const found: number[][] = []
    for await (const b of loader) found.push(...rows((b as { audio: Tensor }).audio))
    await loader.close()
    return found
  }
  const [one, all] = [await epoch(1), await epoch(4)]
  expect(one.length).toBe(N)
  expect(one).toEqual(all)
})
