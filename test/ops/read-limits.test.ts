/** Reading more than JavaScript holds is refused, with what was asked and what to do; printing reads nothing. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { type Tensor, tensor, ValueError, zeros } from '#lib/index.js'

const huge = (dtype: 'f32' | 'bf16' | 'i64' | 'c64' = 'f32'): Tensor =>
  tensor([1], { dtype: 'f32' })
    .to(dtype)
    .expand([2 ** 25, 2 ** 25]) as Tensor
const message = (op: string, bytes: number, dtype = 'f32'): string =>
  `${op}: (33554432, 33554432) ${dtype} are ${2 ** 50} elements, ${bytes} bytes, which no typed array of this process holds; ` +
  'read a part of it (narrow, slice), or a reduction'

test('typed arrays', async () => {
  const x = huge()
  const error = (op: string, bytes = 2 ** 52) =>
    expect.objectContaining({ code: 'SINTER_VALUE', message: message(op, bytes) })
  expect(() => x.dataSync()).toThrow(error('dataSync'))
  expect(() => x.rawDataSync()).toThrow(error('rawDataSync'))
  await expect(x.data()).rejects.toEqual(error('data'))
  await expect(x.rawData()).rejects.toEqual(error('rawData'))
  await expect(huge('c64').data()).rejects.toThrow(message('data', 2 ** 53, 'c64'))
  await expect(huge('bf16').rawData()).rejects.toThrow(message('rawData', 2 ** 51, 'bf16'))
  await expect(huge('i64').data()).rejects.toThrow(ValueError)
  // The part that the message speaks of.
  expect(
    x
      .narrow(0, 5, 1)
      .narrow(1, 2 ** 24, 3)
      .toArraySync(),
  ).toEqual([[1, 1, 1]])
})

test('nested arrays and items', async () => {
  const x = huge()
  const nested =
    /toArray: \(33554432, 33554432\) f32 would be \d+ numbers and arrays, more than 2\^27; take data\(\), or toArray\(\) of a part/
  await expect(x.toArray()).rejects.toThrow(nested)
  expect(() => x.toArraySync()).toThrow(nested)
  await expect(x.item()).rejects.toThrow(/item: the tensor has 1125899906842624 elements/)
  // No elements, but as many arrays.
  expect(() => zeros([2 ** 40, 0]).toArraySync()).toThrow(/toArray: \(1099511627776, 0\) f32 would be/)
  expect(zeros([2, 0]).toArraySync()).toEqual([[], []])
})

test('printing', () => {
  const x = huge()
  for (const text of [inspect(x), `${x}`, inspect({ weights: [x] }, { depth: 5 })]) {
    expect(text).toContain('33554432')
    expect(text.length).toBeLessThan(200)
  }
})
