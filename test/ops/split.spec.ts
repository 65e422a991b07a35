/** Pieces along an axis: lib/ops/split.ts. */
import * as ops from '#lib/index.js'
import type { OpSpec } from '../opspec/spec.js'
import { SHAPE, VALUE, view } from '../opspec/structural.js'

const rows = ['concat'] as const

export const specs: readonly OpSpec[] = [
  view(
    'split',
    ops.split,
    [
      [[7], [3]],
      [
        [2, 6],
        [2, 1],
      ],
      [
        [2, 6],
        [[1, 5, 0], 1],
      ],
      [[0], [3]],
    ],
    {
      sizes: [[2, 6], [[1, 2], 1], SHAPE, 'sizes (1, 2) add to 3, dimension 1 of (2, 6) is 6'],
      size: [[4], [0], VALUE, 'size 0 is not a positive integer'],
      scalar: [[], [1], SHAPE, 'a tensor of rank 0 has no axis'],
    },
    rows,
  ),
  view(
    'splitWithSizes',
    ops.splitWithSizes,
    [
      [
        [2, 6, 2],
        [[4, 2], -2],
      ],
    ],
    {
      negative: [[3], [[4, -1]], SHAPE, 'sizes (4, -1) add to 3, dimension 0 of (3) is 3'],
    },
  ),
  view(
    'chunk',
    ops.chunk,
    [
      [[7], [3]],
      [
        [2, 6],
        [4, 1],
      ],
      [[2], [5]],
      [[0, 2], [3]],
    ],
    {
      chunks: [[4], [0], VALUE, '0 is not a positive number of chunks'],
    },
  ),
  view('unbind', ops.unbind, [
    [[3, 4], []],
    [[3, 2, 4], [-1]],
    [[5], []],
  ]),
  view(
    'tensorSplit',
    ops.tensorSplit,
    [
      [[7], [3]],
      [
        [2, 7],
        [[1, 1, 4], 1],
      ],
      [[5], [[-2, 9]]],
      [[5], [[3, 1]]],
      [[2], [4]],
    ],
    {
      sections: [[4], [0], VALUE, '0 is not a positive number of sections'],
      index: [[4], [[1.5]], VALUE, 'index 1.5 is not an integer'],
    },
  ),
  view(
    'hsplit',
    ops.hsplit,
    [
      [[6], [3]],
      [[2, 4, 2], [2]],
      [[2, 4], [[1, 3]]],
    ],
    {
      sections: [[2, 5], [2], SHAPE, 'dimension 1 of (2, 5) does not divide into 2 equal sections'],
      scalar: [[], [1], SHAPE, 'a tensor of rank 0 has no columns'],
    },
  ),
  view('vsplit', ops.vsplit, [[[4, 3], [2]]], {
    rank: [[4], [2], SHAPE, 'takes at least 2 dimensions, got (4)'],
  }),
  view('dsplit', ops.dsplit, [[[2, 2, 6], [[2]]]], {
    rank: [[4, 2], [2], SHAPE, 'takes at least 3 dimensions, got (4, 2)'],
  }),
]
