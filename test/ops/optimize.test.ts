import { expect, test } from 'vitest'
import { adamStep, DTypeError, ShapeError, scope, sgdStep, zeros } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './optimize.spec.js'

testOps(specs)

test('a group of tensors of several shapes or dtypes is refused before anything is written', () => {
  const sgd = { lr: 1, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, firstStep: true, maximize: false }
  const adam = { lr: 1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, step: 1, decoupled: true }
  scope(() => {
    const [x, long, half] = [zeros([3]), zeros([4]), zeros([3], { dtype: 'f16' })]
    expect(() => sgdStep([[x, long, null]], sgd)).toThrow(ShapeError)
    expect(() => sgdStep([[x, x, half]], sgd)).toThrow(DTypeError)
    expect(() => sgdStep([[half, half, null]], sgd)).toThrow(DTypeError)
    expect(() => adamStep([[x, x, x, long]], adam)).toThrow(ShapeError)
    expect(() => adamStep([[x, x.to('bool'), x, x]], adam)).toThrow(DTypeError)
  })
})
