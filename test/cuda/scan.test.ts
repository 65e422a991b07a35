/**
 * Scans on CUDA against the CPU: rows of which a tile has several, rows longer than a tile, rows and columns that are cut into parts.
 * Place in the whole: the operator matrix (test/ops/scan.test.ts) holds every operator in small sizes. Terms are chosen so that
 * results are exact wherever that can be, and then they are compared bit by bit.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor } from '#lib/index.js'
import { cumsum, linearScan } from '#lib/ops/scan.js'
import { narrow } from '#lib/ops/views.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import type { Random } from '../helpers/random.js'
import { device, drawn, same } from './same.js'

const FLOATS: readonly DType[] = ['f32', 'f64', 'bf16', 'f16']
const INTEGERS: readonly DType[] = ['i32', 'i64', 'u8', 'i8']

/** Shapes and an axis: several rows a tile, one row a tile or several tiles, parts of rows, columns, parts of columns. */
const LINES: readonly (readonly [readonly number[], number])[] = [
  [[701, 3], 1],
  [[5, 613], 1],
  [[3, 1031], 1],
  [[3, 5003], 1],
  [[2, 9001], 1],
  [[1, 21_001], 1],
  [[3, 37, 5], 1],
  [[521, 7], 0],
  [[2, 1201, 3], 1],
]
/** For what every dtype must do once: a tile of rows, a cut row, cut columns. */
const FEW = [LINES[0], LINES[5], LINES[7]] as typeof LINES

const whole = (r: Random): number => r.int(-4, 5)
const factor = (r: Random): number => [0.5, 1, 2, -1, 2, 0.5][r.int(0, 6)] as number

describe.skipIf(device === undefined)('scans on cuda', () => {
  test('running sums, from either end', () => {
    for (const dtype of [...FLOATS, ...INTEGERS])
      for (const [shape, axis] of dtype === 'f32' ? LINES : FEW)
        same(`cumsum ${dtype} (${shape})`, (at) => {
          const x = drawn('x', shape, dtype, at, whole)
          const y = cumsum(x, axis, { dtype })
          if (dtype !== 'f32' && dtype !== 'bf16') return y
          const tracked = drawn('x', shape, dtype, at, whole).requiresGrad_()
          cumsum(tracked, axis).backward({ gradient: x })
          return [y, tracked.grad as Tensor]
        })
    for (const [shape, axis] of FEW)
      same(`cumsum bool (${shape})`, (at) =>
        cumsum(
          drawn('b', shape, 'bool', at, (r) => r.int(0, 2)),
          axis,
        ),
      )
  })

  test('running products keep their range however they are grouped', () => {
    for (const dtype of [...FLOATS, ...INTEGERS] as const)
      for (const [shape, axis] of FEW)
        same(`cumprod ${dtype} (${shape})`, (at) =>
          ops.cumprod(drawn('p', shape, dtype, at, INTEGERS.includes(dtype) ? whole : factor), axis, { dtype }),
        )
    for (const [shape, axis] of FEW)
      same(`cumprod bool (${shape})`, (at) =>
        ops.cumprod(
          drawn('b', shape, 'bool', at, (r) => r.int(0, 9)),
          axis,
          { dtype: 'bool' },
        ),
      )
    // Neighbours whose product no float holds, though every running product is one of four numbers.
    same('cumprod of far factors', (at) => {
      const far = [2 ** 120, 2 ** -120, 2 ** -120, 2 ** 120]
      let i = 0
      return ops.cumprod(
        drawn('far', [16_003], 'f32', at, () => far[i++ % 4] as number),
        0,
      )
    })
  })

  test('running extremes: the last of equals, NaN once there is one', () => {
    for (const dtype of [...FLOATS, ...INTEGERS])
      for (const [shape, axis] of FEW)
        for (const f of [ops.cummax, ops.cummin])
          same(`${f.name} ${dtype} (${shape})`, (at) =>
            f(
              drawn('m', shape, dtype, at, (r) => r.int(0, 60) - r.int(0, 20)),
              axis,
            ),
          )
    same('cummax with NaN', (at) =>
      ops.cummax(
        drawn('n', [3, 9001], 'f32', at, (r) => (r.int(0, 6000) === 0 ? Number.NaN : r.int(0, 5))),
        1,
      ),
    )
  })

  test('logcumsumexp', () => {
    for (const dtype of FLOATS)
      for (const [shape, axis] of dtype === 'f32' ? LINES : FEW)
        same(
          `logcumsumexp ${dtype} (${shape})`,
          (at) =>
            ops.logcumsumexp(
              drawn('l', shape, dtype, at, (r) => (r.int(0, 9) === 0 ? Number.NEGATIVE_INFINITY : r.uniform(-9, 9))),
              axis,
            ),
          dtype === 'f64' ? 64 : 12,
        )
  })

  test('logcumsumexp of what is infinite, then NaN', () => {
    for (const dtype of FLOATS)
      for (const [shape, axis] of FEW)
        same(
          `logcumsumexp ${dtype} (${shape})`,
          (at) =>
            ops.logcumsumexp(
              drawn(
                's',
                shape,
                dtype,
                at,
                (r) => [r.uniform(-9, 9), Number.POSITIVE_INFINITY, Number.NaN][Math.max(0, r.int(-900, 3))] as number,
              ),
              axis,
            ),
          dtype === 'f64' ? 64 : 12,
        )
  })

  test('recurrences, from either end', () => {
    for (const dtype of FLOATS)
      for (const [shape, axis] of dtype === 'f32' ? LINES : FEW)
        for (const reverse of [false, true]) {
          same(`linearScan ${dtype} (${shape}), reversed: ${reverse}`, (at) => {
            const sign = drawn('s', shape, dtype, at, (r) => (r.int(0, 50) === 0 ? 0 : r.int(0, 2) * 2 - 1))
            return linearScan(sign, drawn('b', shape, dtype, at, whole), axis, reverse)
          })
          same(
            `linearScan of fractions ${dtype} (${shape}), reversed: ${reverse}`,
            (at) => {
              const a = drawn('a', shape, dtype, at, (r) => r.uniform(-0.9, 0.9))
              return linearScan(a, drawn('b', shape, dtype, at, whole), axis, reverse)
            },
            dtype === 'f64' ? 32 : 1,
          )
        }
    // A factor of zero cuts off an infinite value; factors that are zeros together or infinite together for no float.
    same('linearScan over far values', (at) => {
      const inf = Number.POSITIVE_INFINITY
      let [i, k] = [0, 0]
      const a = drawn('a', [12_007], 'f32', at, () => [1e30, 1e-30, 1e-30, 1e30, 0][i++ % 5] as number)
      const b = drawn('b', [12_007], 'f32', at, () => [1, 0, 0, 0, k % 35 === 33 ? inf : 0][k++ % 5] as number)
      return linearScan(a, b, 0, false)
    })
  })

  test('a row of more parts than a block has threads', () => {
    same('cumsum of a long row', (at) => cumsum(drawn('x', [1_060_003], 'bf16', at, whole), 0))
  })

  test('views that begin anywhere, and the same bits in every run', () => {
    for (const skip of [1, 2, 3, 5])
      same(`cumsum of a view from ${skip}`, (at) =>
        cumsum(narrow(drawn('v', [2060], 'bf16', at, whole), 0, skip, 2060 - skip), 0),
      )
    scope(() => {
      const x = drawn('again', [30_011], 'f32', device as string, (r) => r.uniform(-2, 2))
      expect(numbers(ops.logcumsumexp(x, 0))).toEqual(numbers(ops.logcumsumexp(x, 0)))
    })
  })
})
