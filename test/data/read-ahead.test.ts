// Batches that a loader without workers asks for ahead.
import { describe, expect, it } from 'vitest'
import { DataLoader, type Dataset, disposeBatch } from '#lib/data/index.js'

/** Batches that come only when they are told to; the most that were awaited at a time. */
class Slow implements Dataset {
  readonly length = 20
  readonly readAhead: number
  open = 0
  most = 0
  readonly asked: number[] = []

  constructor(readAhead: number) {
    this.readAhead = readAhead
  }

  get(index: number): number {
    return index
  }

  async getBatch(indices: Uint32Array) {
    this.asked.push(indices[0] as number)
    this.most = Math.max(this.most, ++this.open)
    // Later ones come sooner.
    for (let turns = 20 - (indices[0] as number); turns > 0; turns--) await new Promise((go) => setImmediate(go))
    this.open--
    return { data: Float32Array.from(indices), shape: [indices.length] }
  }
}

async function values(loader: DataLoader<any>, most = Number.POSITIVE_INFINITY): Promise<number[][]> {
  const found: number[][] = []
  for await (const batch of loader) {
    found.push((await batch.toArray()) as number[])
    disposeBatch(batch)
    if (found.length === most) break
  }
  return found
}

describe('readAhead', () => {
  const expected = Array.from({ length: 5 }, (_, b) => Array.from({ length: 4 }, (_, i) => 4 * b + i))

  it.each([0, 1, 2])('of %i keeps so many batches under way, in order', async (readAhead) => {
    const data = new Slow(readAhead)
    const loader = new DataLoader<any>(data, { batchSize: 4 })
    expect(await values(loader)).toEqual(expected)
    expect(data.most).toBe(Math.max(1, readAhead))
    expect(data.asked).toEqual([0, 4, 8, 12, 16])
    expect(data.open).toBe(0)
  })

  it('does not reach over the end of an epoch that is left, and the position is what was handed out', async () => {
    const data = new Slow(2)
    const loader = new DataLoader<any>(data, { batchSize: 4 })
    expect(await values(loader, 2)).toEqual(expected.slice(0, 2))
    const state = loader.state()
    expect(state).toMatchObject({ epoch: 0, batch: 2 })
    expect(await values(loader)).toEqual(expected)
    const resumed = new DataLoader<any>(new Slow(2), { batchSize: 4 })
    resumed.loadState(state)
    expect(await values(resumed)).toEqual(expected.slice(2))
  })

  it('tells a failure when the turn of its batch comes', async () => {
    const data = new Slow(2)
    const made = data.getBatch.bind(data)
    data.getBatch = async (indices) => {
      if (indices[0] === 8) throw new Error('rotten')
      return await made(indices)
    }
    const loader = new DataLoader<any>(data, { batchSize: 4 })
    const seen: number[] = []
    const run = (async () => {
      for await (const batch of loader) {
        seen.push(batch.shape[0] as number)
        disposeBatch(batch)
      }
    })()
    await expect(run).rejects.toThrow('rotten')
    expect(seen).toEqual([4, 4])
  })
})
