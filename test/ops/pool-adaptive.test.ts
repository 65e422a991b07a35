import { expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './pool-adaptive.spec.js'

testOps(specs)

// The kernels read the first element of every window.
test('images without elements are refused, batches without images are not', () => {
  expect(() => ops.adaptiveMaxPool1d(ops.zeros([2, 3, 0]), 2)).toThrow(
    'adaptiveMaxPool1d: nothing to pool in (2, 3, 0)',
  )
  expect(() => ops.adaptiveMaxPool2dWithIndices(ops.zeros([2, 3, 4, 0]), 2)).toThrow(ops.ShapeError)
  expect(() => ops.adaptiveMaxPool3d(ops.zeros([3, 0, 4, 2]), 2)).toThrow(ops.ShapeError)
  expect(() => ops.adaptiveAvgPool2d(ops.zeros([3, 0, 4]), 2)).toThrow(ops.ShapeError)
  expect(ops.adaptiveMaxPool1d(ops.zeros([0, 3, 4]), 2).shape).toEqual([0, 3, 2])
})
