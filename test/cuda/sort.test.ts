/**
 * Sorting and choosing on CUDA against the CPU, bit by bit: rows that a warp sorts, a block, several blocks; selections from long rows.
 * Place in the whole: the operator matrix (test/ops/sort.test.ts) holds every operator in small sizes.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import type { Random } from '../helpers/random.js'
import { device, drawn, same } from './same.js'

const DTYPES: readonly DType[] = ['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8', 'bool']

/** Shapes and an axis: rows of one element, of a warp's every size, of a tile, of several tiles; axes that are not the last. */
const SHORT: readonly (readonly [readonly number[], number])[] = [
  [[5, 1], 1],
  [[13, 7], 1],
  [[3, 32], 1],
  [[3, 61], 1],
  [[2, 251], 1],
  [[2, 5, 67], 1],
]
const LONG: readonly (readonly [readonly number[], number])[] = [
  [[3, 257], 1],
  [[2, 2048], 1],
  [[1, 2049], 1],
  [[2, 5003], 1],
  [[301, 3], 0],
  [[2099, 2], 0],
]

/** Many equal elements, both zeros, infinities, and NaN. */
const crowded = (r: Random): number => {
  const n = r.int(0, 60)
  if (n === 0) return Number.NaN
  if (n < 3) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY][n - 1] as number
  return n < 6 ? -0 : (n - 30) * (n % 2 ? 1 : 1 / 1024)
}
const spread = (r: Random): number => r.uniform(-1e5, 1e5)
function line(shape: readonly number[], dtype: DType, at: string, draw?: (r: Random) => number): Tensor {
  const floating = dtype.startsWith('f') || dtype === 'bf16'
  if (floating) return drawn('x', shape, dtype, at, draw ?? crowded)
  if (dtype === 'bool') return drawn('x', shape, dtype, at, (r) => r.int(0, 2))
  if (dtype === 'u8') return drawn('x', shape, dtype, at, (r) => r.int(0, 256))
  return drawn(
    'x',
    shape,
    dtype,
    at,
    (r) => r.int(-128, 128) * (dtype === 'i64' ? 2 ** 40 : dtype === 'i32' ? 2 ** 20 : 1),
  )
}
const each = (f: (dtype: DType, shape: readonly number[], axis: number) => void): void => {
  for (const dtype of DTYPES)
    for (const [shape, axis] of [
      ...SHORT,
      ...(dtype === 'f32' ? LONG : dtype === 'i32' || dtype === 'bool' ? [] : LONG.slice(2, 3)),
    ])
      f(dtype, shape, axis)
}

describe.skipIf(device === undefined)('sorts on cuda', () => {
  test('sort, rising and falling: stable, -0 among zeros, NaN greatest', () => {
    each((dtype, shape, axis) => {
      for (const descending of [false, true])
        same(`sort ${dtype} (${shape}) descending: ${descending}`, (at) => {
          const [values, places] = ops.sort(line(shape, dtype, at), axis, { descending })
          // 1 / -0 is not 1 / 0.
          return dtype === 'f32' ? [values, places, ops.div(1, values)] : [values, places]
        })
    })
    same('sort of numbers that differ', (at) => ops.sort(line([9001], 'f32', at, spread), 0))
    same('sort of f64 that differ in their last bits', (at) =>
      ops.sort(
        line([3001], 'f64', at, (r) => 1 + r.int(0, 4000) * 2 ** -52),
        0,
      ),
    )
  })

  test('topk: of equals the first', () => {
    each((dtype, shape, axis) => {
      const n = shape[axis] as number
      for (const k of new Set([1, Math.min(n, 2), Math.min(n, 37), n]))
        for (const largest of n > 300 && k > 1 ? [true] : [true, false])
          same(`topk ${dtype} (${shape}) k ${k} largest: ${largest}`, (at) =>
            ops.topk(line(shape, dtype, at), k, axis, { largest }),
          )
    })
    same('topk of numbers that differ', (at) => ops.topk(line([2, 9001], 'f32', at, spread), 1100))
    same('topk of one value', (at) => ops.topk(ops.full([3, 5003], 2, { device: at }) as Tensor, 300))
  })

  test('kthvalue, median, nanmedian', () => {
    each((dtype, shape, axis) => {
      const n = shape[axis] as number
      for (const k of new Set([1, Math.ceil(n / 3), n]))
        same(`kthvalue ${dtype} (${shape}) k ${k}`, (at) => ops.kthvalue(line(shape, dtype, at), k, axis))
      same(`median ${dtype} (${shape})`, (at) => ops.median(line(shape, dtype, at), axis) as readonly Tensor[])
      same(`nanmedian ${dtype} (${shape})`, (at) => ops.nanmedian(line(shape, dtype, at), axis) as readonly Tensor[])
    })
    for (const f of [ops.median, ops.nanmedian])
      same(`${f.name} of numbers`, (at) => [f(line([5003], 'f32', at, spread), 0) as readonly Tensor[]].flat())
    same(
      'nanmedian of NaN alone',
      (at) => ops.nanmedian(ops.full([2, 3001], Number.NaN, { device: at }) as Tensor, 1) as readonly Tensor[],
    )
  })

  test('mode: the smallest of the most frequent, where it is found last', () => {
    each((dtype, shape, axis) => same(`mode ${dtype} (${shape})`, (at) => ops.mode(line(shape, dtype, at), axis)))
    same('mode of a long run', (at) => ops.mode(line([2, 4099], 'i32', at).mul(0) as Tensor, 1))
    same('mode of distinct elements', (at) => ops.mode(line([3001], 'f64', at, spread), 0))
  })

  test('many rows, and the same bits in every run', () => {
    same('sort of many rows', (at) => ops.sort(line([2003, 3], 'i8', at)))
    scope(() => {
      const x = line([2, 6007], 'f32', device as string)
      const [a, b] = [ops.topk(x, 500), ops.topk(x, 500)]
      expect(numbers(a[1])).toEqual(numbers(b[1]))
    })
  })
})
