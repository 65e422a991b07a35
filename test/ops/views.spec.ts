/** Views: lib/ops/views.ts. They run no kernel, so the rows named are those of their gradients and of reading them. */

import * as ops from '#lib/index.js'
import type { OpSpec } from '../opspec/spec.js'
import { SHAPE, VALUE, view } from '../opspec/structural.js'

export const specs: readonly OpSpec[] = [
  view(
    'reshape',
    ops.reshape,
    [
      [[2, 6], [[3, 4]]],
      [[2, 6], [[-1]]],
      [[12], [[2, -1, 3]]],
      [[], [[1, 1]]],
      [[0, 3], [[3, 0]]],
      [[2, 3, 4], [[6, 4]]],
    ],
    {
      elements: [[2, 3], [[4]], SHAPE, '(2, 3) has 6 elements, (4) has 4'],
      unknown: [[2, 3], [[4, -1]], SHAPE, '6 elements of (2, 3) cannot fill (4, -1)'],
      twice: [[2, 3], [[-1, -1]], SHAPE, '(-1, -1) has more than one -1'],
    },
  ),
  view(
    'permute',
    ops.permute,
    [
      [[2, 3, 4], [[2, 0, 1]]],
      [[2, 3, 4], [[-1, 1, 0]]],
      [[5], [[0]]],
      [[], [[]]],
      [[0, 3], [[1, 0]]],
    ],
    {
      order: [[2, 3], [[0, 0]], SHAPE, '(0, 0) is no order of the 2 dimensions of (2, 3)'],
    },
  ),
  view(
    'transpose',
    ops.transpose,
    [
      [[2, 3, 4], []],
      [
        [2, 3, 4],
        [0, 2],
      ],
      [
        [2, 3],
        [0, 1],
      ],
      [[3, 0], []],
    ],
    {
      axis: [[2, 3], [0, 2], SHAPE, 'axis 2 is out of range for 2 dimensions'],
    },
  ),
  view(
    'expand',
    ops.expand,
    [
      [[3, 1], [[3, 4]]],
      [[1, 3], [[2, 5, 3]]],
      [[], [[2, 2]]],
      [[2, 1], [[-1, 3]]],
      [[1], [[0]]],
    ],
    {
      size: [[2], [[3]], SHAPE, '(2) to (3): dimension 0 is 2, not 1'],
      rank: [[2, 2], [[2]], SHAPE, '(2) has fewer dimensions than (2, 2)'],
    },
    ['sum'],
  ),
  view(
    'slice',
    ops.slice,
    [
      [[9], [0, 2, 7]],
      [[9], [0, 1, 9, 3]],
      [
        [4, 5],
        [1, -3],
      ],
      [
        [4, 5],
        [0, 1, -1, 2],
      ],
      [[5], [0, 3, 3]],
      [[5], [0, 9]],
      [
        [3, 4, 5],
        [1, 1, 4, 2],
      ],
      [[9], [0, null, null, -1]],
      [[9], [0, 7, 1, -2]],
      [
        [3, 4, 5],
        [1, -1, null, -3],
      ],
      [[5], [0, 1, 3, -1]],
      [[0], [0, null, null, -1]],
    ],
    {
      step: [[5], [0, 0, 5, 0], VALUE, 'a step of 0 leads nowhere'],
      scalar: [[], [0], SHAPE, 'a tensor of rank 0 has no axis'],
    },
    ['fill', 'copyInto'],
  ),
  view(
    'narrow',
    ops.narrow,
    [
      [[5], [0, 1, 3]],
      [
        [3, 5],
        [1, -3, 2],
      ],
      [
        [3, 5],
        [0, 3, 0],
      ],
    ],
    {
      range: [[2, 3], [1, 2, 2], SHAPE, '2 elements from 2 exceed dimension 1 of (2, 3)'],
    },
  ),
  view(
    'select',
    ops.select,
    [
      [[5], [0, 2]],
      [
        [3, 4, 5],
        [1, -1],
      ],
      [
        [3, 4],
        [1, 0],
      ],
    ],
    {
      index: [[2, 3], [1, 3], SHAPE, 'index 3 is out of range for dimension 1 of (2, 3)'],
    },
  ),
  view(
    'squeeze',
    ops.squeeze,
    [
      [[1, 3, 1], []],
      [[1, 3, 1], [0]],
      [[2, 3], [1]],
      [[1, 1], []],
      [[], []],
      [[1, 3, 1, 1], [[0, -1]]],
      [[1, 3], [[0, 1]]],
    ],
    {
      axis: [[2, 3], [5], SHAPE, 'axis 5 is out of range for 2 dimensions'],
    },
  ),
  view(
    'unsqueeze',
    ops.unsqueeze,
    [
      [[3, 4], [0]],
      [[3, 4], [1]],
      [[3, 4], [-1]],
      [[], [0]],
    ],
    {
      axis: [[2, 3], [4], SHAPE, 'axis 4 is out of range for 3 dimensions'],
    },
  ),
  view(
    'flatten',
    ops.flatten,
    [
      [[2, 3, 4], []],
      [[2, 3, 4], [1]],
      [
        [2, 3, 4],
        [0, 1],
      ],
      [[], []],
      [[2, 0, 3], []],
    ],
    {
      order: [[2, 3], [1, 0], SHAPE, 'start 1 lies behind end 0'],
    },
  ),
]
