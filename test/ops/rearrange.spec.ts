/** Elements in other places, or several times: lib/ops/rearrange.ts, repeat.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type OpSpec, REALS } from '../opspec/spec.js'
import { SHAPE, VALUE, view } from '../opspec/structural.js'

const ranked = (n: number, shape: string): readonly [[], [], string, string] => [
  [],
  [],
  SHAPE,
  `takes at least ${n} dimension${n > 1 ? 's' : ''}, got ${shape}`,
]

/** Repeats given by a tensor, read at once or with the sum given. */
const byTensor: OpSpec<{ repeats: readonly number[]; axis?: number; outputSize?: number }> = {
  name: 'repeatInterleaveSync',
  ops: ['repeatInterleave', 'indexSelect'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    yield { inputs: [s.values([3, 2])], args: { repeats: [2, 0, 3], axis: 0 } }
    yield { inputs: [s.values([3, 2])], args: { repeats: [2, 0, 3], axis: 0, outputSize: 5 } }
    yield { inputs: [s.values([2, 3])], args: { repeats: [2] } }
    yield { inputs: [s.values([2, 2])], args: { repeats: [1, 2], axis: -1 } }
    yield { inputs: [s.values([0])], args: { repeats: [] } }
  },
  call([x], { repeats, axis, outputSize }) {
    const counts = ops.tensor(BigInt64Array.from(repeats, BigInt), { device: (x as Tensor).device })
    const options = axis === undefined ? {} : { axis }
    return outputSize === undefined
      ? ops.repeatInterleaveSync(x as Tensor, counts, options)
      : ops.repeatInterleave(x as Tensor, counts, { ...options, outputSize })
  },
  accuracy: { roundings: 0 },
  gradient: { roundings: 3 },
  errors: {
    sum: {
      call: (device) =>
        ops
          .repeatInterleave(ops.zeros([2], { device }) as Tensor, ops.tensor([1n, 2n], { device }), { outputSize: 4 })
          .dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'repeatInterleave: repeats add to 3, not 4',
    },
    shape: {
      call: (device) =>
        ops.repeatInterleaveSync(ops.zeros([3], { device }) as Tensor, ops.tensor([1n, 2n], { device })),
      code: SHAPE,
      message: 'repeatInterleave: repeats (2) for dimension 0 of (3); one, or one an element',
    },
    negative: {
      call: (device) =>
        ops.repeatInterleaveSync(ops.zeros([2], { device }) as Tensor, ops.tensor([1n, -2n], { device })),
      code: VALUE,
      message: 'repeatInterleave: repeats[1] is -2, below 0',
    },
  },
}

export const specs: readonly OpSpec[] = [
  view(
    'flip',
    ops.flip,
    [
      [[9], [0]],
      [[67], [0]],
      [[2, 3, 4], [[0, -1]]],
      [[2, 3], [[]]],
      [[0, 3], [[0, 1]]],
      [[], [0]],
    ],
    { twice: [[2, 3], [[0, -2]], VALUE, 'axis -2 is named twice'] },
    ['copy'],
  ),
  view('fliplr', ops.fliplr, [[[2, 3], []]], { rank: ranked(2, '()') }),
  view('flipud', ops.flipud, [[[3], []]], { rank: ranked(1, '()') }),
  view(
    'roll',
    ops.roll,
    [
      [[5], [2, 0]],
      [[2, 3], [4]],
      [
        [3, 4, 5],
        [
          [1, -2, 8],
          [0, 1, 2],
        ],
      ],
      [
        [3, 4],
        [
          [1, 1],
          [0, 0],
        ],
      ],
      [
        [0, 3],
        [1, 0],
      ],
      [[], [1]],
    ],
    {
      lengths: [[2, 3], [[1, 2], 0], VALUE, '2 shifts for 1 axes'],
      flat: [[2, 3], [[1, 2]], VALUE, '2 shifts without axes; without axes it takes one shift of the flat tensor'],
    },
    ['empty', 'copyInto'],
  ),
  view(
    'rot90',
    ops.rot90,
    [
      [[2, 3], []],
      [
        [2, 3, 4],
        [-1, [1, 2]],
      ],
      [[2, 3], [2]],
      [[2, 3], [4]],
    ],
    {
      rank: [[2], [], SHAPE, 'takes at least 2 dimensions, got (2)'],
      axes: [[2, 3], [1, [0, -2]], VALUE, 'axis 0 is named twice'],
    },
  ),
  view(
    'repeat',
    ops.repeat,
    [
      [[2, 3], [[2, 2]]],
      [[2, 3], [[3, 1, 2]]],
      [[], [[2]]],
      [[1, 3], [[4, 1]]],
      [[2], [[0]]],
      [[1, 1, 1, 1, 2, 2, 1, 2, 1, 2], [[2, 1, 1, 1, 2, 1, 1, 3, 1, 1]]],
    ],
    {
      few: [[2, 3], [[2]], SHAPE, '1 counts for the 2 dimensions of (2, 3)'],
      negative: [[2], [[-1]], VALUE, '-1 is not a number of repetitions'],
    },
  ),
  view('tile', ops.tile, [
    [[2, 3], [[2]]],
    [[3], [[2, 2]]],
    [[2], [[]]],
  ]),
  view(
    'repeatInterleave',
    ops.repeatInterleave as (x: Tensor, n: number) => Tensor,
    [
      [[2, 3], [2]],
      [
        [2, 3],
        [2, { axis: 1 }],
      ],
      [
        [2, 3, 2],
        [3, { axis: -2 }],
      ],
      [[], [3]],
      [[3], [0]],
    ],
    { count: [[3], [-1], VALUE, '-1 is not a number of repetitions'] },
  ),
  byTensor,
]
