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

export const specs: readonly OpSpec[] = [matmul]
