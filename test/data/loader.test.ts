// The loader: order, batches, workers, resuming, errors.
import { describe, expect, it } from 'vitest'
import {
  ArrayDataset,
  collate,
  DataLoader,
  type DataLoaderOptions,
  disposeBatch,
  int,
  RecordError,
} from '#lib/data/index.js'
import { Tensor, tensor } from '#lib/index.js'

const MODULE = new URL('./numbers.mjs', import.meta.url)

interface Numbered {
  index: bigint
  noise: number
  name: string
}

const numbers = (length: number, options: DataLoaderOptions, exported = 'default') =>
  new DataLoader<Numbered>({ module: MODULE, export: exported, args: [length] }, options)

async function epoch(loader: DataLoader<Numbered>, most = Number.POSITIVE_INFINITY): Promise<unknown[]> {
  const batches: unknown[] = []
  for await (const batch of loader) {
    batches.push([await batch.index.toArray(), await batch.noise.toArray(), batch.name])
    disposeBatch(batch)
    if (batches.length >= most) break
  }
  return batches
}

describe('DataLoader', () => {
  it('gives the same batches for any number of workers, epoch after epoch', async () => {
    const options = { batchSize: 8, shuffle: true, seed: 3 }
    const results = await Promise.all(
      [0, 1, 3].map(async (workers) => {
        await using loader = numbers(50, { ...options, workers })
        expect(await loader.batchCount()).toBe(7)
        return [await epoch(loader), await epoch(loader)]
      }),
    )
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
    const [first, second] = results[0] as unknown[][]
    expect(second).not.toEqual(first)
    const indices = (first as [number[]][]).flatMap(([index]) => index)
    expect([...indices].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(indices).not.toEqual([...indices].sort((a, b) => a - b))
  })

  it.each([0, 2])('continues at the very batch, in mid-epoch (%i workers)', async (workers) => {
    const options = { batchSize: 4, shuffle: true, seed: 9, workers }
    await using whole = numbers(30, options)
    const expected = [await epoch(whole), await epoch(whole)]
    await using stopped = numbers(30, options)
    await epoch(stopped)
    await epoch(stopped, 3)
    const state = JSON.parse(JSON.stringify(stopped.state()))
    expect(state).toMatchObject({ epoch: 1, batch: 3 })
    await using resumed = numbers(30, options)
    resumed.loadState(state)
    expect(await epoch(resumed)).toEqual((expected[1] as unknown[]).slice(3))
    expect(resumed.state()).toMatchObject({ epoch: 2, batch: 0 })
  })

  it('begins the next epoch after one that was left early', async () => {
    const loader = numbers(12, { batchSize: 4 })
    await epoch(loader, 1)
    expect((await epoch(loader)).length).toBe(3)
    expect(loader.state()).toMatchObject({ epoch: 2, batch: 0 })
  })

  it('keeps or drops a last batch that is not full', async () => {
    const sizes = async (dropLast: boolean) => {
      const batches = (await epoch(numbers(10, { batchSize: 4, dropLast }))) as [number[]][]
      return batches.map(([index]) => index.length)
    }
    expect(await sizes(false)).toEqual([4, 4, 2])
    expect(await sizes(true)).toEqual([4, 4])
  })

  it.each([0, 1])('reads an iterable dataset in its order, and resumes it (%i workers)', async (workers) => {
    const read = async (loader: DataLoader<number>) => {
      const batches: unknown[] = []
      for await (const batch of loader) batches.push(await batch.toArray())
      return batches
    }
    await using loader = new DataLoader<number>(
      { module: MODULE, export: 'counting', args: [10] },
      { batchSize: 4, workers },
    )
    expect(await loader.batchCount()).toBeUndefined()
    expect(await read(loader)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
    expect((await read(loader)).length).toBe(3)
    loader.loadState({ ...loader.state(), batch: 2 })
    expect(await read(loader)).toEqual([[8, 9]])
  })

  it('rejects with the sample’s index and the original error, from a worker too', async () => {
    for (const workers of [0, 2]) {
      await using loader = new DataLoader(
        { module: MODULE, export: 'failing', args: [20, 13] },
        { batchSize: 5, workers },
      )
      const error = await epoch(loader as DataLoader<Numbered>).catch((e) => e)
      expect(error).toMatchObject({ code: 'DATA_SAMPLE_FAILED', index: 13 })
      expect(error.message).toMatch(/get\(13\) failed: sample 13 is rotten/)
      expect(error.cause.stack).toMatch(/numbers\.mjs:\d+/)
    }
  })

  it.each([0, 1])('a record that cannot be read is named with file, place and index (%i workers)', async (workers) => {
    await using loader = new DataLoader({ module: MODULE, export: 'corrupt', args: [10, 6] }, { batchSize: 4, workers })
    const error = await epoch(loader as DataLoader<Numbered>).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(RecordError)
    expect(error).toMatchObject({ code: 'DATA_RECORD', file: '/data/a.bin', offset: 512, line: undefined, index: 6 })
    expect((error as Error).message).toMatch(/^\/data\/a.bin, byte 512: checksum differs/)
  })

  it('rejects when a worker ends, when a dataset cannot be built, when it is none', async () => {
    const failure = async (exported: string, workers: number) => {
      await using loader = numbers(20, { batchSize: 10, workers }, exported)
      return await epoch(loader).catch((e) => e)
    }
    expect(await failure('exiting', 1)).toMatchObject({ code: 'DATA_WORKER_DIED' })
    expect((await failure('broken', 1)).cause.message).toBe('no such data')
    expect(await failure('notADataset', 1)).toMatchObject({ code: 'DATA_DATASET_INVALID' })
    expect((await failure('absent', 0)).message).toMatch(
      /is undefined, expected a class or a function; exported: .*counting/,
    )
  })

  it('refuses options that make no sense, before anything starts', async () => {
    const dataset = { length: 3, get: (i: number) => i }
    expect(() => new DataLoader(dataset, { batchSize: 0 })).toThrow(
      'DataLoader: batchSize is 0, expected a whole number of at least 1',
    )
    expect(() => new DataLoader(dataset, { workers: 2 })).toThrow(/give \{module: import\.meta\.url/)
    expect(() => new DataLoader({} as never)).toThrow(/expected a dataset/)
    const loader = new DataLoader(dataset, { batchSize: 2 })
    expect(() => loader.loadState({ ...loader.state(), batchSize: 3 })).toThrow(
      /for batchSize 3, this loader has batchSize 2/,
    )
    const first = loader[Symbol.asyncIterator]()
    await first.next()
    await expect(loader[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'DATA_LOADER_BUSY' })
    await first.return()
  })

  it('does not hold up the event loop when samples are slow', async () => {
    const dataset = {
      length: 60,
      get(index: number) {
        const end = performance.now() + 1
        while (performance.now() < end);
        return index
      },
    }
    let turns = 0
    let counting = true
    const count = () => {
      turns++
      if (counting) setImmediate(count)
    }
    setImmediate(count)
    for await (const batch of new DataLoader(dataset, { batchSize: 60 })) expect(batch).toBeInstanceOf(Tensor)
    counting = false
    // 60 ms of work in slices of 4 ms, give or take one sample each.
    expect(turns).toBeGreaterThanOrEqual(60 / 5 - 1)
  })
})

describe('collate', () => {
  it('stacks numbers, bigints, booleans, arrays and text, nested as they are', () => {
    const sample = (i: number) => ({
      n: i,
      b: BigInt(i),
      f: i > 1,
      a: Int32Array.of(i, -i),
      s: `${i}`,
      t: [int(i), i] as const,
    })
    expect(collate([sample(1), sample(2)])).toEqual({
      n: { data: Float32Array.of(1, 2), shape: [2] },
      b: { data: BigInt64Array.of(1n, 2n), shape: [2] },
      f: { data: Uint8Array.of(0, 1), shape: [2] },
      a: { data: Int32Array.of(1, -1, 2, -2), shape: [2, 2] },
      s: ['1', '2'],
      t: [
        { data: Int32Array.of(1, 2), shape: [2] },
        { data: Float32Array.of(1, 2), shape: [2] },
      ],
    })
  })

  it('says which field differs, and how', () => {
    const bad = (a: unknown, b: unknown) => () => collate([a, b] as never)
    expect(bad({ x: Float32Array.of(1) }, { x: Float32Array.of(1, 2) })).toThrow(
      /sample\.x is f32 \(1\) in sample 0 but f32 \(2\) in sample 1/,
    )
    expect(bad({ x: 1 }, { x: 'a' })).toThrow('collate: sample.x is number in sample 0 but string in sample 1')
    expect(bad(null, null)).toThrow(/sample is null/)
  })
})

describe('ArrayDataset', () => {
  it('gives rows and batches of them', async () => {
    const x = { data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [3, 2, 2] }
    const dataset = new ArrayDataset({ x, y: { data: Int32Array.of(7, 8, 9) } })
    expect(dataset.get(1).x).toEqual({ data: Float32Array.of(4, 5, 6, 7), shape: [2, 2] })
    for await (const { x, y } of new DataLoader(dataset, { batchSize: 3 })) {
      expect(x.shape).toEqual([3, 2, 2])
      expect(await y.toArray()).toEqual([7, 8, 9])
    }
    expect(() => new ArrayDataset({ x, y: { data: Int32Array.of(1) } })).toThrow(
      'ArrayDataset: x has 3 samples, y has 1',
    )
  })

  it('takes rows from tensors', async () => {
    const dataset = await ArrayDataset.fromTensors({
      x: tensor([
        [1, 2],
        [3, 4],
      ]),
      y: tensor([1, 0]).to('bf16'),
    })
    expect(dataset.get(1)).toEqual({
      x: { data: Float32Array.of(3, 4), shape: [2] },
      y: { data: Float32Array.of(0), shape: [] },
    })
  })
})
