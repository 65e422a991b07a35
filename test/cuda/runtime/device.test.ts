/**
 * CUDA devices as JavaScript has them, over the stand-in driver: bytes there and back, memory, worker threads, two devices. Place in
 * the whole: cuda/runtime through the addon; what kernels compute is tested elsewhere. Beside it: what the addon needs to load.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { ExecutionError } from '#lib/errors.js'
import { cuda, engine, openShared, share, tensor, unshare } from '#lib/index.js'
import { root, simulator } from './harness.js'

// Read when a device is first asked for, which is below.
process.env['SINTER_CUDA_DRIVER'] = simulator
process.env['SINTER_SIM_DEVICES'] = '2'
process.env['SINTER_SIM_SEED'] = '7'

const there = existsSync(simulator) && cuda.isAvailable()
if (!there)
  console.log(`CUDA devices are not tested: ${existsSync(simulator) ? cuda.reason : `${simulator} is not there`}`)

test.skipIf(process.platform !== 'linux')('the addon needs no CUDA library to load', () => {
  const addon = join(root, 'build', process.env['SINTER_BUILD'] ?? 'test', 'sinter.node')
  const libraries = execFileSync('ldd', [addon], { encoding: 'utf8' })
  expect(libraries).toContain('libc.so')
  expect(libraries).not.toMatch(/cuda|nvidia|nvrtc|cublas|cudnn|nccl|not found/i)
})

describe.skipIf(!there)('a CUDA device', () => {
  const counted = Float32Array.from({ length: 1000 }, (_, i) => i / 4)

  test('is listed', () => {
    expect(cuda.deviceCount()).toBe(2)
    expect(engine.info().devices).toEqual(expect.arrayContaining(['cpu', 'cuda:0', 'cuda:1']))
    expect(cuda.reason).toMatch(/^CUDA driver \d+\.\d+ with 2 devices$/)
    expect(cuda.properties('cuda:1')).toMatchObject({ major: 8, minor: 0 })
  })

  test('takes tensors and gives them back', async () => {
    for (const n of [0, 1, 3, 1000, 1_500_001]) {
      const values = Float32Array.from({ length: n }, (_, i) => i % 1001)
      const t = tensor(values, { device: 'cuda' })
      expect(t.device).toBe('cuda:0')
      const got = await t.data()
      expect(Buffer.from(got.buffer).equals(Buffer.from(values.buffer)), `${n} elements`).toBe(true)
      t.dispose()
    }
  })

  test('counts and bounds its memory', async () => {
    await cuda.synchronize()
    const before = cuda.memory()
    const t = tensor(new Float32Array(1 << 20), { device: 'cuda' })
    await cuda.synchronize() // the bytes are taken when the stream comes to it
    expect(cuda.memory().live - before.live).toBe(4 << 20)
    cuda.setMemoryLimit(cuda.memory().live + (1 << 20))
    const large = tensor(new Float32Array(1 << 19), { device: 'cuda' })
    const error = await large.data().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ExecutionError)
    expect(error).toMatchObject({
      code: 'SINTER_OUT_OF_MEMORY',
      message: expect.stringMatching(/cuda:0 is out of memory/),
    })
    cuda.setMemoryLimit(0)
    const again = tensor(new Float32Array(1 << 19).fill(2), { device: 'cuda' })
    expect((await again.data())[5]).toBe(2)
    for (const each of [t, large, again]) each.dispose()
    await cuda.synchronize()
    expect(cuda.memory().live).toBe(before.live)
    expect(cuda.emptyCache()).toBeGreaterThan(0)
  })

  test('serves worker threads, which see what is shared', async () => {
    const x = tensor(counted, { device: 'cuda' })
    await share('counted', x)
    const run = (device: string, factor: number) =>
      new Promise<{ seen: Float32Array; sums: number[] }>((resolve, reject) => {
        const worker = new Worker(new URL('worker.mjs', import.meta.url), {
          workerData: { key: 'counted', device, factor },
        })
        worker.once('message', resolve)
        worker.once('error', reject)
      })
    const places = ['cuda:0', 'cuda:0', 'cuda:1']
    const all = await Promise.all(places.map((device, i) => run(device, i + 1)))
    for (const [i, { seen, sums }] of all.entries()) {
      expect(seen).toEqual(counted)
      expect(sums).toEqual(Array.from({ length: 20 }, (_, round) => 10_000 * (49.5 * (i + 1) + round)))
    }
    unshare('counted')
    x.dispose()
  })

  test('gives tensors to another device, and to the host only by reading', async () => {
    const x = tensor(counted, { device: 'cuda:0' })
    await share('moved', x)
    const y = openShared('moved', { device: 'cuda:1' })
    expect(y.device).toBe('cuda:1')
    x.dispose()
    unshare('moved')
    expect(await y.data()).toEqual(counted)
    await share('moved', y)
    await expect(openShared('moved').data()).rejects.toThrow(/in a device's memory: read it there/)
    unshare('moved')
    y.dispose()
  })
})
