import { expect, test } from 'vitest'
import { centralizeEach_, DTypeError, lerpEach_, ShapeError, tensor, ValueError, zeros } from '#lib/index.js'
import { device } from '../opspec/plan.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './eachTensor.spec.js'

testOps(specs)

test('an average in f32 takes values in 16 bits, without rounding itself', async () => {
  const average = tensor(Float32Array.of(1 + 2 ** -20, 1))
  lerpEach_([average], [tensor(Float32Array.of(3, 1)).to('bf16')], 0.25)
  expect(await average.data()).toEqual(Float32Array.of(1.5 + 0.75 * 2 ** -20, 1))
})

test('the whole of a value is the value, whatever the average was', async () => {
  const old = Float32Array.of(3e38, -1e8, Number.POSITIVE_INFINITY, Number.NaN, 1)
  const value = Float32Array.of(-3e38, 0.1, 2, 3, 1 / 3)
  const average = tensor(old, { device })
  lerpEach_([average], [tensor(value, { device })], 1)
  expect(await average.data()).toEqual(value)
})

test('a NaN stays in its row', async () => {
  const g = tensor([
    [Number.NaN, 1],
    [3, 5],
  ])
  centralizeEach_([g])
  expect(await g.data()).toEqual(Float32Array.of(Number.NaN, Number.NaN, -1, 1))
})

test('tensors that do not go together are refused before anything is written', async () => {
  const [x, y] = [zeros([2]), tensor([1, 2])]
  expect(() => lerpEach_([x, x], [y], 0.5)).toThrow(ValueError)
  expect(() => lerpEach_([x, x], [y, zeros([3])], 0.5)).toThrow(ShapeError)
  expect(() => lerpEach_([x, x], [y, zeros([2], { dtype: 'f64' })], 0.5)).toThrow(DTypeError)
  expect(() => centralizeEach_([zeros([2, 2]), x])).toThrow(/a tensor of rank 1; rows need at least two dimensions/)
  expect(() => centralizeEach_([zeros([2, 2], { dtype: 'i32' })])).toThrow(DTypeError)
  expect(await x.toArray()).toEqual([0, 0])
})
