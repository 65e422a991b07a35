/** Matrix products: lib/ops/matmul.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, INTEGERS, type OpSpec } from '../opspec/spec.js'

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]

const SHAPES: readonly (readonly [Shape, Shape])[] = [
  [[3], [3]],
  [[3], [3, 4]],
  [[3, 4], [4]],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 4],
    [4, 5],
  ],
  [
    [2, 3, 4],
    [4, 5],
  ],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [[2, 3, 4], [4]],
  [[4], [2, 4, 3]],
  [
    [2, 1, 3, 4],
    [3, 4, 2],
  ],
  [
    [0, 3],
    [3, 4],
  ],
  [
    [3, 0],
    [0, 4],
  ],
  [
    [2, 0, 3],
    [2, 3, 4],
  ],
  [
    [2, 3, 0],
    [0, 4],
  ],
  // Around the register tiles and the vector widths.
  [
    [7, 9],
    [9, 15],
  ],
  [
    [16, 16],
    [16, 16],
  ],
  [
    [17, 33],
    [33, 31],
  ],
  [
    [1, 67],
    [67, 33],
  ],
  [
    [33, 67],
    [67, 1],
  ],
  [
    [13, 130],
    [130, 49],
  ],
]
const LARGE: readonly (readonly [Shape, Shape])[] = [
  [
    [129, 301],
    [301, 97],
  ],
  [
    [1, 1031],
    [1031, 517],
  ],
  [
    [517, 1031],
    [1031, 1],
  ],
  [
    [6, 65, 33],
    [6, 33, 70],
  ],
]

const matmul: OpSpec = {
  name: 'matmul',
  ops: ['matmul'],
  dtypes: NUMBERS,
  *samples(s) {
    for (const [a, b] of SHAPES) yield { inputs: [s.values(a), s.values(b)], args: {} }
    for (const [a, b] of LARGE) yield { inputs: [s.values(a), s.values(b)], args: {}, large: true }
    if (!s.floating) return
    const bad = s.values([5, 5])
    for (const [i, v] of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries())
      bad.values[6 * i] = v
    yield { inputs: [bad, s.values([5, 3])], args: {}, differentiable: false }
  },
  call: ([a, b]) => ops.matmul(a as Tensor, b as Tensor),
  accuracy: {
    roundings: 1,
    serial: true,
    terms: ([a]) => a?.shape.at(-1) ?? 1,
    magnitude: ([a, b]) => ops.matmul(ops.abs(a as Tensor), ops.abs(b as Tensor)),
  },
  gradient: {},
  errors: {
    'inner dimensions': {
      call: (device) => ops.matmul(ops.zeros([64, 300], { device }), ops.zeros([128, 10], { device })),
      code: 'SINTER_SHAPE',
      message: 'matmul: inner dimensions differ: (64, 300) x (128, 10): 300 and 128',
    },
    batches: {
      call: (device) => ops.matmul(ops.zeros([2, 3, 4], { device }), ops.zeros([3, 4, 5], { device })),
      code: 'SINTER_SHAPE',
      message: 'matmul: shapes (2) and (3) do not broadcast: 2 and 3 at dimension -1',
    },
    scalar: {
      call: (device) => ops.matmul(ops.zeros([], { device }), ops.zeros([3], { device })),
      code: 'SINTER_SHAPE',
      message: 'matmul: takes at least one dimension: () x (3)',
    },
  },
}

const linear: OpSpec = {
  name: 'linear',
  ops: ['matmul', 'sum'],
  dtypes: FLOATS,
  // Integers are products like any other, and complex numbers are refused.
  refuses: ['c64', 'c128'],
  *samples(s) {
    for (const [x, w] of [
      [
        [3, 4],
        [5, 4],
      ],
      [[4], [3, 4]],
      [
        [2, 3, 6],
        [5, 6],
      ],
      [
        [1, 33],
        [17, 33],
      ],
      [
        [9, 65],
        [33, 65],
      ],
      [
        [0, 3],
        [4, 3],
      ],
      [
        [2, 3, 0],
        [4, 0],
      ],
    ] as const) {
      yield { inputs: [s.values(x), s.values(w), s.values([w[0]])], args: {} }
      yield { inputs: [s.values(x), s.values(w), null], args: {} }
    }
    yield { inputs: [s.values([130, 190]), s.values([210, 190]), s.values([210])], args: {}, large: true }
  },
  call: ([x, w, b]) => ops.linear(x as Tensor, w as Tensor, b),
  accuracy: {
    roundings: 2,
    serial: true,
    terms: ([, w]) => w?.shape[1] ?? 1,
    magnitude: ([x, w, b]) => ops.linear(ops.abs(x as Tensor), ops.abs(w as Tensor), b ? ops.abs(b) : null),
  },
  gradient: {},
  errors: {
    input: {
      call: (device) => ops.linear(ops.zeros([2, 3], { device }), ops.zeros([5, 4], { device })),
      code: 'SINTER_SHAPE',
      message: "linear: input (2, 3) does not end in the weight's 4: weight (5, 4)",
    },
    bias: {
      call: (device) =>
        ops.linear(ops.zeros([2, 4], { device }), ops.zeros([5, 4], { device }), ops.zeros([4], { device })),
      code: 'SINTER_SHAPE',
      message: 'linear: bias (4) for 5 outputs',
    },
    dtype: {
      call: (device) => ops.linear(ops.zeros([2, 4], { device }), ops.zeros([5, 4], { device, dtype: 'f64' })),
      code: 'SINTER_DTYPE',
      message: 'linear: input is f32, weight or bias f64; convert one with .to()',
    },
  },
}

export const specs: readonly OpSpec[] = [matmul, linear]
