/** Axes moved, added and merged: lib/ops/axes.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type OpSpec, REALS } from '../opspec/spec.js'
import { SHAPE, VALUE, view } from '../opspec/structural.js'

const like = (x: Tensor, shape: readonly number[]): Tensor => ops.zeros(shape, { device: x.device }) as Tensor

const broadcastTensors: OpSpec<null> = {
  name: 'broadcastTensors',
  ops: [],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    yield { inputs: [s.values([3]), s.values([2, 1]), s.values([])], args: null }
  },
  call: (inputs) => ops.broadcastTensors(...inputs),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    shapes: {
      call: (device) =>
        ops.broadcastTensors(ops.zeros([2], { device }) as Tensor, ops.zeros([3], { device }) as Tensor),
      code: SHAPE,
      message: 'broadcastTensors: shapes (2) and (3) do not broadcast: 2 and 3 at dimension -1',
    },
  },
}

export const specs: readonly OpSpec[] = [
  view(
    'movedim',
    ops.movedim,
    [
      [
        [2, 3, 4],
        [0, 2],
      ],
      [
        [2, 3, 4, 2],
        [
          [0, -1],
          [1, 0],
        ],
      ],
      [[], [[], []]],
    ],
    {
      twice: [
        [2, 3],
        [
          [0, 0],
          [0, 1],
        ],
        VALUE,
        '(0, 0) names an axis twice',
      ],
      lengths: [[2, 3], [[0, 1], [0]], VALUE, '2 axes to 1 places'],
    },
  ),
  view('moveaxis', ops.moveaxis, [
    [
      [2, 3, 4],
      [-1, 0],
    ],
  ]),
  view('swapaxes', ops.swapaxes, [
    [
      [2, 3, 4],
      [0, -1],
    ],
  ]),
  view(
    't',
    ops.t,
    [
      [[2, 3], []],
      [[3], []],
      [[], []],
    ],
    { rank: [[2, 3, 4], [], SHAPE, 'takes at most 2 dimensions, got (2, 3, 4); use transpose'] },
  ),
  view('adjoint', ops.adjoint, [[[2, 3, 4], []]], {
    rank: [[2], [], SHAPE, 'takes matrices, got (2)'],
  }),
  view(
    'unflatten',
    ops.unflatten,
    [
      [
        [2, 6],
        [1, [2, 3]],
      ],
      [
        [2, 6],
        [-1, [-1, 2]],
      ],
      [
        [0, 2],
        [0, [0, 3]],
      ],
    ],
    {
      size: [[2, 6], [1, [4, 2]], SHAPE, 'dimension 1 of (2, 6) does not come apart as (4, 2)'],
      scalar: [[], [0, [1]], SHAPE, 'a tensor of rank 0 has no axis'],
    },
  ),
  view('ravel', ops.ravel, [
    [[2, 3], []],
    [[], []],
  ]),
  view('viewAs', (x: Tensor, shape: readonly number[]) => ops.viewAs(x, like(x, shape)), [[[2, 6], [[3, 4]]]]),
  view('reshapeAs', (x: Tensor, shape: readonly number[]) => ops.reshapeAs(x, like(x, shape)), [[[2, 6], [[3, 4]]]]),
  view(
    'expandAs',
    (x: Tensor, shape: readonly number[]) => ops.expandAs(x, like(x, shape)),
    [[[3, 1], [[2, 3, 4]]]],
    {},
    ['sum'],
  ),
  view('broadcastTo', ops.broadcastTo, [[[3, 1], [[3, 4]]]]),
  broadcastTensors,
  ...([ops.atleast1d, ops.atleast2d, ops.atleast3d] as const).map((f) =>
    view(f.name, f, [
      [[], []],
      [[3], []],
      [[2, 3], []],
      [[2, 3, 2, 2], []],
    ]),
  ),
]
