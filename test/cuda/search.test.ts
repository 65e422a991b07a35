/**
 * Searching, counting and distinct rows on CUDA against the CPU, in sizes that take several tiles. Place in the whole: the operator matrix
 * (test/ops/search.test.ts) holds every operator in small sizes.
 */
import { describe, expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import * as ops from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { make, makeMany } from '#lib/ops/emit.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import type { Random } from '../helpers/random.js'
import { device, drawn, same } from './same.js'

const ORDERED: readonly DType[] = ['f32', 'f64', 'i32', 'i64']
const few = (r: Random): number => r.int(-3, 4)

const uniqueRuns = (x: Tensor, order: Tensor | null): Tensor[] => {
  const places = { dtype: 'i64' as const, shape: [x.shape[0] as number] }
  return makeMany('u', OP.uniqueRuns, [places, places, places, { dtype: 'i64', shape: [1] }], [x, order], [], 1)
}
const sortRows = (x: Tensor): Tensor => make('s', OP.sortRows, 'i64', [x.shape[0] as number], x, null, [], 1)
const binCount = (bins: Tensor, n: number, weights: Tensor | null, dtype: DType): Tensor =>
  makeMany('b', OP.binCount, [{ dtype, shape: [n] }], [bins, weights], [], 1)[0] as Tensor

describe.skipIf(device === undefined)('searches on cuda', () => {
  test('searchSorted: lines of their own, one for all, by a sorter, NaN', () => {
    for (const dtype of ORDERED)
      for (const right of [false, true]) {
        const line = (at: string, shape: readonly number[]): Tensor =>
          drawn('line', shape, dtype, at, (r) => r.int(-200, 200))
        const values = (at: string, shape: readonly number[]): Tensor =>
          drawn('v', shape, dtype, at, (r) => (r.int(0, 50) === 0 ? Number.NaN : r.int(-210, 210)))
        const options = { right }
        same(`searchSorted ${dtype} right ${right}`, (at) => [
          ops.searchSorted(ops.sort(line(at, [1009]))[0], values(at, [701]), options),
          ops.searchSorted(ops.sort(line(at, [3, 37]))[0], values(at, [3, 131]), { right, outInt32: true }),
          ops.searchSorted(line(at, [3, 37]), values(at, [3, 5]), { right, sorter: ops.argsort(line(at, [3, 37])) }),
          ops.searchSorted(line(at, [0]), values(at, [5]), options),
        ])
      }
  })

  test('a sorter out of range is an error that says so', () => {
    scope(() => {
      const [line, values] = [
        ops.zeros([2], { device: device as string }),
        ops.zeros([1], { device: device as string }),
      ]
      const sorter = tensor([0, 2], { dtype: 'i64', device: device as string }) as Tensor
      expect(() => ops.searchSorted(line, values, { sorter }).dataSync()).toThrow(
        "searchSorted: the sorter's index 2 is out of range for 2 elements",
      )
    })
  })

  test('bins: in shared memory and beside it, left out, with weights', () => {
    for (const n of [5, 4096, 4097])
      for (const count of [0, 1, 5003]) {
        const bins = (at: string): Tensor => drawn('b', [count], 'i64', at, (r) => r.int(-2, Math.min(n, 900) + 2))
        for (const dtype of ['i64', 'f32', 'f64'] as const)
          same(`binCount ${dtype} n ${n} of ${count}`, (at) => binCount(bins(at), n, null, dtype))
        // Whole weights: sums are exact in any order.
        for (const dtype of ['f32', 'f64', 'bf16', 'f16'] as const)
          same(`binCount weighted ${dtype} n ${n} of ${count}`, (at) =>
            binCount(bins(at), n, drawn('w', [count], dtype, at, few), dtype),
          )
      }
    scope(() => {
      const bins = drawn('b', [9001], 'i64', device as string, (r) => r.int(0, 3))
      const weights = drawn('w', [9001], 'f32', device as string, (r) => r.uniform(-1, 1))
      const [a, b] = [binCount(bins, 3, weights, 'f32'), binCount(bins, 3, weights, 'f32')]
      expect(numbers(a)).toEqual(numbers(b))
    })
  })

  test('runs of equal rows, in their order and in another', () => {
    for (const dtype of ORDERED)
      for (const [n, w] of [
        [0, 1],
        [1, 3],
        [1024, 1],
        [5003, 1],
        [2053, 2],
      ] as const)
        same(`uniqueRuns ${dtype} (${n}, ${w})`, (at) => {
          const x = drawn('x', [n, w], dtype, at, (r) => (r.int(0, 200) === 0 ? Number.NaN : r.int(0, 2)))
          return [...uniqueRuns(x, null), ...(n > 0 ? uniqueRuns(x, sortRows(drawn('o', [n, 1], 'i32', at, few))) : [])]
        })
  })

  test('rows in lexicographic order: stable', () => {
    for (const dtype of ORDERED)
      for (const [n, w] of [
        [1, 2],
        [257, 3],
        [2503, 2],
      ] as const)
        same(`sortRows ${dtype} (${n}, ${w})`, (at) => sortRows(drawn('r', [n, w], dtype, at, few)))
  })
})
