import { describe, expect, it } from 'vitest'
import { noGrad, randn, scope, type Tensor, transpose } from '#lib/index.js'
import { type EpilogueOptions, linear, linearInOut } from '#lib/ops/linear.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './linear.spec.js'

testOps(specs)

describe('linearInOut', () => {
  const residual = (): Tensor => randn([2, 5, 4], { dtype: 'f64' })
  it.each<[string, () => EpilogueOptions | undefined]>([
    ['alone', () => undefined],
    ['scaled, activated', () => ({ scale: 0.5, activation: 'relu' })],
    ['with a residual', () => ({ activation: 'geluTanh', residual: residual() })],
  ])('is linear of the transposed weight, %s', (_, options) =>
    scope(() => {
      const x = randn([2, 5, 3], { dtype: 'f64' }).requiresGrad_()
      const w = randn([3, 4], { dtype: 'f64' }).requiresGrad_()
      const b = randn([4], { dtype: 'f64' }).requiresGrad_()
      const given = options()
      const gradient = randn([2, 5, 4], { dtype: 'f64' })
      const results = [linearInOut(x, w, b, given), linear(x, transpose(w), b, given)].map((y) => {
        y.backward({ gradient })
        const all = [y, ...[x, w, b].map((t) => t.grad as Tensor)].map((t) => [...(t.dataSync() as Float64Array)])
        for (const t of [x, w, b]) t.grad = null
        return all.flat()
      })
      const [a, c] = results as [number[], number[]]
      // At most ten numbers of some units are added.
      for (const [i, v] of a.entries()) expect(Math.abs(v - (c[i] as number))).toBeLessThan(100 * 2 ** -52)
      noGrad(() => expect(linearInOut(x, w).shape).toEqual([2, 5, 4]))
    }),
  )

  it('says which way the weight lies', () => {
    expect(() => linearInOut(randn([2, 4]), randn([3, 4]))).toThrow(
      /linearInOut: input \(2, 4\) does not end in the weight's 3/,
    )
    expect(() => linearInOut(randn([2, 4]), randn([4]))).toThrow(/not \(in, out\)/)
  })
})
