// The data generator against Random123's known answers for Philox4x32-10, and its uses.
import { describe, expect, it } from 'vitest'
import { Random, shuffle } from '#lib/data/random.js'

const take = (random: Random, count: number) => Array.from({ length: count }, () => random.bits())

describe('Random', () => {
  it('is Philox4x32-10: key 0, counter 0', () => {
    expect(take(new Random(0), 4)).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  })

  it('gives each stream its own numbers, whoever asked before', () => {
    const streams = [new Random(1), new Random(2), new Random(1, 1), new Random(1, 0, 1), new Random(1 + 2 ** 32)]
    expect(new Set(streams.map((random) => take(random, 2).join())).size).toBe(5)
    expect(take(new Random(7, 3, 4), 9)).toEqual(take(new Random(7, 3, 4), 9))
  })

  it('is uniform and normal', () => {
    const random = new Random(3)
    const n = 100_000
    const uniform = Array.from({ length: n }, () => random.uniform())
    const normal = Array.from({ length: n }, () => random.normal())
    const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / n
    // Five standard errors: 5 / sqrt(12 n) and 5 / sqrt(n), 5 sqrt(2 / n) for the variance.
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(5 / Math.sqrt(12 * n))
    expect(uniform.every((v) => v >= 0 && v < 1)).toBe(true)
    expect(Math.abs(mean(normal))).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(mean(normal.map((v) => v * v)) - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
  })
})

describe('shuffle', () => {
  it('permutes, evenly, and the same in slices', () => {
    const counts = Array.from({ length: 3 }, () => [0, 0, 0])
    for (let seed = 0; seed < 3000; seed++) {
      const items = Uint32Array.of(0, 1, 2)
      shuffle(items, new Random(seed))
      for (const [place, item] of items.entries()) (counts[place] as number[])[item]!++
    }
    // 1,000 expected in each place; five standard deviations are 5 sqrt(3000 / 3 * 2 / 3) = 129.
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(130)

    const [whole, sliced] = [0, 1].map(() => Uint32Array.from({ length: 100 }, (_, i) => i))
    shuffle(whole!, new Random(5))
    const random = new Random(5)
    shuffle(sliced!, random, 100, 40)
    shuffle(sliced!, random, 40)
    expect(sliced).toEqual(whole)
  })
})
