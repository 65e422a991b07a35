/** Reductions of long runs, which are read in several places at once: every element counts once, at every length. */
import { expect, test } from 'vitest'
import { amax, amin, mean, scope, sum, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const LENGTHS = [4095, 4096, 4097, 8191, 16384 + 31, 65536, 65537, 200_003]
const one = (t: Tensor): number => numbers(t)[0]!

test.each(LENGTHS)('%i elements', (n) => {
  for (const dtype of ['f32', 'f64'] as const) {
    scope(() => {
      // Whole numbers, so that sums of them are exact in any order.
      const values = Float64Array.from({ length: n }, (_, i) => (i * 7919) % 31)
      const total = values.reduce((a, b) => a + b, 0)
      const x = tensor(values, { dtype })
      expect(one(sum(x))).toBe(total)
      expect(one(mean(x))).toBe(dtype === 'f32' ? Math.fround(total / n) : total / n)
      const rows = [values, values.map((v) => v - 40)]
      const matrix = tensor(Float64Array.from([...rows[0]!, ...rows[1]!]), { shape: [2, n], dtype })
      expect([...numbers(sum(matrix, 1))]).toEqual([total, total - 40 * n])
      expect([...numbers(amax(matrix, 1))]).toEqual([30, -10])
      for (const at of [0, 7, 1023, 1024, Math.floor(n / 4), Math.floor(n / 2) + 5, n - 9, n - 1]) {
        for (const [extreme, value] of [
          [amax, 99],
          [amin, -99],
          [amax, Number.NaN],
          [amin, Number.NaN],
        ] as const) {
          const changed = values.slice()
          changed[at] = value
          expect(one(extreme(tensor(changed, { dtype })))).toBe(value)
        }
      }
    })
  }
})
