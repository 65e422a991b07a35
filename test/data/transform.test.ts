// Transforms over batches: what they are given, and that their random numbers belong to the samples.
import { describe, expect, it } from 'vitest'
import {
  ArrayDataset,
  type BatchTransform,
  DataLoader,
  disposeBatch,
  Random,
  transformContext,
} from '#lib/data/index.js'
import { engine, scope, type Tensor, tensor } from '#lib/index.js'

const data = new ArrayDataset({ x: { data: Float32Array.from({ length: 30 }, (_, i) => i) } })
const jitter: BatchTransform<{ x: Tensor }, { x: Tensor; noise: Tensor }> = ({ x }, context) => ({
  x: x.mul(10),
  noise: tensor(Float64Array.from({ length: context.size }, (_, row) => context.random(row, 2).uniform())),
})

/** What each sample became in the epochs that were asked for. */
async function noises(batchSize: number, workers: number, epochs = 1): Promise<Map<number, number>[]> {
  const source = { module: new URL('./numbers.mjs', import.meta.url), args: [30] }
  const rows = (batch: { index: Tensor }, context: Parameters<BatchTransform>[1]) => ({
    index: batch.index,
    noise: tensor(Float64Array.from({ length: context.size }, (_, row) => context.random(row).normal())),
  })
  await using loader = new DataLoader<any>(source, { batchSize, workers, shuffle: true, seed: 5, transform: rows })
  const seen: Map<number, number>[] = []
  for (let epoch = 0; epoch < epochs; epoch++) {
    const found = new Map<number, number>()
    for await (const batch of loader) {
      const noise = (await batch.noise.toArray()) as number[]
      ;((await batch.index.toArray()) as bigint[]).forEach((index, i) => {
        found.set(Number(index), noise[i] as number)
      })
      disposeBatch(batch)
    }
    seen.push(found)
  }
  return seen
}

describe('DataLoaderOptions.transform', () => {
  it('makes the batch, and what it does not return is freed', async () => {
    const before = engine.memory().tensors
    const loader = new DataLoader(data, { batchSize: 8, transform: jitter })
    const values: number[] = []
    for await (const batch of loader) {
      expect(engine.memory().tensors - before).toBe(2)
      values.push(...((await batch.x.toArray()) as number[]))
      disposeBatch(batch)
    }
    expect(engine.memory().tensors).toBe(before)
    expect(values).toEqual(Array.from({ length: 30 }, (_, i) => 10 * i))
  })

  it('draws by sample, whatever the batch size, the order and the workers; anew each epoch', async () => {
    const [first, second] = (await noises(4, 0, 2)) as [Map<number, number>, Map<number, number>]
    expect(new Set(first.values()).size).toBe(30)
    const [other] = (await noises(7, 2)) as [Map<number, number>]
    for (const [index, value] of first) {
      expect(other.get(index)).toBe(value)
      expect(second.get(index)).not.toBe(value)
    }
  })

  it('refuses a promise, and an error of the transform ends the epoch', async () => {
    const late = new DataLoader(data, { transform: async (batch) => batch })
    await expect(late[Symbol.asyncIterator]().next()).rejects.toThrow('it is to be synchronous')
    const failing = new DataLoader(data, {
      transform: () => {
        throw new RangeError('of the user')
      },
    })
    await expect(failing[Symbol.asyncIterator]().next()).rejects.toThrow('of the user')
  })
})

describe('transformContext', () => {
  it('is a function of seed, epoch, sample and stream', () => {
    const draw = (options: Parameters<typeof transformContext>[0], row: number, stream?: number) =>
      transformContext(options).random(row, stream).bits()
    const here = draw({ indices: [4, 9], seed: 1, epoch: 2 }, 1)
    expect(draw({ indices: [9], seed: 1, epoch: 2, batch: 7 }, 0)).toBe(here)
    const others = [
      draw({ indices: [4, 9], seed: 1, epoch: 2 }, 0),
      draw({ indices: [9], seed: 1, epoch: 3 }, 0),
      draw({ indices: [9], seed: 2, epoch: 2 }, 0),
      draw({ indices: [9], seed: 1, epoch: 2 }, 0, 1),
      draw({ indices: [9], seed: 1, epoch: 2 }, 0, 239),
      new Random(1, 2, 9).bits(),
    ]
    expect(new Set([here, ...others]).size).toBe(7)
  })

  it.each([
    [() => transformContext({ indices: [1] }).random(1), 'random: row 1 of a batch of 1'],
    [() => transformContext({ indices: [1] }).random(0, 240), 'from 0 to 239'],
    [() => transformContext({ indices: [1] }).random(0, 0.5), 'random: stream 0.5'],
  ])('refuses rows and streams that are not there (%#)', (run, message) => {
    expect(() => scope(run)).toThrow(message)
  })
})
