import { expect, test } from 'vitest'
import { bincountSync, DTypeError, histogram, histogramdd, scope, zeros } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './search.spec.js'

testOps(specs)

test('weights of dtypes that do not fit are refused', () => {
  scope(() => {
    const complex = zeros([3], { dtype: 'c128' })
    expect(() => histogram(zeros([3]), 2, { weight: complex })).toThrow(DTypeError)
    expect(() => histogramdd(zeros([3, 1]), 2, { weight: zeros([3], { dtype: 'f64' }) })).toThrow(DTypeError)
    expect(() => bincountSync(zeros([3], { dtype: 'i64' }), { weights: complex })).toThrow(DTypeError)
  })
})
