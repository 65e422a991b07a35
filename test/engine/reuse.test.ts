/** Memory that returns to the host allocator: the next block of its size, or a part of a larger one. */
import { afterEach, expect, test } from 'vitest'
import { engine, type Tensor, zeros } from '#lib/index.js'

const MB = 1 << 20
/** Of `megabytes` MB, made by the time it is returned. */
const block = (megabytes: number): Tensor => {
  const t = zeros([megabytes * (MB / 4)])
  engine.syncSync()
  return t
}
const free = (blocks: readonly Tensor[]): void => {
  for (const t of blocks) t.dispose()
  engine.syncSync()
}

afterEach(() => {
  engine.setMemoryLimit(0)
  engine.emptyCache()
})

test('the same sizes again and again take no more memory, in whatever order they go', () => {
  const sizes = [1, 3, 2, 5, 1, 8, 3, 2]
  const once = (turn: number): void => {
    const blocks = sizes.map(block)
    free(turn % 2 ? blocks : blocks.reverse())
  }
  once(0)
  const { reserved, live } = engine.memory()
  for (let turn = 1; turn < 20; turn++) once(turn)
  expect(engine.memory()).toMatchObject({ reserved, live })
})

test('blocks that lie free are joined where a larger one is wanted', () => {
  free(Array.from({ length: 24 }, () => block(1)))
  const { reserved, cached } = engine.memory()
  expect(cached).toBeGreaterThanOrEqual(24 * MB)
  const large = block(20)
  expect(engine.memory().reserved).toBe(reserved)
  free([large])
})

test('at the limit blocks of one size give way to another', () => {
  engine.emptyCache()
  engine.setMemoryLimit(engine.memory().live + 96 * MB)
  for (const size of [1, 7, 2, 30, 1]) free(Array.from({ length: Math.floor(60 / size) }, () => block(size)))
  free([block(60)])
  expect(engine.memory().reserved).toBeLessThanOrEqual(engine.memory().limit)
})

test('emptyCache gives free blocks back, whatever their sizes were', () => {
  engine.emptyCache()
  const before = engine.memory().reserved
  free([1, 2, 3, 40, 5].map(block))
  expect(engine.memory().reserved).toBeGreaterThan(before)
  expect(engine.emptyCache()).toBeGreaterThanOrEqual(40 * MB)
  expect(engine.memory().reserved).toBeLessThanOrEqual(before + 2 * MB)
})
