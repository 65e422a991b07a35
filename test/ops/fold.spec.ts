/** Windows as columns, and exchanges between channels and space: lib/ops/fold.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, type OpSpec, REALS } from '../opspec/spec.js'

interface Sliding {
  size: any
  options: any
}
const WINDOWS: readonly (readonly [Shape, Sliding])[] = [
  [[1, 1, 1, 1], { size: 1, options: {} }],
  [[2, 3, 5, 6], { size: 2, options: {} }],
  [[3, 5, 4], { size: [3, 2], options: { padding: [1, 2], stride: [2, 1] } }],
  [[1, 2, 9, 19], { size: [2, 3], options: { dilation: [3, 2], padding: 1, stride: [1, 2] } }],
  [[0, 2, 4, 4], { size: 2, options: {} }],
]
const LARGE: readonly [Shape, Sliding] = [[2, 9, 33, 41], { size: 3, options: { padding: 1 } }]

const unfold: OpSpec<Sliding> = {
  name: 'unfold',
  ops: ['unfold', 'fold'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [shape, args] of WINDOWS) yield { inputs: [s.values(shape)], args }
    yield { inputs: [s.values(LARGE[0])], args: LARGE[1], large: true }
  },
  call: ([x], { size, options }) => ops.unfold(x as Tensor, size, options),
  accuracy: { roundings: 0 },
  gradient: { roundings: 4 },
  errors: {
    window: {
      call: (device) => ops.unfold(ops.zeros([1, 1, 2, 3], { device }) as Tensor, 3),
      code: 'SINTER_SHAPE',
      message: 'unfold: a window of 3 exceeds the image (2, 3) with padding 0',
    },
  },
}

const fold: OpSpec<Sliding & { outputSize: any }> = {
  name: 'fold',
  ops: ['fold', 'unfold'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [[...shape], args] of [...WINDOWS, LARGE]) {
      const columns = ops.unfold(ops.zeros(shape) as Tensor, args.size, args.options).shape
      const large = args === LARGE[1] ? { large: true } : {}
      yield { inputs: [s.values(columns)], args: { ...args, outputSize: shape.slice(-2) }, ...large }
    }
  },
  call: ([x], { outputSize, size, options }) => ops.fold(x as Tensor, outputSize, size, options),
  accuracy: {
    roundings: 1,
    serial: true,
    terms: () => 9,
    magnitude: ([x], { outputSize, size, options }) => ops.fold(ops.abs(x as Tensor), outputSize, size, options),
  },
  gradient: {},
  errors: {
    rows: {
      call: (device) => ops.fold(ops.zeros([5, 4], { device }) as Tensor, 3, 2),
      code: 'SINTER_SHAPE',
      message: "fold: 5 rows of (1, 5, 4) do not divide by the window's 4 elements",
    },
    columns: {
      call: (device) => ops.fold(ops.zeros([1, 4, 5], { device }) as Tensor, 3, 2),
      code: 'SINTER_SHAPE',
      message: 'fold: (1, 4, 5) has 5 columns, the image 4 windows',
    },
  },
}

function shuffle(
  name: string,
  f: (x: Tensor, n: number) => Tensor,
  cases: readonly (readonly [Shape, number])[],
  wrong: readonly [Shape, number, string],
): OpSpec<{ n: number }> {
  return {
    name,
    ops: ['copy'],
    dtypes: REALS,
    refuses: [],
    *samples(s) {
      for (const [shape, n] of cases) yield { inputs: [s.values(shape)], args: { n } }
    },
    call: ([x], { n }) => f(x as Tensor, n),
    accuracy: { roundings: 0 },
    gradient: {},
    errors: {
      shape: {
        call: (device) => f(ops.zeros(wrong[0], { device }) as Tensor, wrong[1]),
        code: 'SINTER_SHAPE',
        message: `${name}: ${wrong[2]}`,
      },
      factor: {
        call: (device) => f(ops.zeros(cases[0]?.[0] as Shape, { device }) as Tensor, 0),
        code: 'SINTER_VALUE',
        message: `${name}: ${name === 'channelShuffle' ? 'groups' : 'factor'} 0 is not a positive integer`,
      },
    },
  }
}

export const specs: readonly OpSpec[] = [
  unfold,
  fold,
  shuffle(
    'channelShuffle',
    ops.channelShuffle,
    [
      [[2, 6, 3, 4], 3],
      [[1, 4, 5], 2],
      [[0, 4, 2, 2], 4],
    ],
    [[1, 4, 2, 2], 3, 'the channels of (1, 4, 2, 2) do not divide into 3 groups'],
  ),
  shuffle(
    'pixelShuffle',
    ops.pixelShuffle,
    [
      [[2, 9, 2, 3], 3],
      [[8, 3, 2], 2],
      [[2, 0, 1, 1], 2],
    ],
    [[6, 2, 2], 2, 'the channels of (6, 2, 2) do not divide by 2 * 2'],
  ),
  shuffle(
    'pixelUnshuffle',
    ops.pixelUnshuffle,
    [
      [[2, 2, 6, 3], 3],
      [[2, 4, 2], 2],
      [[1, 0, 2, 2], 2],
    ],
    [[1, 3, 4], 2, 'the planes of (1, 3, 4) do not divide by 2'],
  ),
]
