// Records that cannot be read: fatal, skipped, counted; and where a loader stands when some are missing.
import { describe, expect, it } from 'vitest'
import { DataLoader, type DataLoaderOptions, disposeBatch, RecordError, type SampleContext } from '#lib/data/index.js'
import type { Tensor } from '#lib/index.js'

const MODULE = new URL('./numbers.mjs', import.meta.url)

async function read(loader: DataLoader, most = Number.POSITIVE_INFINITY): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of loader) {
    const values: Tensor = batch.index ?? batch
    batches.push(((await values.toArray()) as (number | bigint)[]).map(Number))
    disposeBatch(batch)
    if (batches.length >= most) break
  }
  return batches
}

const sources = {
  indexed: { module: MODULE, export: 'rotten', args: [20, [2, 9, 10, 11]] },
  stream: { module: MODULE, export: 'rottenStream', args: [20, [2, 9, 10, 11]] },
  generator: { module: MODULE, export: 'rottenGenerator', args: [20, [2, 9, 10, 11]] },
  whole: { module: MODULE, export: 'rottenBatches', args: [20, [2, 9, 10, 11]] },
}
const kinds = Object.keys(sources) as (keyof typeof sources)[]
const inKind = kinds.flatMap((kind) => [0, 1].map((workers) => [kind, workers] as const))

describe('DataLoaderOptions.onError', () => {
  it.each(inKind)(
    'skip leaves out what cannot be read and moves nothing else (%s, %i workers)',
    async (kind, workers) => {
      await using loader = new DataLoader<any>(sources[kind], { batchSize: 3, workers, onError: 'skip' })
      // Batch 3 is [9, 10, 11]: nothing of it is left, and nothing is handed out.
      const expected = [
        [0, 1],
        [3, 4, 5],
        [6, 7, 8],
        [12, 13, 14],
        [15, 16, 17],
        [18, 19],
      ]
      expect(await read(loader)).toEqual(expected)
      expect(loader.stats()).toMatchObject({ batches: 6, samples: 16, skipped: 4 })
      expect(loader.state()).toMatchObject({ epoch: 1, batch: 0, skipped: 4 })
      expect(await read(loader)).toEqual(expected)
      expect(loader.stats().skipped).toBe(8)
    },
  )

  it.each(inKind)('resumes behind what was skipped (%s, %i workers)', async (kind, workers) => {
    const options: DataLoaderOptions = { batchSize: 3, workers, onError: 'skip', maxErrors: 4 }
    for (const taken of [1, 3, 4]) {
      await using stopped = new DataLoader<any>(sources[kind], options)
      const first = await read(stopped, taken)
      await using resumed = new DataLoader<any>(sources[kind], options)
      resumed.loadState(JSON.parse(JSON.stringify(stopped.state())))
      expect([...first, ...(await read(resumed))].flat()).toEqual([
        0, 1, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17, 18, 19,
      ])
      expect(resumed.state().skipped).toBe(4)
    }
  })

  it.each(inKind)('more than maxErrors are fatal (%s, %i workers)', async (kind, workers) => {
    await using loader = new DataLoader<any>(sources[kind], { batchSize: 3, workers, onError: 'skip', maxErrors: 2 })
    const error = await read(loader).catch((e) => e)
    expect(error).toMatchObject({ code: 'DATA_TOO_MANY_ERRORS', index: 10 })
    expect(error.message).toMatch(
      /^DataLoader: 3 samples could not be read, and maxErrors is 2; the last: \/data\/r.bin, byte 80/,
    )
    expect(error.cause).toBeInstanceOf(RecordError)
  })

  it.each(inKind)('is fatal by default, with file, place and index (%s, %i workers)', async (kind, workers) => {
    await using loader = new DataLoader<any>(sources[kind], { batchSize: 3, workers })
    const error = await read(loader).catch((e) => e)
    expect(error).toBeInstanceOf(RecordError)
    expect(error).toMatchObject({ file: '/data/r.bin', offset: 16 })
    if (kind !== 'whole') expect(error.index).toBe(2)
  })

  it('asks a function, sample by sample, also about errors that are not of records', async () => {
    const asked: unknown[] = []
    const dataset = {
      length: 6,
      get(index: number) {
        if (index === 1) throw new RangeError('odd')
        if (index === 4) throw new RecordError('bad', { file: 'f', line: 5 })
        return index
      },
    }
    const loader = new DataLoader(dataset, {
      batchSize: 4,
      onError(error) {
        asked.push([error.code, error.index])
        return 'skip'
      },
    })
    expect(await read(loader)).toEqual([[0, 2, 3], [5]])
    expect(asked).toEqual([
      ['DATA_SAMPLE_FAILED', 1],
      ['DATA_RECORD', 4],
    ])
    await expect(read(new DataLoader(dataset, { batchSize: 4, onError: 'skip' }))).rejects.toThrow(
      /get\(1\) failed: odd/,
    )
  })

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [Promise.resolve('skip'), '[object Promise]'],
    [true, 'true'],
  ])('refuses a function that decides nothing (%#)', async (verdict, found) => {
    const failing = {
      length: 1,
      get: (): number => {
        throw new RecordError('bad', { file: 'f' })
      },
    }
    const loader = new DataLoader(failing, { onError: () => verdict as 'skip' })
    await expect(read(loader)).rejects.toThrow(`onError returned ${found}, expected 'skip' or 'fatal'`)
  })

  it('says so where a generator threw, since nothing can follow', async () => {
    const dataset = {
      *iterate() {
        yield 0
        throw new RecordError('bad', { file: 'f', offset: 3 })
      },
    }
    const error = await read(new DataLoader(dataset, { batchSize: 4, onError: 'skip' })).catch((e) => e)
    expect(error.message).toBe(
      'f, byte 3: bad (a generator ends with what it throws: yield the RecordError to go on behind it)',
    )
  })

  it.each([
    [{ onError: 'skipp' as never }, `onError is "skipp", expected 'fatal', 'skip' or a function`],
    [{ maxErrors: -1 }, 'maxErrors is -1'],
    [{ maxErrors: Number.NaN }, 'maxErrors is NaN'],
    [{ maxErors: 3 } as never, `no such option: 'maxErors'; did you mean "maxErrors"?`],
  ])('refuses %j', (options, message) => {
    expect(() => new DataLoader({ length: 1, get: (i) => i }, options)).toThrow(message)
  })
})

describe('DataLoader', () => {
  const counting = (length: number, seen: { opened: number; closed: number }) => ({
    *iterate() {
      seen.opened++
      try {
        for (let i = 0; i < length; i++) yield i
      } finally {
        seen.closed++
      }
    },
  })

  it('closes a stream that is left early', async () => {
    const seen = { opened: 0, closed: 0 }
    const loader = new DataLoader(counting(10, seen), { batchSize: 2 })
    await read(loader, 2)
    expect(seen).toEqual({ opened: 1, closed: 1 })
    await read(loader)
    expect(seen).toEqual({ opened: 2, closed: 2 })
  })

  it('a stream whose last batch is dropped is read once', async () => {
    const seen = { opened: 0, closed: 0 }
    const loader = new DataLoader(counting(10, seen), { batchSize: 4, dropLast: true })
    expect(await read(loader)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ])
    loader.loadState({ ...loader.state(), epoch: 0, batch: 2 })
    expect(await read(loader)).toEqual([])
    expect(seen).toEqual({ opened: 1, closed: 1 })
  })

  it('resumes a stream from where it is told, without what is behind it', async () => {
    const from: number[] = []
    const dataset = {
      *iterate() {
        yield* this.iterateFrom(undefined, 0)
      },
      *iterateFrom(_: unknown, records: number) {
        from.push(records)
        for (let i = records; i < 10; i++) yield i
      },
    }
    const loader = new DataLoader<number>(dataset, { batchSize: 3 })
    loader.loadState({ ...loader.state(), batch: 2 })
    expect(await read(loader)).toEqual([[6, 7, 8], [9]])
    expect(from).toEqual([6])
  })

  it.each(['indexed', 'stream'] as const)('refuses a place behind the end (%s)', async (kind) => {
    for (const workers of [0, 1]) {
      await using loader = new DataLoader<any>(sources[kind], { batchSize: 3, workers, onError: 'skip' })
      loader.loadState({ ...loader.state(), batch: 8 })
      const message = 'the saved position is batch 8 of epoch 0, but an epoch has 7 batches'
      await expect(read(loader)).rejects.toMatchObject({
        code: 'DATA_STATE',
        message: expect.stringContaining(message),
      })
      loader.loadState({ ...loader.state(), batch: 7 })
      expect(await read(loader)).toEqual([])
    }
  })

  it('gives getBatch the random numbers of its samples, as get has them', async () => {
    const get = (index: number, { random }: SampleContext) => index + random.uniform()
    const dataset = { length: 12, get }
    const batched = {
      ...dataset,
      getBatch: (indices: Uint32Array, context: { random(row: number): SampleContext['random'] }) => ({
        data: Float32Array.from(indices, (index, row) => index + context.random(row).uniform()),
      }),
    }
    const shuffled = { shuffle: true, seed: 3 }
    const byIndex = async (data: typeof dataset, batchSize: number) =>
      (await read(new DataLoader(data, { batchSize, ...shuffled }))).flat()
    const expected = await byIndex(dataset, 5)
    expect(await byIndex(batched, 5)).toEqual(expected)
    expect(await byIndex(batched, 2)).toEqual(expected)
  })
})
