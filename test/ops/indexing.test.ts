import { expect, test } from 'vitest'
import { indexAdd, indexPut, ones, scope, tensor, zeros } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './indexing.spec.js'

testOps(specs)

test.each(['cpu', 'reference'])('sums of bools are disjunctions, %s', (device) => {
  scope(() => {
    const [x, one] = [zeros([3], { dtype: 'bool', device }), ones([2], { dtype: 'bool', device })]
    const at = tensor([1, 1], { dtype: 'i64', device })
    for (const y of [indexAdd(x, 0, at, one), indexPut(x, [at], one, { accumulate: true })])
      expect([...y.dataSync()]).toEqual([0, 1, 0])
  })
})
