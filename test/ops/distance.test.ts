import { expect, test } from 'vitest'
import { cdist, scope, tensor } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './distance.spec.js'

testOps(specs)

test.each(['cpu', 'reference'])('cdist with p 0 counts what differs: equal infinities do not, %s', (device) => {
  scope(() => {
    const [a, b] = [[[Number.POSITIVE_INFINITY, 1, Number.NaN]], [[Number.POSITIVE_INFINITY, 2, Number.NaN]]]
    expect(cdist(tensor(a, { device }), tensor(b, { device }), { p: 0 }).toArraySync()).toEqual([[2]])
  })
})

test.each([0, 0.5, 1, 2, 3, Number.POSITIVE_INFINITY])(
  'cdist with p %d: a NaN stays in its row, wherever it stands',
  (p) => {
    scope(() => {
      const [m, n, d] = [5, 40, 11]
      const [row, k] = [3, 6]
      const a = Array.from({ length: m }, (_, i) =>
        Array.from({ length: d }, (_, j) => (i === row && j === k ? Number.NaN : i + j)),
      )
      const b = Array.from({ length: n }, (_, i) => Array.from({ length: d }, (_, j) => i * j))
      const y = cdist(tensor(a), tensor(b), { p }).toArraySync() as number[][]
      const expected = (i: number): boolean => i === row && p !== 0
      expect(y.map((line) => line.every(Number.isNaN))).toEqual(y.map((_, i) => expected(i)))
      expect(y.map((line) => line.some(Number.isNaN))).toEqual(y.map((_, i) => expected(i)))
    })
  },
)
