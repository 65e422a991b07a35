/** Products beyond the OpSpecs: int8 values, mixed dtypes, non-finite numbers, training, kept forms, kernels, vmap. */
import { describe, expect, test } from 'vitest'
import { gradcheck, linear, noGrad, randn, scope, type Tensor, tensor, vmap } from '#lib/index.js'
import { AdamW } from '#lib/optim/index.js'
import { SPARSE_FORMATS, type SparseFormat, SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { numbers } from '../helpers/compare.js'

const sparse = { kernel: 'sparse' } as const
const make = (format: SparseFormat, x: Tensor, dtype?: 'f32' | 'bf16' | 'i8'): SparseMatrix =>
  SparseMatrix.fromSync(x, {
    ...(format === '2:4' ? { format } : { format, density: 0.3 }),
    ...(dtype ? { dtype } : {}),
  })

/** max |y - x op(S)^T| by float64, relative to the largest element. */
function worst(y: Tensor, x: Tensor, s: SparseMatrix): number {
  const truth = numbers(linear(x.to('f64') as Tensor, s.toDense().to('f64') as Tensor))
  const found = numbers(y)
  const norm = truth.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-30)
  return found.reduce((m, v, i) => Math.max(m, Math.abs(v - (truth[i] as number))), 0) / norm
}

describe('int8 and mixed dtypes', () => {
  // One column goes by the pattern itself, four of 2:4 too, more by a plan; 300 rows and columns are several tiles.
  for (const format of SPARSE_FORMATS)
    test(format, () => {
      for (const n of [1, 4, 5, 70])
        for (const transposed of [false, true])
          for (const [dense, values, eps] of [
            ['f32', 'i8', 1e-5],
            ['f64', 'i8', 1e-7],
            ['bf16', 'i8', 2 ** -8],
            ['f32', 'bf16', 1e-5],
            ['bf16', 'f32', 1e-5],
            ['f64', 'f32', 1e-13],
          ] as const) {
            scope(() => {
              const stored = make(format, randn([301, 150]) as Tensor, values)
              const s = transposed ? stored.T : stored
              const x = randn([n, s.cols], { dtype: dense })
              const y = sparseLinear(x, s, null, sparse)
              expect(y.dtype).toBe(values === 'f32' && dense === 'bf16' ? 'f32' : dense)
              expect(worst(y, x, s)).toBeLessThan(eps)
            })
          }
    })

  test('gradients of the dense operand go through int8 values', () => {
    scope(() => {
      for (const format of SPARSE_FORMATS) {
        const s = make(format, randn([9, 13]) as Tensor, 'i8')
        const x = randn([3, 13]).requiresGrad_()
        sparseLinear(x as Tensor, s, null, sparse)
          .sum()
          .backward()
        const expected = numbers(s.toDense().sum(0) as Tensor)
        const found = numbers(x.grad as Tensor)
        found.forEach((v, i) => {
          expect(v).toBeCloseTo(expected[i % 13] as number, 4)
        })
      }
    })
  })
})

describe('numbers that are not finite', () => {
  test('in the dense operand they reach the rows that have an element there, and no others', () => {
    for (const format of SPARSE_FORMATS)
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
        for (const n of [1, 3, 9, 40])
          for (const transposed of [false, true])
            scope(() => {
              const stored = make(format, randn([45, 39]) as Tensor)
              const s = transposed ? stored.T : stored
              for (const k of [0, 17, s.cols - 1]) {
                const x = numbers(randn([s.cols, n]) as Tensor)
                for (let j = 0; j < n; j++) x[k * n + j] = bad
                const y = numbers(sparseMatmul(s, tensor(x, { shape: [s.cols, n], dtype: 'f32' }) as Tensor, sparse))
                const kept = numbers(s.withValues(s.values.mul(0).add(1) as Tensor).toDense())
                for (let r = 0; r < s.rows; r++)
                  for (let j = 0; j < n; j++) expect(Number.isFinite(y[r * n + j])).toBe(kept[r * s.cols + k] === 0)
              }
            })
  })

  test('a kept zero is an element: times infinity it is NaN', () => {
    scope(() => {
      const x = tensor([[0, 1]]) as Tensor
      const s = SparseMatrix.fromSync(x, { mask: tensor([[1, 0]]) as Tensor })
      const y = sparseMatmul(s, tensor([[Number.POSITIVE_INFINITY], [Number.NaN]]) as Tensor, sparse)
      expect(y.itemSync()).toBeNaN()
    })
  })
})

describe('training', () => {
  test('an optimizer changes values, and the pattern stays', () => {
    for (const format of SPARSE_FORMATS)
      scope(() => {
        const s = make(format, randn([10, 18]) as Tensor)
        s.values.requiresGrad_()
        const places = numbers(s.toDense()).map((v) => (v === 0 ? 0 : 1))
        const optimizer = new AdamW([s.values], { lr: 0.1, weightDecay: 0 })
        const [x, target] = [randn([32, 18]) as Tensor, randn([32, 10]) as Tensor]
        const loss = (): Tensor => sparseLinear(x, s, null, sparse).sub(target).square().mean() as Tensor
        const first = noGrad(loss).itemSync()
        for (let i = 0; i < 10; i++) {
          optimizer.zeroGrad()
          loss().backward()
          optimizer.step()
        }
        expect(noGrad(loss).itemSync()).toBeLessThan(first)
        expect(numbers(s.toDense()).map((v) => (v === 0 ? 0 : 1))).toEqual(places)
      })
  })

  test('values that change are packed anew', () => {
    for (const format of SPARSE_FORMATS)
      scope(() => {
        const s = make(format, randn([20, 20]) as Tensor)
        const x = randn([20, 20]) as Tensor
        for (const kernel of ['sparse', 'dense'] as const) {
          // What is asked for a second time is kept from then on.
          for (let i = 0; i < 2; i++) sparseMatmul(s, x, { kernel })
          const before = numbers(sparseMatmul(s, x, { kernel }))
          s.values.mul_(2)
          const after = numbers(sparseMatmul(s, x, { kernel }))
          expect(after).toEqual(before.map((v) => 2 * v))
        }
        s.dispose()
      })
  })

  test('gradcheck of both operands, the dense kernel and toDense', () => {
    scope(() => {
      for (const format of SPARSE_FORMATS) {
        const s = SparseMatrix.fromSync(randn([5, 7], { dtype: 'f64' }) as Tensor, { format })
        const values = s.values.detach().requiresGrad_() as Tensor
        const x = randn([7, 3], { dtype: 'f64' }).requiresGrad_() as Tensor
        for (const kernel of ['sparse', 'dense'] as const)
          gradcheck((v: Tensor, d: Tensor) => sparseMatmul(s.withValues(v), d, { kernel }), [values, x])
        gradcheck((v: Tensor) => s.withValues(v).T.toDense(), [values])
        s.dispose()
      }
    })
  })
})

test('the dense kernel gives the same', () => {
  for (const format of SPARSE_FORMATS)
    scope(() => {
      const s = make(format, randn([33, 21]) as Tensor)
      const [x, bias] = [randn([6, 21]) as Tensor, randn([33]) as Tensor]
      for (const activation of ['none', 'relu', 'gelu', 'geluTanh', 'silu'] as const) {
        const [a, b] = (['sparse', 'dense'] as const).map((kernel) =>
          numbers(sparseLinear(x, s, bias, { kernel, activation })),
        ) as [Float64Array, Float64Array]
        a.forEach((v, i) => {
          expect(v).toBeCloseTo(b[i] as number, 4)
        })
      }
    })
})

test('vmap over the dense operand and over the values', () => {
  scope(() => {
    const s = make('csr', randn([6, 9]) as Tensor)
    const xs = randn([3, 9, 4]) as Tensor
    const values = randn([3, ...s.values.shape]) as Tensor
    const y = numbers(vmap((x: Tensor, v: Tensor) => sparseMatmul(s.withValues(v), x, sparse))(xs, values) as Tensor)
    const each = [0, 1, 2].flatMap((i) =>
      Array.from(numbers(sparseMatmul(s.withValues(values.select(0, i) as Tensor), xs.select(0, i) as Tensor, sparse))),
    )
    expect(Array.from(y)).toEqual(each)
  })
})

test('an unknown kernel or activation is refused', () => {
  scope(() => {
    const s = make('csr', randn([4, 4]) as Tensor)
    const x = randn([2, 4]) as Tensor
    expect(() => sparseLinear(x, s, null, { kernel: 'fast' as 'auto' })).toThrow("kernel 'fast' is not one of auto,")
    expect(() => sparseLinear(x, s, null, { activation: 'tanh' as 'relu' })).toThrow(
      "activation 'tanh' is not one of none, relu",
    )
  })
})
