/**
 * Order statistics of f64 and i64, sorters that are refused, and long rows with NaN on CUDA (cuda/kernels/sort). Place in the whole:
 * test/cuda/sort.test.ts and search.test.ts have the other paths; here are those that need elements of 8 bytes, or a wrong index in each
 * of the places that a thread looks at.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { isFloating } from '#lib/tensor/dtype.js'
import { numbers } from '../../helpers/compare.js'
import { device, drawn, same } from '../same.js'

describe.skipIf(device === undefined)('sorted rows on cuda', () => {
  // Longer than a warp sorts in registers: keys are sorted as pairs, and what is chosen is taken from them.
  test.each(['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8'] as const)('%s: medians and places', (dtype) => {
    for (const shape of [
      [5, 301],
      [3, 2311],
    ])
      same(`${dtype} (${shape})`, (at) => {
        const [rows, n] = shape as [number, number]
        const x = drawn('x', shape, dtype, at, (r) => r.int(-90, 90) / (isFloating(dtype) ? 4 : 1))
        // Rows without a NaN, with some, and of nothing else.
        const share = tensor(
          Array.from({ length: rows }, (_, i) => i / (rows - 1)),
          { dtype: 'f32', shape: [rows, 1] },
        ).to(at)
        const odd = drawn('o', shape, 'f32', at, (r) => r.uniform(0.001, 0.999)).lt(share) as Tensor
        const y = isFloating(dtype) ? (ops.maskedFill(x, odd, Number.NaN) as Tensor) : x
        const all = [ops.median(y, 1), ops.kthvalue(y, n >> 1, 1), ops.sort(y, 1), ops.topk(y, 9, 1)].flat()
        return (isFloating(dtype) ? [...all, ...ops.nanmedian(y, 1)] : all) as Tensor[]
      })
  })

  test('a sorter out of range, in each of the four places that a thread looks at', () => {
    for (const place of [0, 300, 700, 999])
      for (const wrong of [-1, 1000])
        scope(() => {
          const on = device as string
          const sorter = tensor(
            Array.from({ length: 1000 }, (_, i) => (i === place ? wrong : i)),
            { dtype: 'i64' },
          ).to(on)
          const [line, values] = [ops.arange(0, 1000, 1, { device: on }), ops.zeros([1], { device: on })]
          expect(() => numbers(ops.searchSorted(line as Tensor, values, { sorter }))).toThrow(
            `searchSorted: the sorter's index ${wrong} is out of range for 1000 elements`,
          )
        })
  })
})
