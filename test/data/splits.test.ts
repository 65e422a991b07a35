// Splits and folds: scikit-learn's where it draws nothing (test/golden/folds.py), and what must hold of those that are drawn.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Fold, groupKFold, kFold, randomSplit, splitIndices, stratifiedKFold } from '#lib/data/index.js'

const golden: any = JSON.parse(readFileSync(new URL('../golden/folds.json', import.meta.url), 'utf8'))
const tests = (folds: Fold[]) => folds.map(({ test }) => [...test])
const sorted = (indices: Iterable<number>) => [...indices].sort((a, b) => a - b)
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

function complete(folds: Fold[], n: number): void {
  expect(sorted(folds.flatMap(({ test }) => [...test]))).toEqual(upTo(n))
  for (const { train, test } of folds) expect(sorted([...train, ...test])).toEqual(upTo(n))
}

describe('folds', () => {
  it('are scikit-learn’s', () => {
    for (const [n, folds, expected] of golden.kFold) expect(tests(kFold(n, { folds }))).toEqual(expected)
    for (const [folds, expected] of golden.stratifiedKFold)
      expect(tests(stratifiedKFold(golden.classes, { folds }))).toEqual(expected)
    for (const [folds, expected] of golden.groupKFold)
      expect(tests(groupKFold(golden.groups, { folds }))).toEqual(expected)
  })

  it('drawn at random still cover all once, with classes even and groups whole, by the seed', () => {
    const { classes, groups } = golden
    const make = (seed: number) => [
      kFold(41, { shuffle: true, seed }),
      stratifiedKFold(classes, { shuffle: true, seed }),
      groupKFold(groups, { shuffle: true, seed }),
    ]
    const [plain, stratified, grouped] = make(1) as [Fold[], Fold[], Fold[]]
    for (const folds of [plain, stratified]) complete(folds, 41)
    complete(grouped, groups.length)
    for (const { test } of stratified)
      for (const label of [0, 1, 2]) {
        const share = classes.filter((c: number) => c === label).length / 5
        expect(Math.abs([...test].filter((i) => classes[i] === label).length - share)).toBeLessThan(1)
      }
    for (const { train, test } of grouped) {
      const trained = new Set([...train].map((i) => groups[i]))
      expect([...test].some((i) => trained.has(groups[i]))).toBe(false)
    }
    expect(make(1)).toEqual(make(1))
    expect(tests(plain)).not.toEqual(tests(make(2)[0] as Fold[]))
  })

  it.each([
    [() => kFold(3, { folds: 4 }), 'kFold: 4 folds of 3 samples: take fewer'],
    [() => kFold(3, { folds: 1 }), 'folds is 1, expected a whole number of at least 2'],
    [() => stratifiedKFold(['a', 'b', 'c'], { folds: 2 }), '2 folds, but the largest class has 1 samples'],
    [() => groupKFold([1, 1, 1], { folds: 2 }), '2 folds of 1 groups'],
    [() => kFold(9, { shufle: true } as never), 'did you mean "shuffle"?'],
  ])('refuses what cannot be (%#)', (run, message) => {
    expect(run).toThrow(message)
  })
})

describe('randomSplit', () => {
  it('deals all samples, as many as the fractions say', () => {
    const parts = splitIndices(10, [0.7, 0.2, 0.1], { seed: 3 })
    expect(parts.map((part) => part.length)).toEqual([7, 2, 1])
    expect(sorted(parts.flatMap((part) => [...part]))).toEqual(upTo(10))
    expect(parts).toEqual(splitIndices(10, [7, 2, 1], { seed: 3 }))
    expect(parts).not.toEqual(splitIndices(10, [7, 2, 1], { seed: 4 }))
    expect(splitIndices(0, [0.5, 0.5]).map((part) => part.length)).toEqual([0, 0])
    expect(splitIndices(7, [1 / 3, 1 / 3, 1 / 3]).map((part) => part.length)).toEqual([3, 2, 2])
  })

  it('gives every part its share of each class', () => {
    // 40 classes of which none divides evenly: the parts' sizes must come out all the same.
    const classes = Array.from({ length: 400 }, (_, i) => `c${Math.floor(Math.sqrt(i * 4))}`)
    const counts = new Map<string, number>()
    for (const label of classes) counts.set(label, (counts.get(label) ?? 0) + 1)
    for (const seed of [0, 1, 2]) {
      const fractions = [0.8, 0.15, 0.05]
      const parts = splitIndices(400, fractions, { seed, stratify: classes })
      expect(sorted(parts.flatMap((part) => [...part]))).toEqual(upTo(400))
      for (const [p, part] of parts.entries()) {
        expect(Math.abs(part.length - 400 * (fractions[p] as number))).toBeLessThanOrEqual(1)
        for (const [label, count] of counts) {
          const found = [...part].filter((i) => classes[i] === label).length
          expect(Math.abs(found - count * (fractions[p] as number))).toBeLessThan(2)
        }
      }
    }
  })

  it('makes datasets, and refuses parts that do not sum', async () => {
    const [a, b] = randomSplit({ length: 10, get: (i: number) => 10 * i }, [0.5, 0.5])
    const context = undefined as never
    const all = await Promise.all([a, b].flatMap((part) => upTo(part!.length).map((i) => part!.get(i, context))))
    expect(sorted(all)).toEqual(upTo(10).map((i) => 10 * i))
    expect(() => splitIndices(10, [0.5, 0.4])).toThrow(
      'the parts 0.5, 0.4 sum to 0.9, expected fractions that sum to 1',
    )
    expect(() => splitIndices(10, [11, -1])).toThrow('part 1 is -1')
    expect(() => splitIndices(10, [1], { stratify: [1] })).toThrow('stratify has 1 classes for 10 samples')
  })
})
