import { describe, expect, it } from 'vitest'
import { randn, rotaryEmbedding, rotaryTable, scope } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './rotary.spec.js'

testOps(specs)

describe('rotaryEmbedding', () => {
  it('refuses a position outside of its table where the result is read', () => {
    scope(() => {
      const [cosines, sines] = rotaryTable(4, 4)
      const y = rotaryEmbedding(randn([1, 1, 3, 4]), cosines, sines, { offset: 2 })
      expect(() => y.toArraySync()).toThrow(/position 4 of a table of 4/)
    })
  })

  it('makes products of queries and keys depend on their distance alone', () => {
    scope(() => {
      const [cosines, sines] = rotaryTable(40, 6, { dtype: 'f64' })
      const [q, k] = [randn([1, 1, 1, 6], { dtype: 'f64' }), randn([1, 1, 1, 6], { dtype: 'f64' })]
      const at = (offset: number): number =>
        rotaryEmbedding(q, cosines, sines, { offset: offset + 5 })
          .mul(rotaryEmbedding(k, cosines, sines, { offset }))
          .sum()
          .itemSync() as number
      expect(Math.abs(at(0) - at(30))).toBeLessThan(1e-12)
    })
  })
})
