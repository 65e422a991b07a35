/**
 * Poolings, unpooling and fold on CUDA (cuda/kernels/pool) against the CPU, in every dtype: windows without an element, ties and NaN,
 * indices i64 and none, adaptive windows whose bounds are quotients of numbers beyond 2^31, refused indices. Place in the whole: the
 * operator tests have the semantics; here is what they have no shapes or dtypes for.
 */
import { describe, expect, test } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import type { Random } from '../../helpers/random.js'
import { device, drawn, same } from '../same.js'

const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
const INTEGERS = ['i32', 'i64', 'u8', 'i8'] as const

/** Many equal elements, and some that are special. */
const ties = (r: Random): number => r.int(-3, 4)
const specials = (r: Random): number =>
  r.next() < 0.1 ? r.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]) : r.int(-3, 4)

/** Halves are summed in f32, and rounded once. */
const roundings = (dtype: string, terms: number): number => (dtype.endsWith('16') ? 1 : terms)

describe.skipIf(device === undefined)('poolings on cuda', () => {
  test('maxima: ties, NaN, dilated windows that see padding alone', () => {
    for (const dtype of [...FLOATS, ...INTEGERS])
      for (const [shape, size, options] of [
        [[2, 3, 5, 7], [3, 2], { stride: [2, 1], padding: 1, dilation: [1, 2] }],
        // One element, and windows of two that lie on both sides of it.
        [[2, 2, 1, 1], 2, { padding: 2, dilation: 3, stride: 1 }],
        [[300, 1, 2, 2], 2, {}],
      ] as const)
        same(`maxPool2d of ${dtype} (${shape})`, (at) => {
          const draw = dtype === 'u8' ? (r: Random) => r.int(0, 4) : dtype.startsWith('i') ? ties : specials
          const x = drawn('maxima', shape, dtype, at, draw)
          return [ops.maxPool2d(x, size, options), ...ops.maxPool2dWithIndices(x, size, options)]
        })
    for (const dtype of INTEGERS)
      same(`maxPool3d of ${dtype}`, (at) => {
        const x = drawn('volume', [2, 3, 4, 5], dtype, at, (r) => r.int(0, 4))
        return ops.maxPool3dWithIndices(x, [2, 3, 2], { stride: [1, 2, 1], padding: [1, 1, 0] })
      })
  })

  test.each(FLOATS)('%s: adaptive windows of long axes', (dtype) => {
    // at * size, and the way back i * count, pass 2^31: along the rows, along the columns, along the depth.
    const [n, count] = [52_000, 42_001]
    const draw = (r: Random): number => r.int(-64, 65) / 8
    for (const axis of [0, 1]) {
      const along = (n: number): [number, number] => (axis === 0 ? [n, 1] : [1, n])
      // Windows of one, two or three elements, or parts of as many gradients.
      same(
        `averages along axis ${axis}`,
        (at) => {
          const x = drawn('long', [1, ...along(n)], dtype, at, draw).requiresGrad_()
          const y = ops.adaptiveAvgPool2d(x, along(count))
          y.backward({ gradient: drawn('gradient', y.shape, dtype, at, draw) })
          return [y, x.grad as Tensor]
        },
        roundings(dtype, 8),
      )
    }
    for (const axis of [0, 1, 2]) {
      const along = (n: number): [number, number, number] => [0, 1, 2].map((d) => (d === axis ? n : 1)) as never
      same(`maxima along axis ${axis}`, (at) =>
        ops.adaptiveMaxPool3dWithIndices(drawn('long', [1, ...along(n)], dtype, at, specials), along(count)),
      )
    }
  })

  test('averages: a divisor, windows beyond the end, padding that counts or does not', () => {
    for (const dtype of FLOATS)
      for (const options of [
        { divisorOverride: 3 },
        { ceilMode: true, padding: 1 },
        { ceilMode: true, padding: 1, countIncludePad: false, stride: [2, 1] as const },
      ])
        same(
          `${dtype} ${JSON.stringify(options)}`,
          (at) => {
            const x = drawn('averages', [2, 3, 6, 8], dtype, at, (r) => r.uniform(-1, 1)).requiresGrad_()
            const y = ops.avgPool2d(x, 3, options)
            y.backward({ gradient: drawn('gradient', y.shape, dtype, at, (r) => r.uniform(-1, 1)) })
            return [y, x.grad as Tensor]
          },
          // Nine terms of size 1.
          roundings(dtype, 9),
        )
  })

  test('averages: one window along an axis, and a stride that no divisor of 32 bits takes', () => {
    for (const dtype of FLOATS)
      same(dtype, (at) => {
        const x = drawn('one window', [2, 3, 9, 11], dtype, at, (r) => r.int(-8, 9)).requiresGrad_()
        const y = ops.avgPool2d(x, 4, { stride: 2 ** 31, padding: 1 })
        y.backward({ gradient: drawn('gradient', y.shape, dtype, at, (r) => r.int(-8, 9)) })
        return [y, x.grad as Tensor]
      })
  })

  test('unfold and fold in every dtype', () => {
    for (const dtype of FLOATS)
      for (const [h, w, size, options] of [
        [7, 9, [3, 2], { padding: [1, 2], dilation: [2, 1], stride: [2, 3] }],
        // Taps before the first row and column, and behind the last window.
        [4, 5, 3, { padding: 0, stride: 2 }],
        [9, 8, 2, { stride: 4, dilation: 3, padding: 1 }],
        // One window along an axis: strides that no divisor of 32 bits takes.
        [5, 7, [2, 3], { stride: [2 ** 31, 1] }],
        [5, 7, [2, 3], { stride: [2, 2 ** 31], padding: 1 }],
        [5, 7, 2, { stride: 2 ** 32 }],
      ] as const)
        same(
          `${dtype} (${h}, ${w})`,
          (at) => {
            const x = drawn('image', [2, 3, h, w], dtype, at, (r) => r.uniform(-1, 1))
            const columns = ops.unfold(x, size, options)
            const other = drawn('columns', columns.shape, dtype, at, (r) => r.uniform(-1, 1))
            return [columns, ops.fold(other, [h, w], size, options)]
          },
          roundings(dtype, 9),
        )
  })

  test('unpooling: the last of equal indices stays, indices outside of their plane are errors', () => {
    for (const dtype of FLOATS)
      same(dtype, (at) => {
        const x = drawn('values', [2, 3, 4, 5], dtype, at, (r) => r.uniform(-1, 1))
        const to = drawn('places', [2, 3, 4, 5], 'i64', at, (r) => r.int(0, 60))
        return ops.maxUnpool2d(x, to, 2, { outputSize: [8, 10] })
      })
    for (const wrong of [-1, 80, 2 ** 40])
      ops.scope(() => {
        const x = ops.ones([1, 2, 4, 5], { device: device as string })
        const to = ops.tensor(
          Array.from({ length: 40 }, (_, i) => (i === 23 ? wrong : i)),
          { shape: [1, 2, 4, 5], dtype: 'i64', device: device as string },
        )
        expect(() => numbers(ops.maxUnpool2d(x, to, 2))).toThrow(
          'maxUnpool: an index lies outside of a plane of 80 elements',
        )
      })
  })
})
