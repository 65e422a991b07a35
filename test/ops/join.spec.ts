/** Tensors side by side: lib/ops/join.ts. */
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type OpSpec, REALS } from '../opspec/spec.js'

interface Args {
  axis?: number
}

const CASES: readonly (readonly [readonly Shape[], Args])[] = [
  [[[3]], {}],
  [[[3], [5], [0], [1]], {}],
  [
    [
      [2, 3, 4],
      [2, 1, 4],
      [2, 0, 4],
    ],
    { axis: 1 },
  ],
  [
    [
      [2, 3],
      [5, 3],
    ],
    { axis: 0 },
  ],
  [
    [
      [2, 3],
      [2, 5],
      [2, 33],
    ],
    { axis: -1 },
  ],
  [
    [
      [0, 3],
      [0, 3],
    ],
    { axis: 0 },
  ],
  // Empty vectors fit everything.
  [[[0], [2, 3], [0], [2, 1]], { axis: 1 }],
]

const concat: OpSpec<Args> = {
  name: 'concat',
  ops: ['concat'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shapes, args] of CASES) yield { inputs: shapes.map((shape) => s.values(shape)), args }
    yield { inputs: [s.values([150, 301]), s.values([150, 203])], args: { axis: 1 }, large: true }
  },
  call: (inputs, { axis }) => ops.concat(inputs, axis),
  accuracy: { roundings: 0 },
  gradient: {},
  signedZeros: true,
  errors: {
    nothing: { call: () => ops.concat([]), code: 'SINTER_SHAPE', message: 'concat: no tensors' },
    shapes: {
      call: (device) => ops.concat([ops.zeros([2, 3], { device }), ops.zeros([2, 4], { device })]),
      code: 'SINTER_SHAPE',
      message: 'concat: (2, 3) and (2, 4) differ beside axis 0',
    },
    scalars: {
      call: (device) => ops.concat([ops.zeros([], { device })]),
      code: 'SINTER_SHAPE',
      message: 'concat: tensors of rank 0 have no axis; use stack',
    },
  },
}

const stack: OpSpec<Args> = {
  name: 'stack',
  ops: ['concat'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const axis of [0, 1, -1])
      for (const shape of [[], [3], [2, 5], [2, 0]])
        if (axis <= shape.length) yield { inputs: [s.values(shape), s.values(shape), s.values(shape)], args: { axis } }
  },
  call: (inputs, { axis }) => ops.stack(inputs, axis),
  accuracy: { roundings: 0 },
  gradient: {},
  errors: {
    shapes: {
      call: (device) => ops.stack([ops.zeros([2], { device }), ops.zeros([3], { device })]),
      code: 'SINTER_SHAPE',
      message: 'stack: shapes differ: (2) and (3)',
    },
  },
}

const STACKS = { hstack: ops.hstack, vstack: ops.vstack, dstack: ops.dstack, columnStack: ops.columnStack }

const stacks: OpSpec<{ which: keyof typeof STACKS }> = {
  name: 'hstack, vstack, dstack, columnStack',
  ops: ['concat'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const which of Object.keys(STACKS) as (keyof typeof STACKS)[])
      for (const shape of [[], [3], [2, 3], [2, 3, 2]])
        yield { inputs: [s.values(shape), s.values(shape)], args: { which } }
  },
  call: (inputs, { which }) => STACKS[which](inputs),
  accuracy: { roundings: 0 },
  gradient: {},
  errors: { nothing: { call: () => ops.hstack([]), code: 'SINTER_SHAPE', message: 'concat: no tensors' } },
}

export const specs: readonly OpSpec[] = [concat, stack, stacks]
