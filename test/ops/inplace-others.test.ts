import { expect, test } from 'vitest'
import { noGrad, ones, type Tensor, tensor, zeros } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './inplace-others.spec.js'

testOps(specs)

test('the graph goes through a write: what is masked has no gradient', () => {
  const x = tensor([1, 2, 3, 4]).requiresGrad_() as Tensor
  const y = x.mul(2)
  y.maskedFill_(y.gt(5), 0)
  y.mul(y).sum().backward()
  expect(x.grad?.toArraySync()).toEqual([8, 16, 0, 0])
})

test('leaves that require gradients, and other shapes, are refused', () => {
  const leaf = ones([2, 2]).requiresGrad_() as Tensor
  expect(() => leaf.tril_()).toThrow(/tril_: a leaf that requires gradients cannot be written in place/)
  expect(() => (ones([2]) as Tensor).maskedFill_(ones([3, 2]).gt(0) as Tensor, 1)).toThrow(
    /maskedFill_: the result \(3, 2\) does not fit into \(2\)/,
  )
})

test('detach_ takes a tensor out of its graph, and leaves it alone otherwise', () => {
  const x = ones([2]).requiresGrad_() as Tensor
  const y = x.mul(3)
  const z = y.mul(2)
  expect(y.detach_()).toBe(y)
  expect([y.requiresGrad, y.isLeaf, y.toArraySync()]).toEqual([false, true, [3, 3]])
  z.sum().backward()
  expect(x.grad?.toArraySync()).toEqual([6, 6])
  expect(() => x.mul(1).select(0, 0).detach_()).toThrow(/detach_: a view that requires gradients/)
  noGrad(() => expect((zeros([1]) as Tensor).detach_().requiresGrad).toBe(false))
})
