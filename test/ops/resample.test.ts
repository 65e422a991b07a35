import { expect, test } from 'vitest'
import { arange, interpolate } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './resample.spec.js'

testOps(specs)

// (5 + 1/2) 26 / 11 is 13, and just below it in single precision, which PyTorch computes positions of f32 in.
test.each(['cpu', 'reference'])('nearest-exact positions have the precision of the elements, %s', (device) => {
  const at = (dtype: 'f32' | 'f64'): number => {
    const x = arange(0, 26, 1, { dtype, device }).reshape([1, 1, 26])
    return interpolate(x, { size: 11, mode: 'nearest-exact' }).dataSync()[5] as number
  }
  expect([at('f32'), at('f64')]).toEqual([12, 13])
})
