// Padding: values, sides, masks, nested samples, and what is refused.
import { describe, expect, it } from 'vitest'
import { DataLoader, disposeBatch, padCollate } from '#lib/data/index.js'

const ints = (...values: number[]) => Int32Array.of(...values)

describe('padCollate', () => {
  it('fills up what differs, on either side, and says what is real', () => {
    const samples = [
      { tokens: ints(1, 2, 3), name: 'a' },
      { tokens: ints(), name: 'b' },
      { tokens: ints(4), name: 'c' },
    ]
    const collate = (side: 'left' | 'right') =>
      padCollate({ tokens: 9 }, { side, multipleOf: 4, mask: 'mask', lengths: 'lengths' })(samples)
    expect(collate('right')).toEqual({
      tokens: { data: ints(1, 2, 3, 9, 9, 9, 9, 9, 4, 9, 9, 9), shape: [3, 4] },
      name: ['a', 'b', 'c'],
      mask: { data: Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0), shape: [3, 4] },
      lengths: { data: ints(3, 0, 1) },
    })
    expect(collate('left')).toMatchObject({
      tokens: { data: ints(9, 1, 2, 3, 9, 9, 9, 9, 9, 9, 9, 4) },
      mask: { data: Uint8Array.of(0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1) },
    })
  })

  it('fills every dimension, of any type, nested', () => {
    const image = (height: number, width: number) => ({
      data: Float64Array.from({ length: height * width }, (_, i) => i + 1),
      shape: [height, width],
    })
    const sample = (h: number, w: number) => ({ in: { image: image(h, w), id: BigInt64Array.of(5n) }, label: h })
    expect(padCollate({ in: { image: -1 } })([sample(1, 3), sample(2, 2)])).toEqual({
      in: {
        image: { data: Float64Array.of(1, 2, 3, -1, -1, -1, 1, 2, -1, 3, 4, -1), shape: [2, 2, 3] },
        id: { data: BigInt64Array.of(5n, 5n), shape: [2, 1] },
      },
      label: { data: Float32Array.of(1, 2), shape: [2] },
    })
    const ids = [BigInt64Array.of(1n), BigInt64Array.of(1n, 2n)]
    expect(padCollate(-100)(ids)).toEqual({ data: BigInt64Array.of(1n, -100n, 1n, 2n), shape: [2, 2] })
    expect(padCollate(Number.NaN)([Float32Array.of(), Float32Array.of(1)])).toEqual({
      data: Float32Array.of(Number.NaN, 1),
      shape: [2, 1],
    })
  })

  it('serves a loader', async () => {
    const dataset = { length: 3, get: (i: number) => ({ x: Float32Array.from({ length: i }, () => i) }) }
    const loader = new DataLoader<any>(dataset, { batchSize: 3, collate: padCollate({ x: 0 }, { lengths: 'n' }) })
    for await (const batch of loader) {
      expect(batch.x.shape).toEqual([3, 2])
      expect(await batch.n.toArray()).toEqual([0, 1, 2])
      disposeBatch(batch)
    }
  })

  it.each<[() => unknown, string]>([
    [() => padCollate(0, { mask: 'm' }), 'they need samples with fields'],
    [() => padCollate(0, { side: 'top' as never }), `side is "top"`],
    [() => padCollate(0, { multipleOf: 0 }), 'multipleOf is 0'],
    [() => padCollate(0)([]), 'no samples'],
    [
      () => padCollate(0)([ints(1), Float32Array.of(1)]),
      'sample is Float32Array with 1 dimensions in sample 1, expected Int32Array with 1',
    ],
    [() => padCollate(0)([{ data: ints(1), shape: [] }]), 'sample is Int32Array with 0 dimensions'],
    [() => padCollate({ toks: 0 })([{ tokens: ints(1) }]), `sample has no field 'toks' to pad; its fields are tokens`],
    [() => padCollate({ x: 0 })([ints(1)]), 'sample has no fields'],
    [() => padCollate({ x: 0 }, { mask: 'x' })([{ x: ints(1) }]), `samples have a field 'x' already`],
  ])('refuses %#', (run, message) => {
    expect(run).toThrow(message)
  })
})
