import { expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './pooling.spec.js'

testOps(specs)

// A dilated window can step over the image: PyTorch gives minus infinity, and the place behind the leading padding.
test.each(['cpu', 'reference'])('a window whose taps all lie in the padding, %s', (device) => {
  ops.scope(() => {
    for (const [dtype, lowest] of [
      ['f32', Number.NEGATIVE_INFINITY],
      ['f16', Number.NEGATIVE_INFINITY],
      ['i32', -(2 ** 31)],
      ['u8', 0],
    ] satisfies [DType, number][]) {
      const x = ops.ones([1, 1, 3], { dtype, device })
      const [y, at] = ops.maxPool2dWithIndices(x, [2, 1], { stride: 1, padding: [1, 0], dilation: 2 })
      expect(Array.from(y.dataSync(), Number)).toEqual([lowest, lowest, lowest])
      expect(Array.from(at.dataSync(), Number)).toEqual([3, 4, 5])
    }
  })
})
