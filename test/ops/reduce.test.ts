import { expect, test } from 'vitest'
import { DTypeError, totalNorm, zeros } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './reduce.spec.js'

testOps(specs)

test('totalNorm takes floating-point tensors', () => {
  expect(() => totalNorm([zeros([2]), zeros([2], { dtype: 'i8' })])).toThrow(DTypeError)
})
