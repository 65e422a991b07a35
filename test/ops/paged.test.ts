import { describe, expect, it } from 'vitest'
import {
  noGrad,
  pagedAttention,
  pagedWrite,
  randn,
  scaledDotProductAttention,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './paged.spec.js'

testOps(specs)

const i32 = (values: readonly number[], shape: readonly number[]): Tensor =>
  tensor(Int32Array.from(values), { shape: [...shape] })

describe('pagedAttention', () => {
  it.each([1, 4, 9])('gives the bits of scaledDotProductAttention for %i queries', (t) => {
    scope(() => {
      // One sequence of 300 keys in one block and in blocks of 7: the same sums in the same order.
      const [q, k, v] = [randn([1, 4, t, 24]), randn([1, 2, 300, 24]), randn([1, 2, 300, 24])]
      const y = scaledDotProductAttention(q, k, v, { causal: true, enableGqa: true }).toArraySync()
      for (const size of [300, 7]) {
        const blocks = Math.ceil(300 / size)
        const [keys, values] = [zeros([blocks, 2, size, 24]), zeros([blocks, 2, size, 24])]
        const order = Array.from({ length: blocks }, (_, i) => blocks - 1 - i)
        const slots = Array.from({ length: 300 }, (_, j) => (order[Math.floor(j / size)] as number) * size + (j % size))
        pagedWrite(keys, values, k, v, i32(slots, [1, 300]))
        expect(pagedAttention(q, keys, values, i32(order, [1, blocks]), i32([300], [1])).toArraySync()).toEqual(y)
      }
    })
  })

  it('does not read what lies behind a length', () => {
    scope(() => {
      const pool = tensor(new Float32Array(2 * 4 * 3).fill(Number.NaN), { shape: [2, 1, 4, 3] })
      const k = randn([1, 1, 2, 3])
      pagedWrite(pool, pool, k, k, i32([4, 5], [1, 2]))
      for (const t of [1, 6]) {
        const y = pagedAttention(randn([1, 1, t, 3]), pool, pool, i32([1, -7], [1, 2]), i32([2], [1]))
        expect(y.isfinite().all().itemSync()).toBe(1)
      }
    })
  })

  it.each([
    [[2], [1], /sequence 0 has block 2 at 0, expected 0 to 1/],
    [[-1], [1], /sequence 0 has block -1 at 0/],
    [[0], [5], /sequence 0 has length 5, expected 0 to 4 \(1 blocks of 4\)/],
    [[0], [-1], /length -1/],
  ])('refuses table %j and lengths %j where the result is read', (table, lengths, message) => {
    scope(() => {
      const pool = zeros([2, 1, 4, 3])
      for (const t of [1, 5]) {
        const y = pagedAttention(zeros([1, 1, t, 3]), pool, pool, i32(table, [1, 1]), i32(lengths, [1]))
        expect(() => y.toArraySync()).toThrow(message)
      }
    })
  })

  it('refuses to record gradients', () => {
    scope(() => {
      const [pool, q] = [zeros([2, 1, 4, 3]), randn([1, 1, 1, 3]).requiresGrad_()]
      const call = (): Tensor => pagedAttention(q, pool, pool, i32([0], [1, 1]), i32([1], [1]))
      expect(call).toThrow(/pagedAttention: has no gradient; call it under noGrad\(\)/)
      expect(noGrad(call).shape).toEqual([1, 1, 1, 3])
      expect(() => pagedWrite(pool, pool, q, q, i32([0], [1, 1]))).toThrow(/pagedWrite: has no gradient/)
    })
  })
})

describe('pagedWrite', () => {
  it.each([[[8]], [[-2]]])('refuses slots %j of eight places where the pools are read', (slots) => {
    scope(() => {
      const [keys, values, k] = [zeros([2, 1, 4, 3]), zeros([2, 1, 4, 3]), randn([1, 1, 1, 3])]
      pagedWrite(keys, values, k, k, i32(slots, [1, 1]))
      for (const pool of [keys, values])
        expect(() => pool.toArraySync()).toThrow(/slot -?\d of a cache of 8, expected -1 to 7/)
    })
  })
})
