/** Operators whose result's size is read back, as promises. Place in the whole: their blocking twins have OpSpecs. */
import { expect, test } from 'vitest'
import { bincount, tensor, unique, uniqueConsecutive } from '#lib/index.js'

test('unique', async () => {
  const { values, inverse, counts } = await unique(tensor([3, 1, 3, 2]))
  expect([await values.toArray(), await inverse.toArray(), await counts.toArray()]).toEqual([
    [1, 2, 3],
    [2, 0, 2, 1],
    [1, 1, 2],
  ])
})

test('uniqueConsecutive', async () => {
  const { values, counts } = await uniqueConsecutive(tensor([3, 3, 1, 3]))
  expect([await values.toArray(), await counts.toArray()]).toEqual([
    [3, 1, 3],
    [2, 1, 1],
  ])
})

test('bincount', async () => {
  expect(await (await bincount(tensor([1, 3, 1], { dtype: 'i64' }), { minLength: 5 })).toArray()).toEqual([
    0, 2, 0, 1, 0,
  ])
  await expect(bincount(tensor([-1], { dtype: 'i64' }))).rejects.toThrow('at least 0')
})
