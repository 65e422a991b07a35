// Datasets made of datasets: what they give, that streams resume at the very sample, and what becomes of records that cannot be read.
import { describe, expect, it } from 'vitest'
import {
  ArrayDataset,
  cacheSamples,
  chainDatasets,
  concatDatasets,
  DataLoader,
  type Dataset,
  disposeBatch,
  groupSamples,
  type IterableDataset,
  interleaveDatasets,
  mapSamples,
  mixDatasets,
  mixStreams,
  Random,
  RecordError,
  type SampleContext,
  shuffleBuffer,
  skipSamples,
  subset,
  takeSamples,
} from '#lib/data/index.js'

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b)
const indexed = (length: number, begin = 0): Dataset<number> => ({ length, get: (i) => begin + i })
const stream = (length: number, begin = 0): IterableDataset<number> => ({
  *iterate() {
    for (let i = 0; i < length; i++) yield begin + i
  },
})

async function read(dataset: Dataset<any> | IterableDataset<any>, options = {}, from = 0): Promise<number[]> {
  const loader = new DataLoader<any>(dataset, { batchSize: 1, onError: 'skip', ...options })
  if (from > 0) loader.loadState({ ...loader.state(), batch: from })
  const values: number[] = []
  for await (const batch of loader) {
    values.push(...((await batch.toArray()) as number[]))
    disposeBatch(batch)
  }
  return values
}

describe('datasets of samples by index', () => {
  it('are mapped, cut, joined', async () => {
    expect(await read(mapSamples(indexed(4), (i) => 10 * i))).toEqual([0, 10, 20, 30])
    expect(await read(subset(indexed(10), [7, 2, 2]))).toEqual([7, 2, 2])
    expect(await read(takeSamples(indexed(10), 3))).toEqual([0, 1, 2])
    expect(await read(takeSamples(indexed(2), 3))).toEqual([0, 1])
    expect(await read(skipSamples(indexed(5), 3))).toEqual([3, 4])
    expect(await read(skipSamples(indexed(5), 9))).toEqual([])
    const joined = concatDatasets(indexed(2), indexed(0), indexed(3, 10), indexed(1, 20))
    expect(await read(joined)).toEqual([0, 1, 10, 11, 12, 20])
    expect(() => subset(indexed(3), [3])).toThrow('index 0 is 3, expected a whole number from 0 to 2')
    expect(() => concatDatasets()).toThrow('no datasets')
    expect(() => takeSamples(indexed(3), -1)).toThrow('count is -1')
  })

  it('a subset makes whole batches as its dataset does', async () => {
    const array = new ArrayDataset({ x: { data: Float32Array.from(upTo(6)) } })
    const part = subset(array, [5, 1, 3])
    expect(part.getBatch?.(Uint32Array.of(2, 0), undefined as never)).toEqual({
      x: { data: Float32Array.of(3, 5), shape: [2] },
    })
    expect('getBatch' in subset(indexed(3), [1])).toBe(false)
  })

  it('a map draws the numbers of its sample, whatever the batch size', async () => {
    const noisy = mapSamples(indexed(9), (i, { random }: SampleContext) => i + random.uniform())
    const one = await read(noisy, { seed: 4, shuffle: true })
    expect(await read(noisy, { seed: 4, shuffle: true, batchSize: 4 })).toEqual(one)
    expect(new Set(one.map((x) => x % 1)).size).toBe(9)
  })

  it('a cache reads once, and does not keep errors', async () => {
    const reads: number[] = []
    let broken = true
    const cached = cacheSamples({
      length: 3,
      get(i: number) {
        reads.push(i)
        if (i === 1 && broken) throw new RecordError('bad', { file: 'f' })
        return i
      },
    })
    expect(await read(cached)).toEqual([0, 2])
    broken = false
    expect(await read(cached)).toEqual([0, 1, 2])
    expect(await read(cached)).toEqual([0, 1, 2])
    expect(reads).toEqual([0, 1, 2, 1])
  })
})

const streams: Record<string, IterableDataset<number>> = {
  mapped: mapSamples(stream(20), (i) => 2 * i),
  noisy: mapSamples(
    mapSamples(stream(20), (i, { random }) => i + random.uniform()),
    (i, { random }) => i + random.uniform(),
  ),
  taken: takeSamples(stream(30), 20),
  skipped: skipSamples(stream(30), 10),
  shuffled: shuffleBuffer(stream(20), 6),
  chained: chainDatasets(stream(5), stream(0), stream(15, 100)),
  interleaved: interleaveDatasets([stream(5), stream(12, 100), stream(3, 200)], { block: 2 }),
  mixed: mixStreams([stream(9), stream(11, 100)], [1, 3], { stop: 'all' }),
  nested: mapSamples(
    shuffleBuffer(
      chainDatasets(
        mapSamples(stream(8), (i) => -i),
        stream(12),
      ),
      5,
    ),
    (i) => i + 0.5,
  ),
}

describe('streams', () => {
  it('are mapped, cut, joined, in turn', async () => {
    expect(await read(streams['mapped']!)).toEqual(upTo(20).map((i) => 2 * i))
    expect(await read(streams['taken']!)).toEqual(upTo(20))
    expect(await read(streams['skipped']!)).toEqual(upTo(20).map((i) => i + 10))
    expect(await read(streams['chained']!)).toEqual([...upTo(5), ...upTo(15).map((i) => 100 + i)])
    expect(await read(interleaveDatasets([stream(5), stream(4, 100), stream(1, 200)], { block: 2 }))).toEqual([
      0, 1, 100, 101, 200, 2, 3, 102, 103, 4,
    ])
    expect(await read(interleaveDatasets([stream(2), stream(4, 100)], { stop: 'first' }))).toEqual([0, 100, 1, 101])
    expect(await read(takeSamples(stream(4), 0))).toEqual([])
    expect(() => interleaveDatasets([stream(1)], { stop: 'one' as never })).toThrow(`stop is "one"`)
    expect(() => chainDatasets(stream(1), { ...stream(1), sharded: true })).toThrow('dataset 1 is so')
  })

  it.each(Object.keys(streams))('resume at every sample, the same each time but for chance (%s)', async (name) => {
    const whole = await read(streams[name]!, { seed: 8 })
    expect(whole.length).toBe(20)
    for (const from of [1, 7, 19, 20]) expect(await read(streams[name]!, { seed: 8 }, from)).toEqual(whole.slice(from))
  })

  it('draw their own random numbers at each place', async () => {
    const noise = (await read(streams['noisy']!)).map((x, i) => x - i)
    expect(new Set(noise.map((x) => x.toFixed(4))).size).toBe(20)
    // Two maps, two numbers: the sum of two equal ones would have a mean square deviation twice as large.
    const many = await read(
      mapSamples(
        mapSamples(stream(4000), (_, { random }) => random.uniform()),
        (x, { random }) => (x - 0.5) * (random.uniform() - 0.5),
      ),
      { batchSize: 100 },
    )
    // Covariance 0 with standard deviation 1/12 / sqrt(n); of equal numbers it would be 1/12.
    expect(Math.abs(many.reduce((sum, x) => sum + x, 0) / 4000)).toBeLessThan(5 / 12 / Math.sqrt(4000))
    const both = interleaveDatasets([0, 1].map(() => mapSamples(stream(20), (_, { random }) => random.uniform())))
    expect(new Set(await read(both)).size).toBe(40)
  })

  it('a buffer mixes: all samples, in another order each epoch', async () => {
    const loader = new DataLoader<any>(shuffleBuffer(stream(200), 50), { batchSize: 200, seed: 1 })
    const epochs: number[][] = []
    for (let epoch = 0; epoch < 2; epoch++)
      for await (const batch of loader) {
        epochs.push((await batch.toArray()) as number[])
        batch.dispose()
      }
    for (const order of epochs) expect(sorted(order)).toEqual(upTo(200))
    expect(epochs[0]).not.toEqual(epochs[1])
    // No sample comes more than a buffer's length before its place.
    expect(epochs[0]!.every((value, place) => value <= place + 50)).toBe(true)
    expect(epochs[0]!.filter((value, place) => Math.abs(value - place) > 10).length).toBeGreaterThan(100)
    expect(await read(shuffleBuffer(stream(5), 1))).toEqual(upTo(5))
    expect(sorted(await read(shuffleBuffer(stream(3), 10)))).toEqual(upTo(3))
  })

  it('call no function for what others take or took', async () => {
    const made: number[] = []
    const counted = mapSamples(
      shuffleBuffer(
        mapSamples(stream(12), (i) => made.push(i) && i),
        4,
      ),
      (i) => i,
    )
    const whole = await read(counted, { batchSize: 4 })
    expect(made.length).toBe(12)
    made.length = 0
    expect(await read(counted, { batchSize: 4 }, 2)).toEqual(whole.slice(8))
    expect(made.length).toBe(4)
  })

  it('close what they read when they are left', async () => {
    let open = 0
    const guarded = (length: number): IterableDataset<number> => ({
      *iterate() {
        open++
        try {
          yield* upTo(length)
        } finally {
          open--
        }
      },
    })
    const dataset = mapSamples(shuffleBuffer(interleaveDatasets([guarded(50), guarded(50)]), 5), (i) => i)
    for await (const batch of new DataLoader<any>(dataset)) {
      expect(open).toBe(2)
      batch.dispose()
      break
    }
    expect(open).toBe(0)
    await read(takeSamples(guarded(9), 2))
    expect(open).toBe(0)
  })

  it('pass on what cannot be read, and go on behind it', async () => {
    const bad = (i: number) => {
      if (i % 5 === 3) throw new RecordError('odd', { file: 'f', line: i })
      return i
    }
    const expected = upTo(20).filter((i) => i % 5 !== 3)
    expect(await read(mapSamples(stream(20), bad))).toEqual(expected)
    expect(sorted(await read(shuffleBuffer(mapSamples(stream(20), bad), 4)))).toEqual(expected)
    expect(await read(mapSamples(mapSamples(stream(20), bad), (i) => i))).toEqual(expected)
    // A batch stays the batch of its records.
    expect(await read(mapSamples(stream(20), bad), { batchSize: 4 }, 1)).toEqual(expected.filter((i) => i >= 4))
    const yielding: IterableDataset<number> = {
      *iterate() {
        for (const i of upTo(20)) yield i % 5 === 3 ? new RecordError('odd', { file: 'f' }) : i
      },
    }
    expect(await read(chainDatasets(takeSamples(yielding, 20), stream(1)))).toEqual([...expected, 0])
  })

  it('make groups of samples', async () => {
    const groups: unknown[] = []
    for await (const group of groupSamples(stream(5), 2).iterate({ ...context() }) as AsyncIterable<number[]>)
      groups.push(group)
    expect(groups).toEqual([[0, 1], [2, 3], [4]])
    groups.length = 0
    for await (const group of groupSamples(stream(5), 2, { dropLast: true }).iterate(context()) as AsyncIterable<
      number[]
    >)
      groups.push(group)
    expect(groups).toEqual([
      [0, 1],
      [2, 3],
    ])
  })
})

const context = () => ({ epoch: 0, seed: 0, random: new Random(0), rank: 0, worldSize: 1, worker: 0, workers: 1 })

describe('mixtures', () => {
  it('keep the shares at every place, and go through each dataset before any sample comes again', async () => {
    const mixed = mixDatasets([indexed(10), indexed(4, 100), indexed(5, 200)], [5, 3, 0], { samples: 16, seed: 2 })
    const loader = new DataLoader<any>(mixed, { batchSize: 16 })
    const seen: number[] = []
    for (let epoch = 0; epoch < 2; epoch++)
      for await (const batch of loader) {
        const values = (await batch.toArray()) as number[]
        for (let n = 1; n <= 16; n++) {
          const second = values.slice(0, n).filter((value) => value >= 100).length
          expect(Math.abs(second - (3 / 8) * n)).toBeLessThan(1)
        }
        seen.push(...values)
        batch.dispose()
      }
    expect(seen.some((value) => value >= 200)).toBe(false)
    expect(sorted(seen.filter((value) => value < 100).slice(0, 10))).toEqual(upTo(10))
    const second = seen.filter((value) => value >= 100)
    for (let pass = 0; pass < 3; pass++)
      expect(sorted(second.slice(4 * pass, 4 * pass + 4))).toEqual([100, 101, 102, 103])
    expect(await read(mixed, { shuffle: true, seed: 3 }, 5)).toEqual(
      (await read(mixed, { shuffle: true, seed: 3 })).slice(5),
    )
  })

  it('of streams draw by weight, until the first ends', async () => {
    const n = 4000
    const values = await read(takeSamples(mixStreams([stream(1e6), stream(1e6, 1e6)], [1, 3]), n), { batchSize: 100 })
    const second = values.filter((value) => value >= 1e6)
    // Five standard deviations.
    expect(Math.abs(second.length - 0.75 * n)).toBeLessThan(5 * Math.sqrt(n * 0.75 * 0.25))
    expect(second).toEqual(upTo(second.length).map((i) => 1e6 + i))
    const short = await read(mixStreams([stream(3), stream(1000, 1000)], [1, 1]))
    expect(short.filter((value) => value < 1000)).toEqual([0, 1, 2])
    expect(short.length).toBeLessThan(100)
  })

  it('refuse weights that make no sense', () => {
    expect(() => mixDatasets([indexed(1)], [1, 2])).toThrow('2 weights for 1 datasets')
    expect(() => mixDatasets([indexed(1)], [0])).toThrow('no weight is positive')
    expect(() => mixDatasets([indexed(1), indexed(0)], [1, 1])).toThrow('dataset 1 is empty, its weight is 1')
    expect(() => mixDatasets([stream(1) as never], [1])).toThrow('dataset 0 is a stream: mixStreams mixes those')
    expect(() => mixStreams([stream(1)], [Number.NaN])).toThrow('weight 0 is NaN')
  })
})
