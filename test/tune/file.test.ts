/** The tuning file's products: what is read, what is not, and when. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseProduct } from '#lib/engine/product-shape.js'
import { readProducts, SECTION, savedProducts, saveProduct } from '#lib/engine/product-tuning.js'
import { readTuning, tuningFile, writeTuning } from '#lib/engine/tuning-cache.js'
import { clearTuning, engine } from '#lib/index.js'

const environment = { ...process.env }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-tuning-'))
  process.env['SINTER_CACHE'] = folder
})
afterEach(() => {
  clearTuning()
  rmSync(folder, { recursive: true })
  process.env['SINTER_CACHE'] = environment['SINTER_CACHE'] ?? ''
})

const entry = { product: 'f32:nt:512x768x768', threads: 2, source: 'own', rows: 0, columns: 128, limit: 1 }
const product = parseProduct(entry.product)
const plan = { source: 'own', rows: 0, columns: 128, limit: 1 } as const

describe('a section', () => {
  it('is read entry by entry', () => {
    expect(readProducts([entry])).toEqual([{ product, threads: 2, plan }])
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 3],
    ['a text', 'f32:4x5x6'],
    ['an object', { 0: entry, length: 1 }],
  ])('that is %s has none', (_, section) => {
    expect(readProducts(section)).toEqual([])
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 7],
    ['an array', [entry]],
    ['empty', {}],
    ['of another product', { ...entry, product: 'f32:4x5' }],
    ['of no product', { ...entry, product: 5 }],
    ['without threads', { ...entry, threads: undefined }],
    ['of no threads', { ...entry, threads: 0 }],
    ['of too many threads', { ...entry, threads: 257 }],
    ['of half a thread', { ...entry, threads: 1.5 }],
    ['of another source', { ...entry, source: 'stolen' }],
    ['of a source by number', { ...entry, source: 1 }],
    ['with negative rows', { ...entry, rows: -1 }],
    ['with rows as text', { ...entry, rows: '96' }],
    ['with endless columns', { ...entry, columns: 1e300 }],
    ['with columns that are none', { ...entry, columns: Number.NaN }],
    ['with a limit of all', { ...entry, limit: 1e9 }],
  ])('leaves out an entry that is %s, and keeps the others', (_, wrong) => {
    expect(readProducts([wrong, entry, wrong])).toEqual([{ product, threads: 2, plan }])
  })

  it('ends somewhere', () => {
    expect(readProducts(Array.from({ length: 20_000 }, () => entry)).length).toBe(10_000)
  })
})

describe('the file', () => {
  it('keeps one plan a product and number of threads, and other sections', () => {
    writeTuning('other', 1)
    saveProduct({ product, threads: 2 }, plan)
    saveProduct({ product, threads: 1 }, plan)
    saveProduct({ product, threads: 2 }, { ...plan, columns: 64 })
    expect(savedProducts().map((p) => [p.threads, p.plan.columns])).toEqual([
      [1, 128],
      [2, 64],
    ])
    saveProduct({ product, threads: 1 }, null)
    expect(savedProducts().map((p) => p.threads)).toEqual([2])
    expect(clearTuning()).toBe(1)
    expect([readTuning(SECTION), readTuning('other'), clearTuning()]).toEqual([undefined, 1, 0])
  })
})

/** What a process says of its tuning, and a product's first element. */
function process_(env: Record<string, string> = {}): { tuning: string; error: string } {
  const root = createRequire(import.meta.url).resolve('sinter/package.json')
  const library = pathToFileURL(join(root, '..', 'dist', 'index.js')).href
  const text = `import { engine, ones } from ${JSON.stringify(library)}
    const y = ones([100, 300]).matmul(ones([300, 200]))
    if ((y.dataSync())[0] !== 300) throw new Error('wrong')
    console.log(engine.info().tuning)`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    env: { ...process.env, SINTER_BUILD: process.env['SINTER_BUILD'] ?? 'test', ...env },
    encoding: 'utf8',
  })
  return { tuning: child.stdout.trim(), error: child.stderr }
}

describe('a process', () => {
  it('uses the file from its first product on', () => {
    expect(process_().tuning).toMatch(/^none/)
    saveProduct({ product: parseProduct('100x200x300'), threads: engine.threads }, plan)
    saveProduct({ product, threads: 2 }, plan)
    expect(process_().tuning).toBe(`2 products; the file is ${tuningFile()}`)
    expect(process_({ SINTER_TUNING: 'off' }).tuning).toBe('off (SINTER_TUNING)')
    expect(process_({ SINTER_TUNING: 'on' }).error).toMatch(/SINTER_TUNING=on is not off/)
  })

  it('does without what cannot be read', () => {
    for (const text of ['', '{', '{"format":1}', '\0\0\0', '[[[']) {
      writeFileSync(tuningFile(), text)
      expect(process_()).toEqual({ tuning: expect.stringMatching(/^none/), error: '' })
    }
    rmSync(tuningFile())
    mkdirSync(tuningFile())
    expect(process_()).toEqual({ tuning: expect.stringMatching(/^none/), error: '' })
    rmSync(tuningFile(), { recursive: true })
  })
})
