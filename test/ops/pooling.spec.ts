/** Pooling: lib/ops/pooling.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { type ErrorCase, FLOATS, type OpSpec, type Sample } from '../opspec/spec.js'

type Pair = readonly [number, number]
interface Window {
  size: Pair
  stride?: Pair
  padding?: Pair
  dilation?: Pair
  countIncludePad?: boolean
}

const WINDOWS: readonly (readonly [Shape, Window])[] = [
  [[1, 1, 1, 1], { size: [1, 1] }],
  [[2, 3, 7, 6], { size: [2, 2] }],
  [[2, 2, 8, 16], { size: [2, 2] }],
  [[2, 2, 7, 6], { size: [3, 3], stride: [2, 2], padding: [1, 1] }],
  [[1, 2, 9, 17], { size: [3, 3], stride: [1, 1], padding: [1, 1] }],
  [[1, 2, 7, 6], { size: [3, 2], stride: [1, 2], padding: [1, 0] }],
  [[1, 2, 9, 9], { size: [5, 5], stride: [4, 3], padding: [2, 2] }],
  [[0, 2, 4, 4], { size: [2, 2] }],
  [[1, 3, 5, 70], { size: [5, 3], stride: [1, 1] }],
]
const LARGE: Shape = [4, 16, 57, 61]

function* windows(s: Sampler, more: readonly Partial<Window>[]): Iterable<Sample<Window>> {
  for (const [shape, window] of WINDOWS)
    for (const m of more) yield { inputs: [s.distinct(shape)], args: { ...window, ...m } }
  yield { inputs: [s.values(LARGE)], args: { size: [3, 3], stride: [2, 2], padding: [1, 1] }, large: true }
  yield { inputs: [s.values(LARGE)], args: { size: [2, 2] }, large: true }
}

const cells = (_: unknown, { size: [a, b] }: { size: Pair }): number => a * b

const errors = (
  name: string,
  f: (x: Tensor, size: number, options?: object) => unknown,
): Record<string, ErrorCase> => ({
  rank: {
    call: (device) => f(ops.zeros([3, 4], { device }), 2),
    code: 'SINTER_SHAPE',
    message: `${name}: takes (n, c, h, w), got (3, 4)`,
  },
  window: {
    call: (device) => f(ops.zeros([1, 1, 3, 5], { device }), 4),
    code: 'SINTER_SHAPE',
    message: `${name}: a window of 4 exceeds dimension 2 of (1, 1, 3, 5) with padding 0`,
  },
  padding: {
    call: (device) => f(ops.zeros([1, 1, 3, 5], { device }), 2, { padding: 2 }),
    code: 'SINTER_VALUE',
    message: `${name}: padding 2 exceeds half of the window 2`,
  },
})

const maxPool2dWithIndices: OpSpec<Window> = {
  name: 'maxPool2dWithIndices',
  ops: ['maxPool2d', 'maxPool2dBackward'],
  dtypes: FLOATS,
  *samples(s) {
    yield* windows(s, [{}])
    yield {
      inputs: [s.values([1, 2, 9, 17])],
      args: { size: [3, 2], stride: [1, 1], padding: [1, 1], dilation: [2, 3] },
    }
    // A window that holds a NaN gives NaN; one of infinities, its infinity.
    const x = s.values([1, 2, 4, 8])
    for (const [i, v] of [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].entries())
      x.values.fill(v, 11 * i, 11 * i + 3)
    yield { inputs: [x], args: { size: [2, 2], stride: [1, 1], padding: [1, 1] }, differentiable: false }
  },
  call: ([x], { size, ...options }) => ops.maxPool2dWithIndices(x as Tensor, size, options),
  accuracy: { roundings: 0 },
  gradient: { once: true, kinks: 'equal maxima' },
  errors: errors('maxPool2d', ops.maxPool2dWithIndices),
}

const maxPool2d: OpSpec<Window> = {
  ...maxPool2dWithIndices,
  name: 'maxPool2d',
  call: ([x], { size, ...options }) => ops.maxPool2d(x as Tensor, size, options),
}

const avgPool2d: OpSpec<Window> = {
  name: 'avgPool2d',
  ops: ['avgPool2d', 'avgPool2dBackward'],
  dtypes: FLOATS,
  samples: (s) => windows(s, [{}, { countIncludePad: false }]),
  call: ([x], { size, ...options }) => ops.avgPool2d(x as Tensor, size, options),
  accuracy: {
    roundings: 2,
    terms: cells,
    magnitude: ([x], { size, ...options }) => ops.avgPool2d(ops.abs(x as Tensor), size, options),
  },
  gradient: { once: true },
  errors: errors('avgPool2d', ops.avgPool2d),
}

const adaptiveAvgPool2d: OpSpec<{ size: Pair }> = {
  name: 'adaptiveAvgPool2d',
  ops: ['adaptiveAvgPool2d', 'adaptiveAvgPool2dBackward'],
  dtypes: FLOATS,
  *samples(s) {
    for (const size of [
      [1, 1],
      [3, 2],
      [7, 8],
      [5, 7],
    ] as const)
      yield { inputs: [s.values([2, 3, 5, 7])], args: { size } }
    yield { inputs: [s.values([0, 3, 5, 7])], args: { size: [2, 2] } }
    yield { inputs: [s.values(LARGE)], args: { size: [1, 1] }, large: true }
    yield { inputs: [s.values(LARGE)], args: { size: [7, 7] }, large: true }
  },
  call: ([x], { size }) => ops.adaptiveAvgPool2d(x as Tensor, size),
  accuracy: {
    roundings: 2,
    terms: ([x]) => (x?.shape[2] as number) * (x?.shape[3] as number),
    magnitude: ([x], { size }) => ops.adaptiveAvgPool2d(ops.abs(x as Tensor), size),
  },
  gradient: { once: true },
  errors: {
    rank: {
      call: (device) => ops.adaptiveAvgPool2d(ops.zeros([3, 4], { device }), 1),
      code: 'SINTER_SHAPE',
      message: 'adaptiveAvgPool2d: takes (n, c, h, w), got (3, 4)',
    },
    size: {
      call: (device) => ops.adaptiveAvgPool2d(ops.zeros([1, 1, 3, 5], { device }), 0),
      code: 'SINTER_VALUE',
      message: 'adaptiveAvgPool2d: size 0 is not an integer of at least 1',
    },
  },
}

export const specs: readonly OpSpec[] = [maxPool2d, maxPool2dWithIndices, avgPool2d, adaptiveAvgPool2d]
