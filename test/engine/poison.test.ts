// Errors that only execution finds reach the results computed from the failure, where they are read, and nothing else.
import { afterEach, describe, expect, it } from 'vitest'
import { ExecutionError, embedding, engine, ones, scope, tensor } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'

const failNext = (minBytes: number): void => loadNative().injectAllocationFailure?.(1, minBytes)

afterEach(async () => {
  loadNative().injectAllocationFailure?.(0, 0)
  await engine.sync().catch(() => undefined)
})

describe('a failed allocation', () => {
  it('rejects the reads of what was computed from it, and nothing else', async () => {
    const a = ones([1 << 16])
    const before = a.mul(2)
    engine.syncSync()
    failNext(1 << 17)
    const failed = a.add(1)
    const derived = failed.mul(3).sum()
    const view = failed.narrow(0, 0, 4)
    const other = before.sum()
    await expect(failed.data()).rejects.toMatchObject({ code: 'SINTER_OUT_OF_MEMORY', op: 'add' })
    await expect(derived.item()).rejects.toBeInstanceOf(ExecutionError)
    await expect(view.data()).rejects.toThrow(/add: out of memory/)
    expect(() => derived.itemSync()).toThrow(/out of memory/)
    expect(await other.item()).toBe(2 * (1 << 16))
    await engine.sync()
    for (const t of [a, before, failed, derived, view, other]) t.dispose()
  })

  it('is reported by sync when nobody read it, once', async () => {
    const a = ones([1 << 16])
    engine.syncSync()
    failNext(1 << 17)
    a.add(1).dispose()
    await expect(engine.sync()).rejects.toMatchObject({ code: 'SINTER_OUT_OF_MEMORY' })
    await engine.sync()
    a.dispose()
  })

  it('poisons what a failed in-place operator was writing', async () => {
    const a = ones([1 << 16])
    const t = a.reshape([256, 256]).transpose()
    engine.syncSync()
    const bad = embedding(ones([2, 4]), tensor([7n]))
    const target = ones([4])
    target.add_(bad.reshape([4]))
    await expect(target.data()).rejects.toMatchObject({ code: 'SINTER_INDEX_OUT_OF_RANGE', op: 'embedding' })
    for (const x of [a, t, bad, target]) x.dispose()
  })
})

describe('a memory limit', () => {
  it('is an error that the process survives', async () => {
    const { live, limit } = engine.memory()
    engine.setMemoryLimit(live + 64e6)
    try {
      const big = ones([64 << 20])
      await expect(big.data()).rejects.toThrow(/out of memory: 268\.4 MB asked/)
      const small = ones([1000])
      expect(await small.sum().item()).toBe(1000)
      big.dispose()
      small.dispose()
    } finally {
      engine.setMemoryLimit(limit)
    }
  })
})

describe('an index out of range', () => {
  it('names the operator, the index and the range', async () => {
    await scope(() => embedding(ones([3, 2]), tensor([0n, 3n])))
      .data()
      .then(
        () => expect.unreachable(),
        (e: ExecutionError) => {
          expect(e.code).toBe('SINTER_INDEX_OUT_OF_RANGE')
          expect(e.message).toMatch(/embedding: index 3 .*3 rows/)
        },
      )
  })
})
