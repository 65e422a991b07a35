/** Plans in native code: they are followed where they are legal, and results are the same bits with and without them. */

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ProductShape, parseProduct } from '#lib/engine/product-shape.js'
import {
  type ProductPlan,
  SOURCES,
  type Source,
  useProducts,
  type WatchedPlan,
  watchedPlans,
} from '#lib/engine/product-tuning.js'
import {
  engine,
  Generator,
  linear,
  matmul,
  matmulPacked,
  noGrad,
  packMatrix,
  randn,
  scope,
  type Tensor,
} from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'

const threads = engine.threads
beforeEach(() => {
  engine.syncSync()
  expect(loadNative().watchProducts()).toBe(true)
})
afterEach(() => {
  loadNative().unwatchProducts()
  useProducts([])
  engine.setThreads(threads)
})

const bits = (t: Tensor): string => {
  const { buffer, byteOffset, byteLength } = t.dataSync()
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('latin1')
}

/** Operands of a product, with some values that rounding and order of additions show in. */
function operands(p: ProductShape): [Tensor, Tensor] {
  const generator = new Generator(p.m + p.n + p.k)
  const draw = (rows: number, columns: number, transposed: boolean): Tensor => {
    const shape = transposed ? [columns, rows] : [rows, columns]
    const x = randn(p.batch === 1 ? shape : [p.batch, ...shape], { dtype: p.dtype, generator })
    return transposed ? x.transpose(-2, -1) : x
  }
  return [draw(p.m, p.k, p.transposedA), draw(p.k, p.n, p.transposedB)]
}

function compute(p: ProductShape, a: Tensor, b: Tensor): string {
  return scope(() => {
    if (!p.packed) return bits(matmul(a, b))
    const matrix = packMatrix(b)
    const y = bits(matmulPacked(a, matrix))
    matrix.dispose()
    return y
  })
}

const legalFor = (text: string): readonly Source[] =>
  text.includes('packed') ? ['ready'] : /f16|nt|tt/.test(text) ? ['own', 'shared'] : ['in place', 'own', 'shared']

describe('results are the same bits under every plan', () => {
  const BLOCKS: readonly (readonly [number, number])[] = [
    [0, 0],
    [1, 1],
    [50, 70],
    [0, 4096],
    [4096, 0],
    [2 ** 30, 2 ** 30],
  ]
  it.each([
    '130x140x150',
    '97x131x401',
    '257x300x500',
    '600x530x800',
    'nt:97x131x401',
    'tn:300x131x401',
    'tt:97x301x401',
    'f64:97x131x401',
    'f64:nt:130x70x800',
    'bf16:97x131x401',
    'bf16:tn:300x131x801',
    'f16:nt:97x131x401',
    'packed:97x131x401',
    'bf16:packed:300x70x801',
    '5x97x61x401',
    '3x530x64x400',
  ])('%s', (text) => {
    const p = parseProduct(text)
    scope(() => {
      const [a, b] = operands(p)
      for (const pool of [1, threads]) {
        engine.setThreads(pool)
        useProducts([])
        const usual = compute(p, a, b)
        const [first] = watchedPlans(p, pool)
        expect(first?.legal).toEqual(legalFor(text))
        const seen = new Set<string>()
        for (const source of SOURCES) {
          for (const [rows, columns] of BLOCKS) {
            for (const limit of [0, 1, 2]) {
              useProducts([{ product: p, threads: pool, plan: { source, rows, columns, limit } }])
              expect(compute(p, a, b) === usual, `${source}, ${rows} x ${columns}, ${limit} threads`).toBe(true)
              const [followed] = watchedPlans(p, pool)
              if (legalFor(text).includes(source)) expect(followed?.source).toBe(source)
              else expect(followed).toEqual({ ...first })
              seen.add([followed?.source, followed?.rows, followed?.columns].join())
            }
          }
        }
        // They were different plans.
        expect(seen.size).toBeGreaterThan(2 * legalFor(text).length)
      }
    })
  })

  it('where the product is cut along the inner dimension', () => {
    const p = parseProduct('23x33x4099')
    scope(() => {
      const [a, b] = operands(p)
      const usual = compute(p, a, b)
      for (const source of ['in place', 'own', 'shared'] as const) {
        for (const [rows, columns] of BLOCKS) {
          useProducts([{ product: p, threads, plan: { source, rows, columns, limit: 0 } }])
          expect(compute(p, a, b) === usual, `${source}, ${rows} x ${columns}`).toBe(true)
        }
      }
      // Its pieces pack their own panels.
      expect(watchedPlans(p, threads).some(({ source }) => source === 'shared')).toBe(false)
    })
  })

  it('where a layer sums its bias gradient in the same pass', () => {
    const [rows, inputs, outputs] = [530, 140, 600] as const
    const gradients = (): string =>
      scope(() => {
        const generator = new Generator(5)
        const x = randn([rows, inputs], { generator })
        const w = randn([outputs, inputs], { generator }).requiresGrad_()
        const bias = randn([outputs], { generator }).requiresGrad_()
        linear(x, w, bias)
          .mul(randn([rows, outputs], { generator }))
          .sum()
          .backward()
        return bits(w.grad as Tensor) + bits(bias.grad as Tensor)
      })
    // The weight's gradient is g^T (outputs, rows) times x (rows, inputs).
    const p: ProductShape = { ...parseProduct(`tn:${outputs}x${inputs}x${rows}`) }
    const usual = gradients()
    expect(watchedPlans(p, threads).map(({ legal }) => legal)).toEqual([['shared']])
    for (const source of SOURCES) {
      for (const [rows_, columns] of BLOCKS) {
        useProducts([{ product: p, threads, plan: { source, rows: rows_, columns, limit: 0 } }])
        expect(gradients() === usual, `${source}, ${rows_} x ${columns}`).toBe(true)
      }
    }
  })
})

describe('a plan', () => {
  const p = parseProduct('200x300x400')
  const planOf = (plan: ProductPlan | null, run = p): WatchedPlan =>
    scope(() => {
      useProducts(plan === null ? [] : [{ product: p, threads, plan }])
      const [a, b] = operands(run)
      compute(run, a, b)
      return watchedPlans(run, threads)[0] as WatchedPlan
    })

  it('is rounded up to whole tiles, and ends with the product', () => {
    const [rows, columns] = planOf(null).tile
    const one = planOf({ source: 'own', rows: 1, columns: 1, limit: 0 })
    expect([one.rows, one.columns]).toEqual([rows, columns])
    const all = planOf({ source: 'own', rows: 10_000, columns: 10_000, limit: 0 })
    expect([all.rows, all.columns]).toEqual([Math.ceil(200 / rows) * rows, Math.ceil(300 / columns) * columns])
    expect(all.tasks).toBe(1)
  })

  it('is for one product: its dtype, storage, sizes and number of threads', () => {
    const plan: ProductPlan = { source: 'own', rows: 1, columns: 1, limit: 0 }
    const tile = planOf(null).tile
    const blocks = (run: ProductShape): unknown => {
      const found = planOf(plan, run)
      return [found.rows, found.columns]
    }
    expect(blocks(p)).toEqual(tile)
    for (const other of [
      'f64:200x300x400',
      'nt:200x300x400',
      'tn:200x300x400',
      '201x300x400',
      '200x301x400',
      '200x300x401',
      '2x200x300x400',
      'packed:200x300x400',
    ]) {
      expect(blocks(parseProduct(other)), other).not.toEqual(tile)
    }
    scope(() => {
      useProducts([{ product: p, threads: threads + 1, plan }])
      const [a, b] = operands(p)
      compute(p, a, b)
      expect(watchedPlans(p, threads)[0]?.rows).not.toBe(tile[0])
    })
  })

  it('holds for batches of about that size', () => {
    const rowsOf = (batch: number): unknown =>
      scope(() => {
        const run = { ...p, batch }
        const [a, b] = operands(run)
        compute(run, a, b)
        return watchedPlans(run, threads)[0]?.rows
      })
    const [tile] = planOf(null).tile
    useProducts([{ product: { ...p, batch: 5 }, threads, plan: { source: 'own', rows: 1, columns: 0, limit: 0 } }])
    expect([4, 7].map(rowsOf)).toEqual([tile, tile])
    for (const batch of [2, 3, 8]) expect(rowsOf(batch), `${batch}`).not.toBe(tile)
  })
})

describe('native code', () => {
  const p = parseProduct('200x300x400')
  const key = [0, 0, 0, 0, threads, 1, 200, 300, 400]

  it('bounds what it is given', () => {
    scope(() => {
      const [a, b] = operands(p)
      const usual = compute(p, a, b)
      const wild = [Number.NaN, Number.NEGATIVE_INFINITY, -1, 0.5, 3.7, 4, 1e9, 1e300, Number.POSITIVE_INFINITY]
      for (const x of wild) {
        for (const plan of [
          [x, x, x, x],
          [1, x, 0, 0],
          [2, 0, x, 0],
          [0, x, x, x],
          [2, x, x, x],
        ]) {
          loadNative().setTunedProducts(Float64Array.from([...key, ...plan]))
          expect(compute(p, a, b) === usual, plan.join()).toBe(true)
        }
        loadNative().setTunedProducts(Float64Array.from([x, x, x, x, x, x, x, x, x, 1, 1, 1, 1]))
        expect(compute(p, a, b) === usual, `key of ${x}`).toBe(true)
      }
      // Half a row is none.
      loadNative().setTunedProducts(Float64Array.from(key))
      expect(loadNative().tunedProducts()).toBe(0)
    })
  })

  it('has one watcher, whose memory of plans ends', () => {
    expect(loadNative().watchProducts()).toBe(false)
    scope(() => {
      const [a, b] = operands(p)
      noGrad(() => {
        for (let i = 0; i < 300; i++) scope(() => matmul(a, b).dispose())
      })
      engine.syncSync()
      expect(watchedPlans(p, threads).length).toBe(256)
      expect(watchedPlans(p, threads)).toEqual([])
    })
  })

  it('replaces plans while other threads compute', async () => {
    const root = createRequire(import.meta.url).resolve('sinter/package.json')
    const library = pathToFileURL(join(root, '..', 'dist', 'index.js')).href
    const body = `import(${JSON.stringify(library)}).then(async (s) => {
      const { parentPort } = await import('node:worker_threads')
      const [a, b] = [s.ones([200, 400]), s.ones([400, 300])]
      parentPort.postMessage('ready')
      let wrong = 0
      for (let i = 0; i < 300; i++) {
        const y = a.matmul(b)
        const sum = await y.sum().item()
        if (sum !== 200 * 300 * 400) wrong++
        y.dispose()
      }
      parentPort.postMessage(wrong)
    })`
    const workers = [0, 1].map(() => new Worker(body, { eval: true }))
    const messages = (w: Worker): Promise<unknown> => new Promise((resolve) => w.once('message', resolve))
    await Promise.all(workers.map(messages))
    const done = Promise.all(workers.map(messages))
    let left = true
    done.finally(() => (left = false))
    for (let i = 0; left; i++) {
      const plan = { source: SOURCES[i % 3] as Source, rows: i % 50, columns: i % 300, limit: i % 3 }
      useProducts([{ product: p, threads, plan }])
      if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await done).toEqual([0, 0])
    await Promise.all(workers.map((w) => w.terminate()))
    // Workers use what the process has: theirs did not put the file's products, none, in their place.
    expect(loadNative().tunedProducts()).toBe(1)
  })
})
