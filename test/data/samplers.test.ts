// Samplers: what they give, that each is a function of seed and epoch, and that loaders with them resume at the very batch.
import { describe, expect, it } from 'vitest'
import {
  type BatchSampler,
  BucketBatchSampler,
  DataLoader,
  type DataLoaderOptions,
  disposeBatch,
  RandomSampler,
  type Sampler,
  SubsetSampler,
  WeightedRandomSampler,
} from '#lib/data/index.js'
import { loaderStateSchema } from '#lib/data/state.js'

const MODULE = new URL('./numbers.mjs', import.meta.url)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b)

async function read(loader: DataLoader, most = Number.POSITIVE_INFINITY): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of loader) {
    batches.push(((await (batch.index ?? batch).toArray()) as (number | bigint)[]).map(Number))
    disposeBatch(batch)
    if (batches.length >= most) break
  }
  return batches
}

const lengths = upTo(60).map((i) => (i * 37) % 50)
const samplers: Record<string, DataLoaderOptions> = {
  shuffled: { shuffle: true, batchSize: 7 },
  replaced: { sampler: new RandomSampler({ replacement: true, samples: 40 }), batchSize: 7 },
  longer: { sampler: new RandomSampler({ samples: 130 }), batchSize: 7, dropLast: true },
  weighted: { sampler: new WeightedRandomSampler(lengths, { samples: 33 }), batchSize: 7 },
  distinct: { sampler: new WeightedRandomSampler(lengths, { samples: 33, replacement: false }), batchSize: 7 },
  subset: { sampler: new SubsetSampler([3, 50, 7, 9, 11]), batchSize: 2 },
  bucket: { batchSampler: new BucketBatchSampler(lengths, { maxTokens: 200, bucketSize: 30 }) },
  padded: { shuffle: true, batchSize: 7, distributed: { rank: 1, worldSize: 4 } },
  dropped: { shuffle: true, batchSize: 7, distributed: { rank: 1, worldSize: 4, uneven: 'drop' } },
  bucketOfRank: {
    batchSampler: new BucketBatchSampler(lengths, { batchSize: 8 }),
    distributed: { rank: 2, worldSize: 3 },
  },
}

describe('every sampler', () => {
  it.each(Object.keys(samplers))(
    'is drawn anew each epoch, and resumed at the very batch, by any workers (%s)',
    async (name) => {
      const make = (workers: number) =>
        new DataLoader<any>({ module: MODULE, args: [60] }, { seed: 5, workers, ...samplers[name] })
      await using whole = make(0)
      const count = await whole.batchCount()
      const epochs = [await read(whole), await read(whole)] as [number[][], number[][]]
      expect(epochs[0].length).toBe(count)
      expect(epochs[1]).not.toEqual(epochs[0])
      await using stopped = make(2)
      await read(stopped)
      const first = await read(stopped, 2)
      await using resumed = make(0)
      resumed.loadState(JSON.parse(JSON.stringify(stopped.state())))
      expect([...first, ...(await read(resumed))]).toEqual(epochs[1])
    },
  )

  it('has a state that a checkpoint keeps', async () => {
    await using loader = new DataLoader<any>(
      { module: MODULE, export: 'sharded', args: [23] },
      { batchSize: 3, workers: 2 },
    )
    await read(loader, 3)
    const state = loader.state()
    expect(state.streams).toEqual([2, 1])
    expect(loaderStateSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
  })

  it('is told apart in the state', () => {
    const dataset = { length: 60, get: (i: number) => i }
    const identities = Object.values(samplers).map((options) => new DataLoader(dataset, options).state().sampler)
    expect(new Set(identities).size).toBe(identities.length)
    const other = new DataLoader(dataset, {
      batchSize: 7,
      sampler: new WeightedRandomSampler(lengths.toReversed(), { samples: 33 }),
    })
    const saved = new DataLoader(dataset, samplers['weighted']).state()
    expect(() => other.loadState(saved)).toThrow(
      /is for sampler weighted\(samples 33, weights [0-9a-f]{8}\), this loader has/,
    )
    // The position is that of all ranks.
    const ranks = [0, 1].map((rank) => new DataLoader(dataset, { distributed: { rank, worldSize: 2 } }))
    ranks[1]!.loadState(ranks[0]!.state())
    expect(() => new DataLoader(dataset).loadState(ranks[0]!.state())).toThrow(
      'distributed(worldSize 2, pad): sequential',
    )
  })
})

const orderOf = async (sampler: Sampler, length: number, seed = 0, epoch = 0) => [
  ...(await sampler.order({ length, seed, epoch })),
]

describe('samplers of single samples', () => {
  it('a random one gives each once, or goes through all before any comes again', async () => {
    expect(sorted(await orderOf(new RandomSampler(), 70_000))).toEqual(upTo(70_000))
    const order = await orderOf(new RandomSampler({ samples: 25 }), 10)
    expect(sorted(order.slice(0, 10))).toEqual(upTo(10))
    expect(sorted(order.slice(10, 20))).toEqual(upTo(10))
    expect(order.slice(10, 20)).not.toEqual(order.slice(0, 10))
    expect(await orderOf(new RandomSampler({ replacement: true }), 0)).toEqual([])
  })

  it('a weighted one draws in proportion, and never what has no weight', async () => {
    const weights = [1, 0, 3, 0, 6]
    const n = 100_000
    const counts = [0, 0, 0, 0, 0]
    for (const i of await orderOf(new WeightedRandomSampler(weights, { samples: n }), 5)) counts[i]!++
    for (const [i, weight] of weights.entries()) {
      const p = weight / 10
      // Five standard deviations of a binomial count.
      expect(Math.abs(counts[i]! - n * p)).toBeLessThanOrEqual(5 * Math.sqrt(n * p * (1 - p)))
    }
  })

  it('without replacement, the heavier come oftener and none twice', async () => {
    const sampler = new WeightedRandomSampler([1, 1, 8, 0], { samples: 2, replacement: false })
    const n = 5000
    let heavy = 0
    for (let seed = 0; seed < n; seed++) {
      const order = await orderOf(sampler, 4, seed)
      expect(new Set(order).size).toBe(2)
      expect(order).not.toContain(3)
      if (order.includes(2)) heavy++
    }
    // In the first draw 8/10, in the second, after one of the others, 8/9.
    const p = 0.8 + 0.2 * (8 / 9)
    expect(Math.abs(heavy - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)))
  })

  it('a subset is shuffled, or kept in its order', async () => {
    expect(sorted(await orderOf(new SubsetSampler([5, 2, 9, 4]), 10))).toEqual([2, 4, 5, 9])
    expect(await orderOf(new SubsetSampler([5, 2, 9], { shuffle: false }), 10)).toEqual([5, 2, 9])
  })
})

describe('BucketBatchSampler', () => {
  const batchesOf = async (sampler: BatchSampler, length: number, epoch = 0): Promise<number[][]> => {
    const { indices, ends } = await sampler.batches({ length, seed: 1, epoch })
    return [...ends].map((end, i) => [...indices.slice(i === 0 ? 0 : ends[i - 1], end)])
  }

  it('keeps to both limits and gives every sample once', async () => {
    const n = 1000
    const many = upTo(n).map((i) => (i * 7919) % 101)
    const batches = await batchesOf(new BucketBatchSampler(many, { batchSize: 16, maxTokens: 400, bucketSize: 250 }), n)
    expect(sorted(batches.flat())).toEqual(upTo(n))
    let [tokens, padded, full] = [0, 0, 0]
    for (const batch of batches) {
      const longest = Math.max(...batch.map((i) => many[i] as number))
      expect(batch.length).toBeLessThanOrEqual(16)
      expect(longest * batch.length).toBeLessThanOrEqual(400)
      padded += longest * batch.length
      for (const i of batch) tokens += many[i] as number
      if (batch.length === 16) full++
    }
    expect(full).toBeGreaterThan(0)
    // At random, half of such batches would be padding.
    expect(tokens / padded).toBeGreaterThan(0.95)
  })

  it('drops the last of each bucket, has no batch of no samples, and needs no chance', async () => {
    expect(await batchesOf(new BucketBatchSampler([], { batchSize: 4 }), 0)).toEqual([])
    const sampler = new BucketBatchSampler([3, 1, 2, 5, 4], { batchSize: 2, dropLast: true, shuffle: false })
    expect(await batchesOf(sampler, 5)).toEqual([
      [1, 2],
      [0, 4],
    ])
  })

  it.each([
    [() => new BucketBatchSampler([1], {}), 'neither batchSize nor maxTokens is given'],
    [() => new BucketBatchSampler([1, 9], { maxTokens: 8 }), 'sample 1 has 9 tokens, maxTokens is 8'],
    [() => new BucketBatchSampler([1.5], { maxTokens: 8 }), 'the length of sample 0 is 1.5'],
    [() => new BucketBatchSampler([1], { maxTokens: 8, dropLast: true }), 'dropLast needs a batchSize'],
  ])('refuses %#', (run, message) => {
    expect(run).toThrow(message)
  })
})

describe('distributed', () => {
  const parts = async (length: number, worldSize: number, options: DataLoaderOptions, uneven: 'pad' | 'drop') =>
    Promise.all(
      upTo(worldSize).map(async (rank) => {
        const dataset = { length, get: (i: number) => i }
        return (await read(new DataLoader(dataset, { ...options, distributed: { rank, worldSize, uneven } }))).flat()
      }),
    )

  it('gives every process as many samples, together all', async () => {
    const options = { batchSize: 2, shuffle: true }
    const padded = await parts(10, 4, options, 'pad')
    expect(padded.map((part) => part.length)).toEqual([3, 3, 3, 3])
    expect(new Set(padded.flat()).size).toBe(10)
    const dropped = await parts(10, 4, options, 'drop')
    expect(dropped.map((part) => part.length)).toEqual([2, 2, 2, 2])
    expect(new Set(dropped.flat()).size).toBe(8)
    // As torch's DistributedSampler: rank r takes every fourth from r on.
    expect(await parts(6, 4, {}, 'pad')).toEqual([
      [0, 4],
      [1, 5],
      [2, 0],
      [3, 1],
    ])
    expect(await parts(1, 3, {}, 'pad')).toEqual([[0], [0], [0]])
    expect(await parts(0, 3, {}, 'pad')).toEqual([[], [], []])
  })

  it.each([0, 2, 3])('deals a stream out in batches, as many to each (%i workers)', async (workers) => {
    const of = async (length: number, dropLast: boolean) =>
      Promise.all(
        [0, 1].map(async (rank) => {
          const source = { module: MODULE, export: 'counting', args: [length] }
          const distributed = { rank, worldSize: 2 }
          await using loader = new DataLoader<any>(source, { batchSize: 3, workers, dropLast, distributed })
          return await read(loader)
        }),
      )
    expect(await of(10, false)).toEqual([
      [
        [0, 1, 2],
        [6, 7, 8],
      ],
      [[3, 4, 5], [9]],
    ])
    expect(await of(9, false)).toEqual([[[0, 1, 2]], [[3, 4, 5]]])
    expect(await of(11, true)).toEqual([[[0, 1, 2]], [[3, 4, 5]]])
    expect(await of(2, false)).toEqual([[], []])
  })
})

describe('streams and workers', () => {
  const stream = (workers: number, exported: string, options: DataLoaderOptions = {}) =>
    new DataLoader<any>({ module: MODULE, export: exported, args: [23] }, { batchSize: 3, workers, ...options })

  it('any number of workers give the same batches of one that knows nothing of them', async () => {
    await using one = stream(0, 'counting')
    const expected = await read(one)
    expect(expected.flat()).toEqual(upTo(23))
    for (const workers of [1, 2, 4, 9]) {
      await using loader = stream(workers, 'counting')
      expect(await read(loader)).toEqual(expected)
      expect(await read(loader)).toEqual(expected)
    }
  })

  it('one that is sharded gives each worker its part, in turn, until the last has ended', async () => {
    await using loader = stream(3, 'sharded')
    const expected = await read(loader)
    // Worker w has the numbers w, w + 3, ...: 8, 8 and 7 of them.
    expect(expected.map((batch) => batch[0])).toEqual([0, 1, 2, 9, 10, 11, 18, 19, 20])
    expect(sorted(expected.flat())).toEqual(upTo(23))
    for (const taken of [1, 3, 4, 8, 9]) {
      await using stopped = stream(3, 'sharded')
      const first = await read(stopped, taken)
      await using resumed = stream(3, 'sharded')
      resumed.loadState(JSON.parse(JSON.stringify(stopped.state())))
      expect([...first, ...(await read(resumed))]).toEqual(expected)
      await using other = stream(2, 'sharded')
      expect(() => other.loadState(stopped.state())).toThrow('is for workers 3, this loader has workers 2')
    }
  })

  it('parts of unequal lengths end one by one, and resume so', async () => {
    const uneven = () => stream(3, 'uneven', { batchSize: 2 })
    await using loader = uneven()
    const expected = await read(loader)
    expect(expected).toEqual([[0, 1], [100, 101], [200, 201], [102, 103], [202, 203], [104, 105], [106]])
    for (let taken = 1; taken < expected.length; taken++) {
      await using stopped = uneven()
      const first = await read(stopped, taken)
      await using resumed = uneven()
      resumed.loadState(JSON.parse(JSON.stringify(stopped.state())))
      expect([...first, ...(await read(resumed))]).toEqual(expected)
    }
  })

  it('gives the samples of shards random numbers of their own', async () => {
    const transform = ({ index }: any, context: any) => ({
      index,
      noise: upTo(context.size).map((r) => context.random(r).bits()),
    })
    const seen = new Set<number>()
    for (const rank of [0, 1]) {
      await using loader = stream(2, 'shardedNumbers', { transform, distributed: { rank, worldSize: 2 } })
      for await (const batch of loader) {
        for (const noise of batch.noise) seen.add(noise)
        disposeBatch(batch)
      }
    }
    expect(seen.size).toBe(23)
  })
})

describe('DataLoader', () => {
  const dataset = { length: 4, get: (i: number) => i }
  it.each<[DataLoaderOptions, string]>([
    [{ sampler: new RandomSampler(), shuffle: true }, 'sampler decides what shuffle would: give one of them'],
    [
      { batchSampler: new BucketBatchSampler([1], { batchSize: 1 }), batchSize: 2 },
      'batchSampler decides what batchSize would',
    ],
    [{ distributed: { rank: 2, worldSize: 2 } }, 'rank is 2 of 2: ranks begin at 0'],
    [{ distributed: { rank: 0, worldSize: 2, uneven: 'cut' as never } }, `uneven is "cut", expected 'pad' or 'drop'`],
  ])('refuses %#', (options, message) => {
    expect(() => new DataLoader(dataset, options)).toThrow(message)
  })

  it('refuses samplers that do not fit the dataset, and orders for streams', async () => {
    const first = (loader: DataLoader) => loader[Symbol.asyncIterator]().next()
    const wrong = new DataLoader(dataset, { sampler: new SubsetSampler([7], { shuffle: false }) })
    await expect(first(wrong)).rejects.toThrow('asks for sample 7 of a dataset of 4 samples')
    const weights = new DataLoader(dataset, { sampler: new WeightedRandomSampler([1, 2]) })
    await expect(first(weights)).rejects.toThrow('2 weights for a dataset of 4 samples')
    const stream = new DataLoader({ iterate: () => [1, 2] }, { shuffle: true })
    await expect(first(stream)).rejects.toThrow('cannot be shuffled or sampled; shuffleBuffer')
  })
})
