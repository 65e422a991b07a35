// Worker threads: order, back-pressure, memory that is used again, death, early leaves, closing; nothing is left behind.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DataLoader, type DataLoaderOptions, disposeBatch } from '#lib/data/index.js'
import { collectGarbage } from '../helpers/gc.js'

const MODULE = new URL('./worker-data.mjs', import.meta.url)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const loaderOf = (exported: string, args: unknown[], options: DataLoaderOptions) =>
  new DataLoader<any>({ module: MODULE, export: exported, args }, options)

async function read(loader: DataLoader, most = Number.POSITIVE_INFINITY): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of loader) {
    batches.push((await (batch.x ?? batch).toArray()) as number[])
    disposeBatch(batch)
    if (batches.length >= most) break
  }
  return batches
}

/** Threads of loaders in this process. */
function threads(): number {
  return readdirSync('/proc/self/task').filter((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() !== ''
    } catch {
      return false
    }
  }).length
}

describe('memory of batches', () => {
  const WIDTH = 3000
  // The dataset tells which of its buffers a batch lies in.
  const buffers = async (loader: DataLoader<any>, most = Number.POSITIVE_INFINITY, first = false) => {
    const found = new Set<string>()
    for await (const { x, index, buffer, shared } of loader) {
      const [rows, from] = [(await x.toArray()) as number[][], (await index.toArray()) as number[]]
      for (const [r, row] of rows.entries()) expect(row.every((value) => value === from[r])).toBe(true)
      // The first batches are made before it is known how large they are.
      expect(first || (await shared.toArray()).every((value: number) => value === 1)).toBe(true)
      found.add(`${(await buffer.toArray())[0]}`)
      disposeBatch({ x, index, buffer, shared })
      if (--most === 0) break
    }
    return found
  }

  it('is shared and used again: no more of it than batches are under way', async () => {
    await using loader = loaderOf('wide', [200, WIDTH], { batchSize: 4, workers: 1, prefetch: 2 })
    const first = await buffers(loader, undefined, true)
    const later = new Set([...(await buffers(loader)), ...(await buffers(loader))])
    expect(first.size).toBeLessThan(10)
    expect(later.size).toBeLessThanOrEqual(4)
  })

  it('comes back from epochs that are left', async () => {
    await using loader = loaderOf('wide', [200, WIDTH], { batchSize: 4, workers: 1, prefetch: 3 })
    await buffers(loader, undefined, true)
    const seen = new Set<string>()
    for (let i = 0; i < 12; i++) for (const buffer of await buffers(loader, 2)) seen.add(buffer)
    expect(seen.size).toBeLessThanOrEqual(5)
  })

  it('is right for collated samples of growing sizes, in workers and without', async () => {
    for (const workers of [0, 2]) {
      await using loader = loaderOf('growing', [60], { batchSize: 5, workers })
      for (let epoch = 0; epoch < 2; epoch++) {
        let next = 0
        for await (const batch of loader) {
          const rows = (await batch.toArray()) as number[][]
          expect(rows[0]!.length).toBe(1000 + 400 * Math.floor(next / 5))
          for (const row of rows) {
            expect(row.every((value) => value === next)).toBe(true)
            next++
          }
          batch.dispose()
        }
        expect(next).toBe(60)
      }
    }
  })
})

describe('workers', () => {
  it('keep the order, however slow one of them is', async () => {
    await using loader = loaderOf('slow', [24, 2], { batchSize: 2, workers: 3 })
    expect((await read(loader)).flat()).toEqual(upTo(24))
  })

  it('make no more ahead than they are told, however slow the consumer', async () => {
    const counter = new Int32Array(new SharedArrayBuffer(4))
    const [workers, prefetch, batchSize] = [2, 3, 4]
    await using loader = loaderOf('counted', [200, counter], { batchSize, workers, prefetch })
    let taken = 0
    for await (const batch of loader) {
      taken++
      disposeBatch(batch)
      // One more turn of the loop than is needed for what was asked to arrive.
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
      expect(Atomics.load(counter, 0)).toBeLessThanOrEqual((taken + workers * prefetch) * batchSize)
    }
    expect(Atomics.load(counter, 0)).toBe(200)
  })

  it('are used again after epochs that ended, were left, or failed', async () => {
    await using loader = loaderOf('sometimes', [40, 17], { batchSize: 4, workers: 2 })
    const expected = await read(loader)
    const before = threads()
    expect((await read(loader, 3)).length).toBe(3)
    // Sample 17 fails in the third epoch only.
    await expect(read(loader)).rejects.toMatchObject({ code: 'DATA_SAMPLE_FAILED', index: 17 })
    expect(await read(loader)).toEqual(expected)
    expect(threads()).toBeLessThanOrEqual(before)
  })

  it('that die fail the epoch, and closing ends the others', async () => {
    const loader = loaderOf('dying', [40, 13], { batchSize: 4, workers: 2 })
    const error = await read(loader).catch((e) => e)
    expect(error).toMatchObject({ code: 'DATA_WORKER_DIED' })
    expect(error.message).toMatch(/data worker 2 of 2 ended with exit code 5/)
    // The next epoch begins with new threads.
    expect((await read(loader, 2)).flat()).toEqual(upTo(8))
    await loader.close()
  })

  it('are ended by closing, also while a batch is awaited, and begun anew', async () => {
    const before = threads()
    for (let i = 0; i < 5; i++) {
      const loader = loaderOf('counted', [40, new Int32Array(new SharedArrayBuffer(4))], { batchSize: 4, workers: 2 })
      await read(loader, 2)
      await loader.close()
      expect((await read(loader)).length).toBe(10)
      await loader.close()
      await loader.close()
    }
    const stuck = loaderOf('stuck', [40], { workers: 1 })
    await stuck.batchCount()
    const next = read(stuck)
    next.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    await stuck.close()
    await expect(next).rejects.toMatchObject({ code: 'DATA_LOADER_CLOSED' })
    expect(threads()).toBeLessThanOrEqual(before + 4)
  })
})

describe('DataLoader.stats', () => {
  it('counts what was handed out, and time only while batches are awaited', async () => {
    await using loader = loaderOf('counted', [10, new Int32Array(new SharedArrayBuffer(4))], {
      batchSize: 4,
      workers: 1,
    })
    expect(loader.stats()).toEqual({ batches: 0, samples: 0, skipped: 0, waitMs: 0 })
    await read(loader)
    const { waitMs, ...counts } = loader.stats()
    expect(counts).toEqual({ batches: 3, samples: 10, skipped: 0 })
    expect(waitMs).toBeGreaterThan(0)
  })
})

describe('a stream far larger than what is kept', () => {
  it.each([0, 1])('leaves memory flat (%i workers)', async (workers) => {
    // 1,000 batches of 256 KB: 256 MB in all.
    await using loader = loaderOf('endless', [64_000, 1024], { batchSize: 64, workers })
    const used = () => {
      const { arrayBuffers, external } = process.memoryUsage()
      return arrayBuffers + external
    }
    let [batches, early, late] = [0, 0, 0]
    for await (const batch of loader) {
      batches++
      disposeBatch(batch)
      // What is dropped but not collected yet is no leak.
      if (batches % 25 === 0) await collectGarbage()
      if (batches <= 400) early = Math.max(early, used())
      else late = Math.max(late, used())
    }
    expect(batches).toBe(1000)
    // A tenth of what passed would be a leak of every tenth batch.
    expect(late - early).toBeLessThan(25e6)
  })
})
