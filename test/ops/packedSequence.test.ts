import { expect, it } from 'vitest'
import {
  PackedSequence,
  packPaddedSequence,
  padPackedSequence,
  ShapeError,
  scope,
  tensor,
  ValueError,
} from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './packedSequence.spec.js'

testOps(specs)

it('packs as PyTorch does, and remembers the order', () =>
  scope(() => {
    // Sequences 1, 2 and 11, 12, 13 and 21, padded by 0.
    const x = tensor([1, 2, 0, 11, 12, 13, 21, 0, 0], { shape: [3, 3] })
    const packed = packPaddedSequence(x, [2, 3, 1], { batchFirst: true, enforceSorted: false })
    expect(Array.from(numbers(packed.data))).toEqual([11, 1, 21, 12, 2, 13])
    expect(packed.batchSizes).toEqual([3, 2, 1])
    expect(packed.sortedIndices).toEqual([1, 0, 2])
    expect(packed.unsortedIndices).toEqual([1, 0, 2])
    expect(packed.lengths).toEqual([2, 3, 1])
    const [back, lengths] = padPackedSequence(packed, { batchFirst: true })
    expect(Array.from(numbers(back))).toEqual(Array.from(numbers(x)))
    expect(lengths).toEqual([2, 3, 1])
  }))

it('is kept by a scope that returns it', () => {
  const packed = scope(() => packPaddedSequence(tensor([1, 2, 3, 4], { shape: [2, 2] }), [2, 1]))
  expect(Array.from(numbers(packed.data))).toEqual([1, 2, 3])
  packed.data.dispose()
})

it('refuses sizes that are no batch of sequences', () =>
  scope(() => {
    const data = tensor([1, 2, 3])
    expect(() => new PackedSequence(data, [1, 2])).toThrow(ValueError)
    expect(() => new PackedSequence(data, [])).toThrow(ValueError)
    expect(() => new PackedSequence(data, [2, 2])).toThrow(ShapeError)
    expect(() => new PackedSequence(data, [2, 1], [0, 0])).toThrow(ValueError)
  }))
