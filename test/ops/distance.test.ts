import { expect, test } from 'vitest'
import { cdist, scope, tensor } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './distance.spec.js'

testOps(specs)

test.each(['cpu', 'reference'])('cdist with p 0 counts what differs: equal infinities do not, %s', (device) => {
  scope(() => {
    const [a, b] = [[[Number.POSITIVE_INFINITY, 1, Number.NaN]], [[Number.POSITIVE_INFINITY, 2, Number.NaN]]]
    expect(cdist(tensor(a, { device }), tensor(b, { device }), { p: 0 }).toArraySync()).toEqual([[2]])
  })
})
