/** The break-even table, and the file that keeps it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cacheFolder, readTuning, tuningFile, writeTuning } from '#lib/engine/tuning-cache.js'
import { randn, scope, type Tensor } from '#lib/index.js'
import { breakEven, prefersDense, SECTION, setBreakEven } from '#lib/sparse/break-even.js'
import { boundary } from '#lib/sparse/calibrate.js'
import { calibrateSparse, SPARSE_FORMATS, SparseMatrix } from '#lib/sparse/index.js'

const environment = { ...process.env }
const F32 = { dtype: 'f32', recorded: false } as const
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-cache-'))
  process.env['SINTER_CACHE'] = folder
  setBreakEven(null)
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  process.env['SINTER_CACHE'] = environment['SINTER_CACHE'] ?? ''
  setBreakEven(null)
})

describe('the file', () => {
  test('keeps sections beside one another, and nothing but itself', () => {
    expect(readTuning('a')).toBeUndefined()
    writeTuning('a', { x: [1, 2] })
    writeTuning('b', 'text')
    writeTuning('a', 3)
    expect([readTuning('a'), readTuning('b'), readTuning('toString')]).toEqual([3, 'text', undefined])
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([tuningFile()])
  })

  test('another machine, a damaged or a foreign file count as absent and are written over', () => {
    for (const text of ['', '{', 'null', '[]', '{"format":1,"machine":{"cpu":"other"},"sections":{"a":1}}']) {
      writeFileSync(tuningFile(), text)
      expect(readTuning('a')).toBeUndefined()
      writeTuning('a', 2)
      expect(readTuning('a')).toBe(2)
    }
    writeFileSync(tuningFile(), readFileSync(tuningFile(), 'utf8').replace('"version": "', '"version": "0'))
    expect(readTuning('a')).toBeUndefined()
  })

  test('lies in SINTER_CACHE, XDG_CACHE_HOME or the home', () => {
    expect(cacheFolder()).toBe(folder)
    process.env['SINTER_CACHE'] = ''
    process.env['XDG_CACHE_HOME'] = '/x'
    expect(cacheFolder()).toBe(join('/x', 'sinter'))
    process.env['XDG_CACHE_HOME'] = ''
    expect(cacheFolder()).toMatch(/\.cache[\\/]sinter$/)
    process.env['XDG_CACHE_HOME'] = environment['XDG_CACHE_HOME'] ?? ''
  })

  test('a folder that cannot be written says so', () => {
    writeFileSync(join(folder, 'file'), '')
    process.env['SINTER_CACHE'] = join(folder, 'file')
    expect(() => writeTuning('a', 1)).toThrow(/could not be kept in .*file: .*SINTER_CACHE names another folder/)
  })
})

describe('the table', () => {
  const all = (density: number): unknown =>
    Object.fromEntries(SPARSE_FORMATS.map((f) => [f, [0, 1, 2].map(() => [density, density, density, density])]))

  test('of the file decides what auto takes; one that is none does not', () => {
    scope(() => {
      const s = SparseMatrix.fromSync(randn([20, 20]) as Tensor, { density: 0.5 })
      for (const [density, dense] of [
        [0.4, true],
        [0.6, false],
      ] as const) {
        writeTuning(SECTION, all(density))
        setBreakEven(null)
        expect(prefersDense(s, 7, F32)).toBe(dense)
      }
      setBreakEven(null)
      const own = breakEven()
      for (const wrong of [1, {}, all(2), { ...(all(0.5) as object), csr: [[1]] }]) {
        writeTuning(SECTION, wrong)
        setBreakEven(null)
        expect(breakEven()).not.toEqual(own)
        expect(prefersDense(s, 7, F32)).toBe(prefersDense(s, 8, F32))
      }
    })
  })

  test('the boundary is where the line through two times meets the dense one', () => {
    expect(boundary(10, [2, 4])).toBeCloseTo(0.85)
    expect([boundary(1, [2, 4]), boundary(100, [2, 4]), boundary(10, [4, 4]), boundary(1, [4, 4])]).toEqual([
      0, 1, 1, 0,
    ])
    expect([boundary(10, [9]), boundary(10, [11])]).toEqual([1, 0])
  })

  test('calibrateSparse measures, uses and keeps one', async () => {
    const table = await calibrateSparse({ budget: 0.01, sides: [16, 24, 32] })
    expect(readTuning(SECTION)).toEqual(table)
    expect(breakEven()).toBe(table)
    for (const f of SPARSE_FORMATS) expect(table[f].flat().every((d) => d >= 0 && d <= 1)).toBe(true)
    setBreakEven(null)
    expect(breakEven()).toEqual(table)
  })
})
