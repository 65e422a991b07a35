import { expect, test } from 'vitest'
import { clampEach_, clipToNorm_, DTypeError, totalNorm, ValueError, zeros } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './gradientNorm.spec.js'

testOps(specs)

test('they take floating-point tensors', () => {
  const whole = zeros([2], { dtype: 'i8' })
  expect(() => totalNorm([zeros([2]), whole])).toThrow(DTypeError)
  expect(() => clipToNorm_([whole], zeros([]), 1)).toThrow(DTypeError)
  expect(() => clampEach_([whole], 0, 1)).toThrow(DTypeError)
})

test('arguments that make no sense are refused', () => {
  expect(() => totalNorm([])).toThrow(ValueError)
  expect(() => totalNorm([zeros([2])], { normType: Number.NaN })).toThrow(/normType is NaN/)
  expect(() => clipToNorm_([zeros([2])], zeros([2]), 1)).toThrow(/a norm of 2 elements/)
  expect(() => clampEach_([zeros([2])], 1, 0)).toThrow(/from 1 to 0 is no range/)
})
