/** Products of few rows or columns with a large matrix (native/cpu/gemm/skinny.cpp), against sums in float64. */
import { describe, expect, test } from 'vitest'
import { engine, linear, randn, scope, type Tensor } from '#lib/index.js'
import { numbers, ROUNDOFF } from '../helpers/compare.js'

type Float = keyof typeof ROUNDOFF

/** m, n, k: around blocks of columns, pieces of k and vectors; long rows, rows shorter than what is asked for ahead, few columns. */
const SHAPES = [
  [1, 5003, 129],
  [1, 70, 1027],
  [1, 515, 515],
  [2, 2049, 64],
  [3, 300, 1030],
  [7, 1031, 200],
  [8, 513, 72],
  [900, 1, 131],
  [1025, 6, 77],
] as const

describe.each(SHAPES)('%i x %i x %i', (m, n, k) => {
  const operands = (dtype: Float): readonly [Tensor, Tensor, Tensor] => [
    randn([m, k]).to(dtype) as Tensor,
    randn([k, n]).to(dtype) as Tensor,
    randn([n]).to(dtype) as Tensor,
  ]

  /** The sums and those of magnitudes. */
  function exactly(x: Tensor, weight: Tensor, bias: Tensor): readonly [Float64Array, Float64Array] {
    const [a, b, c] = [numbers(x), numbers(weight), numbers(bias)]
    const [sums, sizes] = [new Float64Array(m * n), new Float64Array(m * n)]
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let [sum, size] = [c[j] as number, Math.abs(c[j] as number)]
        for (let p = 0; p < k; p++) {
          const term = (a[i * k + p] as number) * (b[p * n + j] as number)
          sum += term
          size += Math.abs(term)
        }
        sums[i * n + j] = sum
        sizes[i * n + j] = size
      }
    return [sums, sizes]
  }

  test.each(Object.keys(ROUNDOFF) as Float[])('%s: rows, columns and views of a weight', (dtype) => {
    scope(() => {
      const [x, weight, bias] = operands(dtype)
      const [exact, sizes] = exactly(x, weight, bias)
      // A column's elements are apart here; rows of a part lie apart from each other.
      const columns = weight.t().contiguous().t()
      const part = (randn([k, n + 5]).to(dtype) as Tensor).narrow(1, 3, n)
      part.copy_(weight)
      const summing = dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32
      const rounding = dtype === 'bf16' || dtype === 'f16' ? ROUNDOFF[dtype] : 0
      for (const w of [weight, columns, part]) {
        const y = numbers(linear(x, w.t(), bias))
        const worst = y.reduce((most, v, i) => {
          const error = Math.abs(v - (exact[i] as number)) / ((sizes[i] as number) * ((k + 2) * summing + rounding))
          return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(most, error)
        }, 0)
        expect(worst).toBeLessThanOrEqual(1)
      }
    })
  })

  test.each(['f32', 'bf16'] as const)('%s: results do not depend on the number of threads', (dtype) => {
    const before = engine.threads
    try {
      scope(() => {
        const [x, weight, bias] = operands(dtype)
        const [first, other] = [1, 2].map((threads) => {
          engine.setThreads(threads)
          return numbers(linear(x, weight.t(), bias, { activation: 'relu' }))
        })
        expect(other).toEqual(first)
      })
    } finally {
      engine.setThreads(before)
    }
  })
})
