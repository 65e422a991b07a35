/** Workers, shared tensors, sudden ends, memory that runs out, debug mode: what a service meets in months. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import {
  checkpoint,
  conv2d,
  crossEntropy,
  ExecutionError,
  embedding,
  engine,
  layerNorm,
  matmul,
  ones,
  openShared,
  ShapeError,
  scaledDotProductAttention,
  scope,
  share,
  stack,
  type Tensor,
  tensor,
  unshare,
  ValueError,
} from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'

const program = (name: string): string => fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url))

function run(
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | string | null; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program(name), ...args],
      { env: { ...process.env, SINTER_BUILD: process.env['SINTER_BUILD'] ?? 'test', ...env }, timeout: 60_000 },
      (error, out, err) => resolve({ code: error ? (error.signal ?? error.code ?? 1) : 0, out, err }),
    )
  })
}

const message = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })

describe('several threads', () => {
  it('compute at once, and alike', async () => {
    const workers = Array.from({ length: 4 }, () => new Worker(program('many')))
    const results = (await Promise.all(workers.map(message))) as { sum: number; tensors: number }[]
    await Promise.all(workers.map((w) => w.terminate()))
    expect(results.map((r) => r.sum)).toEqual(results.map(() => results[0]?.sum))
    expect(results.map((r) => r.tensors)).toEqual([0, 0, 0, 0])
  })

  it('share tensors by key, without copies', async () => {
    const x = tensor([1, 2, 3])
    await share('weights', x)
    await expect(share('weights', x)).rejects.toThrow(/the key 'weights' is taken/)
    for (const add of [10, 100]) {
      const worker = new Worker(program('shared'), { workerData: { key: 'weights', add } })
      await message(worker)
      await worker.terminate()
    }
    expect(Array.from(x.dataSync() as Float32Array)).toEqual([111, 112, 113])
    // What a worker published outlives it.
    const other = openShared('weights.from.10')
    expect(Array.from(other.dataSync() as Float32Array)).toEqual([10, 1, 2])
    for (const key of ['weights', 'weights.from.10', 'weights.from.100']) expect(unshare(key)).toBe(true)
    expect(unshare('weights')).toBe(false)
    other.dispose()
    x.dispose()
  })

  it('refuse keys that are not there, and views', async () => {
    expect(() => openShared('nothing')).toThrow(ValueError)
    const [x, view] = scope(() => {
      const base = ones([3, 4])
      return [base, base.transpose()] as const
    })
    await expect(share('view', view)).rejects.toThrow(ShapeError)
    view.dispose()
    x.dispose()
  })
})

/** How often workers are stopped in the middle of their work: 200 times in the full run. */
const TERMINATIONS = process.env['SINTER_TEST_FULL'] ? 200 : 12

describe('sudden ends', () => {
  it(`terminate() in the middle of an operation, ${TERMINATIONS} times`, async () => {
    await engine.sync()
    const before = engine.memory()
    for (let i = 0; i < TERMINATIONS; i += 4) {
      const workers = Array.from({ length: 4 }, () => new Worker(program('train')))
      await Promise.all(workers.map(message))
      // Not all at the same point of their step.
      await Promise.all(
        workers.map(async (w, k) => {
          await new Promise((resolve) => setTimeout(resolve, (7 * i + 3 * k) % 11))
          await w.terminate()
        }),
      )
    }
    const after = engine.memory()
    expect([after.live, after.blocks]).toEqual([before.live, before.blocks])
  }, 600_000)

  it.each([
    ['exit', 7],
    ['throw', 1],
    ['reject', 1],
    ['end', 0],
    ['pending', 0],
  ])('a process that ends by %s while work is queued ends with %i', async (way, code) => {
    const result = await run('train', [way])
    expect({ code: result.code, err: result.err.includes('on purpose') ? '' : result.err }).toEqual({ code, err: '' })
  })
})

describe('dimensions', () => {
  it('beyond those that native code holds are refused by every way of making a tensor', () =>
    scope(() => {
      const most = ones(Array.from({ length: 16 }, () => 1))
      const at = most.to('i64') as Tensor
      // Found by the fuzzer: the result has one dimension more than the indices.
      expect(() => embedding(ones([3, 2]), at)).toThrow(/the result would have 17 dimensions; at most 16/)
      expect(() => ones(Array.from({ length: 17 }, () => 1))).toThrow(ShapeError)
      expect(() => most.unsqueeze(0)).toThrow(ShapeError)
      expect(() => most.expand([1, ...most.shape])).toThrow(ShapeError)
      expect(() => stack([most, most], 0)).toThrow(ShapeError)
    }))
})

describe('memory', () => {
  it('that runs out at any allocation of a training step is a typed error, leaks nothing, and the next step works', async () => {
    const inject = loadNative().injectAllocationFailure as (n: number, minBytes: number) => void
    const step = (): number =>
      scope(() => {
        const w = ones([8, 8], { requiresGrad: true }) as Tensor
        const image = ones([1, 2, 6, 6], { requiresGrad: true }) as Tensor
        const k = ones([4, 2, 3, 3], { requiresGrad: true }) as Tensor
        const h = layerNorm(
          matmul(ones([4, 8]), w)
            .transpose()
            .contiguous(),
          [4],
        )
        const q = h.reshape([1, 1, 8, 4])
        const a = scaledDotProductAttention(q, q, q)
        const c = checkpoint((t: Tensor) => conv2d(t, k).sum(), image)
        const loss = crossEntropy(a.reshape([8, 4]), tensor([0, 1, 2, 3, 0, 1, 2, 3], { dtype: 'i64' }) as Tensor).add(
          c,
        )
        loss.backward()
        const total = [w, image, k].map((t) => t.grad?.sum().itemSync() as number)
        for (const t of [w, image, k]) t.grad?.dispose()
        return loss.itemSync() + total.reduce((s, v) => s + v, 0)
      })
    const expected = step()
    await engine.sync()
    const before = engine.memory()
    const count = ((): number => {
      const n = engine.memory().allocations
      step()
      return engine.memory().allocations - n
    })()
    expect(count).toBeGreaterThan(20)
    let failures = 0
    for (let n = 1; n <= count + 1; n++) {
      inject(n, 0)
      try {
        expect(step()).toBe(expected)
      } catch (error) {
        expect(error).toBeInstanceOf(ExecutionError)
        expect((error as ExecutionError).code).toBe('SINTER_OUT_OF_MEMORY')
        failures++
      } finally {
        inject(0, 0)
      }
      await engine.sync().catch(() => undefined)
      const after = engine.memory()
      expect([after.tensors, after.live, after.blocks], `allocation ${n}`).toEqual([
        before.tensors,
        before.live,
        before.blocks,
      ])
    }
    expect(failures).toBeGreaterThan(count / 2)
    expect(step()).toBe(expected)
  })

  it('is bounded by SINTER_MEMORY_LIMIT', async () => {
    const { out, code } = await run('debug', ['limit'], { SINTER_MEMORY_LIMIT: '64M' })
    expect(code).toBe(0)
    expect(out).toMatch(/^SINTER_OUT_OF_MEMORY .*limit 67\.1 MB/)
    expect(out.trim().endsWith('1,1,1,1')).toBe(true)
    expect((await run('debug', [], { SINTER_MEMORY_LIMIT: 'much' })).err).toContain(
      'SINTER_MEMORY_LIMIT=much is no number',
    )
  })
})

describe('SINTER_DEBUG', () => {
  it('lists what was not released at exit, with the line that made it', async () => {
    const { err } = await run('debug', [], { SINTER_DEBUG: '1' })
    expect(err).toMatch(
      /^sinter: 3 tensors were not released at exit:\n2 tensors, 800 bytes, made\n {4}at makes .*debug\.mjs:5/,
    )
    expect((await run('debug', ['release'], { SINTER_DEBUG: '1' })).err).toBe('')
  })

  it('reports live tensors on request', async () => {
    const { out } = await run('debug', ['report'], { SINTER_DEBUG: 'leaks,poison' })
    const report = JSON.parse(out) as { tensors: number; bytes: number; site: string }[]
    expect(report.map((r) => [r.tensors, r.bytes])).toEqual([
      [2, 800],
      [1, 8],
    ])
  })

  it('nan makes the first NaN an error', async () => {
    const { out } = await run('debug', ['nan'], { SINTER_DEBUG: 'nan' })
    expect(out).toMatch(/^SINTER_ANOMALY log: a NaN first appeared in its result \(1\), at .*debug\.mjs:\d+/)
  })

  it('names unknown words', async () => {
    expect((await run('debug', [], { SINTER_DEBUG: 'loud' })).err).toContain("'loud' is not 1, all, or one of")
  })
})
