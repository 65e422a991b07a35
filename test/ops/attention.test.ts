import { describe, expect, it } from 'vitest'
import { randn, scope, tensor, varlenAttention } from '#lib/index.js'
import { attentionGradients } from '../helpers/attention-gradients.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './attention.spec.js'

testOps(specs)

describe('against f64', () => attentionGradients())

describe('varlenAttention', () => {
  it.each([[[0, 9]], [[3, 1]], [[-1, 2]]])('refuses starts %j of five rows where the result is read', (starts) => {
    scope(() => {
      const q = randn([5, 2, 4])
      const y = varlenAttention(q, q, q, tensor(starts, { dtype: 'i32' }))
      expect(() => y.toArraySync()).toThrow(/sequence 0 takes queries .* starts must not decrease/)
    })
  })
})
