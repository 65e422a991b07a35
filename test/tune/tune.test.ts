/** Measuring: what is tried, what is kept, and what tune leaves as it was. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseProduct } from '#lib/engine/product-shape.js'
import { savedProducts, saveProduct, useProducts, type WatchedPlan } from '#lib/engine/product-tuning.js'
import { clearTuning, engine, manualSeed, randn, scope, type TuneResult, tune } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'
import { candidates } from '#lib/tune/candidates.js'
import { confirm } from '#lib/tune/measure.js'
import { isFaster, median, quantile } from '#lib/tune/statistics.js'

const environment = { ...process.env }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-tune-'))
  process.env['SINTER_CACHE'] = folder
})
afterEach(() => {
  useProducts([])
  rmSync(folder, { recursive: true })
  process.env['SINTER_CACHE'] = environment['SINTER_CACHE'] ?? ''
})

describe('statistics', () => {
  it('are numpy’s quantiles', () => {
    expect([quantile([4, 1, 3, 2], 0), quantile([4, 1, 3, 2], 0.25), quantile([4, 1, 3, 2], 1)]).toEqual([1, 1.75, 4])
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7])
  })

  it('take a plan for faster only beyond noise', () => {
    const usual = [98, 100, 102, 100, 99]
    expect(isFaster([90, 91, 90, 92, 89], usual)).toBe(true)
    expect(isFaster([98, 98, 98, 98, 98], usual)).toBe(false) // 2 %
    expect(isFaster([90, 90, 90, 130, 130], usual)).toBe(false) // now and then slower
    expect(isFaster([90, 90, 90, 90, 130], usual)).toBe(true)
    expect(isFaster([97, 97, 90, 90, 90], [98, 91, 91, 98, 98])).toBe(false) // the undisturbed times are alike
    expect(isFaster(usual, usual)).toBe(false)
  })
})

describe('candidates', () => {
  const plan = (source: 'own' | 'shared', rows: number, columns: number): WatchedPlan => ({
    ...{ source, rows, columns, limit: 0, tasks: 8, tile: [6, 16] },
    legal: ['own', 'shared'],
  })

  it('begin with other sources, then change one block, in whole tiles', () => {
    const all = candidates(plan('own', 96, 160), [plan('shared', 48, 320)], 1)
    expect(all.slice(0, 5)).toEqual([
      { source: 'shared', rows: 0, columns: 0, limit: 0 },
      { source: 'own', rows: 0, columns: 80, limit: 0 },
      { source: 'own', rows: 48, columns: 0, limit: 0 },
      { source: 'own', rows: 0, columns: 320, limit: 0 },
      { source: 'own', rows: 192, columns: 0, limit: 0 },
    ])
    for (const { rows, columns, limit } of all) expect([rows % 6, columns % 16, limit]).toEqual([0, 0, 0])
    const small = candidates(plan('own', 6, 16), [], 1)
    expect(Math.min(...small.flatMap(({ rows, columns }) => [rows || 6, columns || 6]))).toBe(6)
  })

  it('try fewer threads where there are several', () => {
    const limits = (threads: number): number[] => [
      ...new Set(candidates(plan('own', 96, 160), [], threads).map(({ limit }) => limit)),
    ]
    expect([limits(1), limits(2), limits(9)]).toEqual([[0], [0, 1], [0, 1, 4]])
  })
})

describe('tune', () => {
  it('measures, tells, keeps what is faster and uses it', async () => {
    const told: [TuneResult, number, number][] = []
    const before = engine.threads
    const results = await tune(
      ['96x160x200', 'nt:200x96x160', 'f32:96x160x200', 'bf16:packed:100x160x200', '8x4096x64', '16x16x16'],
      {
        ...{ threads: [1, before], budget: 0.01 },
        onResult: (result, done, total) => told.push([result, done, total]),
      },
    )
    const ten = results.length
    expect(told.slice(0, ten).map(([{ product, threads }, done, total]) => [product, threads, done, total])).toEqual(
      results.map(({ product, threads }, i) => [product, threads, i + 1, ten]),
    )
    for (const [{ outcome }, done] of told.slice(ten)) expect([outcome, done]).toEqual(['usual', ten]) // withdrawn
    expect(results.map(({ product, threads }) => `${product} ${threads}`).slice(3, 6)).toEqual([
      'f32:8x4096x64 1',
      'f32:16x16x16 1',
      `f32:96x160x200 ${before}`,
    ])
    for (const { product, outcome, usual, best, plan, tried } of results) {
      if (/8x4096|16x16/.test(product)) {
        expect([outcome, usual, best, plan, tried]).toEqual(['no plan', Number.NaN, Number.NaN, null, 0])
        continue
      }
      expect(usual > 0 && tried > 0).toBe(true)
      if (outcome === 'faster') expect(best).toBeLessThan(0.97 * usual)
      else expect([outcome, best, plan]).toEqual(['usual', usual, null])
    }
    const faster = results.filter(({ outcome }) => outcome === 'faster')
    expect(savedProducts()).toEqual(
      faster.map(({ product, threads, plan }) => ({ product: parseProduct(product), threads, plan })),
    )
    expect(loadNative().tunedProducts()).toBe(faster.length)
    expect(engine.threads).toBe(before)
  })

  it('takes away a plan that is not faster any more, and keeps those of others', async () => {
    const plan = { source: 'own', rows: 6, columns: 16, limit: 1 } as const
    const [other, slow] = [parseProduct('500x500x500'), parseProduct('300x300x300')]
    saveProduct({ product: other, threads: 2 }, plan)
    saveProduct({ product: slow, threads: 2 }, plan)
    const [result] = await tune(['300x300x300'], { threads: 2, budget: 0.01 })
    expect(result?.plan).not.toEqual(plan)
    const expected = [
      { product: other, threads: 2, plan },
      ...(result?.plan ? [{ product: slow, threads: 2, plan: result.plan }] : []),
    ]
    expect(savedProducts()).toEqual(expected)
    expect(loadNative().tunedProducts()).toBe(expected.length)
  })

  it('confirms a plan only where it measured it to be faster', async () => {
    const product = parseProduct('600x600x600')
    // 3,800 tasks, each of which packs panels for six rows: slow, unless the machine is too busy to tell.
    const slow = { source: 'own', rows: 6, columns: 16, limit: 1 } as const
    const { plan, usual, best } = await confirm({ product, threads: engine.threads, plan: slow }, [], 100)
    if (plan === null) expect(best).toBe(usual)
    else expect(best).toBeLessThan(usual)
  })

  it('leaves the file alone where it is told to', async () => {
    await tune(['200x200x200'], { budget: 0.01, save: false })
    expect(savedProducts()).toEqual([])
  })

  it('draws nothing from the global generator, and lets other work go on', async () => {
    const draw = (): number[] => Array.from(scope(() => randn([4]).dataSync()))
    manualSeed(3)
    const first = draw()
    manualSeed(3)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const running = tune(['256x256x256'], { budget: 0.05 })
    await running
    clearInterval(timer)
    expect(turns).toBeGreaterThan(2)
    manualSeed(3)
    await tune(['128x128x128'], { budget: 0.001 })
    expect(draw()).toEqual(first)
  })

  it('measures one at a time', async () => {
    const running = tune(['200x200x200'], { budget: 0.01 })
    await expect(tune(['200x200x200'])).rejects.toMatchObject({ code: 'SINTER_BUSY' })
    await running
    await tune(['200x200x200'], { budget: 0.001 })
  })

  it.each<[unknown[], RegExp]>([
    [[['4x5']], /"4x5" is no product/],
    [[['4x5x6'], { threads: 0 }], /0 threads, expected 1 to 256/],
    [[['4x5x6'], { threads: [1, 300] }], /300 threads/],
    [[['4x5x6'], { budget: 0 }], /budget of 0 seconds/],
    [[['4x5x6'], { budget: Number.NaN }], /budget of NaN seconds/],
  ])('refuses %j', async (args, message) => {
    await expect(tune(...(args as Parameters<typeof tune>))).rejects.toThrow(message)
  })

  it('gives threads and watching back when it fails', async () => {
    const before = engine.threads
    await expect(
      tune(['200x200x200'], {
        ...{ threads: 1, budget: 0.001 },
        onResult: () => {
          throw new Error('stop')
        },
      }),
    ).rejects.toThrow('stop')
    expect(engine.threads).toBe(before)
    expect(loadNative().watchProducts()).toBe(true)
    loadNative().unwatchProducts()
    clearTuning()
  })
})
