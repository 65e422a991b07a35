// The command stream: modes agree, the event loop stays free, workers come and go.
import { execFile } from 'node:child_process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { engine, randn, scope, type Tensor, tensor } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'

const run = promisify(execFile)
const library = new URL('../../dist/index.js', import.meta.url).href

const program = `
  import { engine, manualSeed, randn, scope } from ${JSON.stringify(library)}
  manualSeed(1)
  const w = randn([96, 96], { requiresGrad: true })
  const x = randn([64, 96])
  for (let i = 0; i < 20; i++) scope(() => { x.matmul(w).tanh().matmul(w).square().mean().backward() })
  const bits = await w.grad.rawData()
  let hash = 0
  for (const b of new Int32Array(bits.buffer)) hash = (Math.imul(hash, 31) + b) | 0
  console.log(hash)
  await engine.sync()
`

describe('modes', () => {
  it('give the same bits', async () => {
    const hashes = await Promise.all(
      ['inline', 'async', 'auto'].map(async (mode) => {
        const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
          env: { ...process.env, SINTER_STREAM: mode },
        })
        return stdout.trim()
      }),
    )
    expect(new Set(hashes).size).toBe(1)
    expect(hashes[0]).toMatch(/^-?\d+$/)
  })

  it('refuse an unknown name', async () => {
    await expect(
      run(process.execPath, ['--input-type=module', '-e', program], { env: { ...process.env, SINTER_STREAM: 'fast' } }),
    ).rejects.toThrow(/SINTER_STREAM=fast is not one of auto, inline, async/)
  })
})

describe('the event loop', () => {
  it('turns while long products run', async () => {
    const a = randn([1024, 1024])
    engine.syncSync()
    const delays = monitorEventLoopDelay({ resolution: 5 })
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    delays.enable()
    const result = scope(() => {
      let y = a
      for (let i = 0; i < 12; i++) y = y.matmul(a).mul(0.03)
      return y.sum()
    })
    await result.item()
    delays.disable()
    clearInterval(timer)
    // 24 GFLOP take a tenth of a second at the very least; a blocked loop would not tick at all.
    expect(ticks).toBeGreaterThan(3)
    result.dispose()
    a.dispose()
  })
})

describe('a core of the pool', () => {
  const lent = (): number => (loadNative().lentCores as () => number)()
  const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  /** The sum of a product that takes a while. */
  const compute = (): Tensor =>
    scope(() => {
      const a = randn([768, 768])
      let y = a
      for (let i = 0; i < 30; i++) y = y.matmul(a).mul(0.03)
      return y.sum()
    })

  it('is lent while JavaScript goes on beside the executor, until its turn is over', async () => {
    engine.syncSync()
    expect(lent()).toBe(0)
    const result = compute()
    const value = result.item()
    expect(lent()).toBe(1)
    await turnOver()
    expect(lent()).toBe(0)
    await value
    expect(lent()).toBe(1)
    await turnOver()
    expect(lent()).toBe(0)
    result.dispose()
  })

  it('is given back by a thread that waits', () => {
    const result = compute()
    result.item().catch(() => {})
    expect(lent()).toBe(1)
    engine.syncSync()
    expect(lent()).toBe(0)
    result.dispose()
  })

  it('does not stay with a worker that is gone', async () => {
    const worker = new Worker(
      `import(${JSON.stringify(library)}).then(async ({ randn }) => {
        const a = randn([512, 512])
        let y = a
        for (let i = 0; i < 400; i++) y = y.matmul(a).mul(0.05)
        const value = y.data()
        ;(await import('node:worker_threads')).parentPort.postMessage('queued')
        await value
      })`,
      { eval: true },
    )
    await new Promise((resolve) => worker.once('message', resolve))
    await worker.terminate()
    expect(lent()).toBe(0)
  })
})

describe('ids', () => {
  it('are not valid after dispose, however often slots are reused', () => {
    const first = tensor([1])
    first.dispose()
    for (let i = 0; i < 2000; i++) tensor([i]).dispose()
    expect(() => first.dataSync()).toThrow(/disposed/)
  })
})

describe('worker threads', () => {
  const worker = (body: string): Worker =>
    new Worker(
      `import(${JSON.stringify(library)}).then(async (s) => { const { parentPort } = await import('node:worker_threads'); ${body} })`,
      { eval: true },
    )

  it('load the addon, compute and leave', async () => {
    for (let i = 0; i < 3; i++) {
      const w = worker(`parentPort.postMessage(await s.ones([1000]).sum().item())`)
      const value = await new Promise((resolve, reject) => {
        w.once('message', resolve)
        w.once('error', reject)
      })
      expect(value).toBe(1000)
      await w.terminate()
    }
  })

  it('may be terminated in the middle of queued work, and give their memory back', async () => {
    engine.syncSync()
    const before = engine.memory().live
    const w = worker(`
      const a = s.randn([512, 512])
      let y = a
      for (let i = 0; i < 400; i++) y = y.matmul(a).mul(0.05)
      parentPort.postMessage('queued')
      await y.data()`)
    await new Promise((resolve) => w.once('message', resolve))
    await w.terminate()
    expect(engine.memory().live).toBe(before)
  })
})
