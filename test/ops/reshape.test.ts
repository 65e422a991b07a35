/** reshape of elements that do not follow one another: a view where strides allow, as torch.reshape gives. */
import { expect, test } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'

const counted = (...shape: number[]): Tensor => ops.arange(shape.reduce((a, b) => a * b, 1)).reshape(shape)
const values = (x: Tensor): number[] => Array.from(x.to('f64').dataSync() as Float64Array)

const CASES: Record<string, readonly [x: () => Tensor, shape: readonly number[], strides: readonly number[] | null]> = {
  'the same shape': [() => counted(2, 3, 4).permute([2, 0, 1]), [4, 2, 3], [1, 12, 4]],
  'rows of a part of the columns': [() => counted(2, 3, 8).slice(2, 2, 6), [6, 4], [8, 1]],
  'a dimension cut up': [() => counted(6, 4).transpose(), [2, 2, 3, 2], [2, 1, 8, 4]],
  'channels last, planes joined': [() => counted(2, 3, 4, 5).permute([0, 3, 1, 2]), [2, 5, 12], [60, 1, 5]],
  'ones anywhere': [() => counted(3, 4).transpose(), [1, 4, 1, 3, 1], [1, 1, 1, 4, 1]],
  'every second': [() => counted(12).slice(0, 0, 12, 2), [2, 3], [6, 2]],
  'a repeated dimension cut up': [() => counted(3, 1).expand([3, 4]), [3, 2, 2], [1, 0, 0]],
  'columns before rows': [() => counted(3, 4).transpose(), [12], null],
  'channels last, made flat': [() => counted(2, 3, 4, 5).permute([0, 3, 1, 2]), [2, 60], null],
  'a repeated dimension joined': [() => counted(3, 1).expand([3, 4]), [12], null],
}

test.each(Object.entries(CASES))('%s', (_, [make, shape, strides]) => {
  ops.scope(() => {
    const x = make()
    const y = x.reshape([...shape])
    const found = y.shape.map((size, i) => (size === 1 ? 1 : y.strides[i]))
    expect(y.shape).toEqual(shape)
    if (strides) expect(found).toEqual(strides)
    else expect(y.isContiguous).toBe(true)
    expect(values(y)).toEqual(values(x))
    // What is a view is written with the tensor.
    if (strides?.every((step) => step > 0)) {
      y.mul_(2)
      expect(values(x)).toEqual(values(y))
    }
  })
})

test('gradients', () => {
  ops.scope(() => {
    const x = counted(2, 3, 8).to('f64').requiresGrad_()
    const weights = counted(6, 4).to('f64')
    x.slice(2, 2, 6).reshape([6, 4]).mul(weights).sum().backward()
    const expected = ops.zeros([2, 3, 8], { dtype: 'f64' })
    expected.slice(2, 2, 6).copy_(weights.reshape([2, 3, 4]))
    expect(values(x.grad as Tensor)).toEqual(values(expected))
  })
})
