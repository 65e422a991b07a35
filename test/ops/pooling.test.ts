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

// Maxima alone may keep another of equal elements than maxima with indices, which take the image's order; only the sign of a zero
// can tell, so there are no negative ones here.
test.each(['f32', 'f64', 'bf16', 'f16'] satisfies DType[])(
  'maxima with and without indices are the same, %s',
  (dtype) => {
    ops.scope(() => {
      for (const width of [1, 2, 3, 5, 8, 9, 16, 17, 33, 70])
        for (const [size, stride] of [
          [1, 1],
          [2, 2],
          [3, 1],
          [3, 2],
          [3, 3],
          [5, 4],
        ] as const) {
          const x = ops.randn([2, 3, 7, width])
          const special = ops
            .round(x.mul(2))
            .add(0)
            .maskedFill(x.gt(1.5), Number.POSITIVE_INFINITY)
            .maskedFill(x.gt(1.8), Number.NaN)
            .maskedFill(x.lt(-1), Number.NEGATIVE_INFINITY)
            .to(dtype)
          for (const padding of [0, size >> 1]) {
            if (width + 2 * padding < size) continue
            const options = { stride, padding, ceilMode: width % 2 === 0 }
            const [y] = ops.maxPool2dWithIndices(special, size, options)
            const alone = ops.maxPool2d(special, size, options)
            expect(Array.from(alone.dataSync(), Number)).toEqual(Array.from(y.dataSync(), Number))
          }
        }
    })
  },
)

// A gradient of 16 MB and more is written past the caches.
test('the gradient of large images is that of their parts', () => {
  ops.scope(() => {
    const x = ops.randn([2, 300, 84, 85])
    const gradients = [x, ...x.split(1)].map((part) => {
      const leaf = part.clone().requiresGrad_()
      ops.maxPool2d(leaf, 3, { stride: 2, padding: 1 }).sum().backward()
      return leaf.grad as ops.Tensor
    })
    const [whole, ...parts] = gradients as [ops.Tensor, ...ops.Tensor[]]
    expect(whole.numel * 4).toBeGreaterThanOrEqual(2 ** 24)
    expect(ops.equalSync(whole, ops.concat(parts))).toBe(true)
    expect(whole.sum().itemSync()).toBe(2 * 300 * 42 * 43)
  })
})

test('averages of one window, whatever its stride', () => {
  ops.scope(() => {
    const of = (device: string, stride: number): Float32Array[] => {
      const x = ops
        .arange(0, 2 * 3 * 9 * 11)
        .reshape([2, 3, 9, 11])
        .to('f32')
        .to(device)
        .requiresGrad_()
      const y = ops.avgPool2d(x, 4, { stride, padding: 1 })
      y.square().sum().backward()
      return [y.dataSync() as Float32Array, (x.grad as ops.Tensor).dataSync() as Float32Array]
    }
    const expected = of('reference', 16)
    for (const stride of [16, 2 ** 31, 2 ** 40]) expect(of('cpu', stride)).toEqual(expected)
  })
})
