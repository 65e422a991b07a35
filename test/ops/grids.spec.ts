/** Grids, choices and powers: lib/ops/grids.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, INTEGERS, type OpSpec, REALS } from '../opspec/spec.js'
import { SHAPE, VALUE, view } from '../opspec/structural.js'

const meshgrid: OpSpec<{ indexing?: 'ij' | 'xy' }> = {
  name: 'meshgrid',
  ops: [],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    yield { inputs: [s.values([3]), s.values([]), s.values([2])], args: { indexing: 'xy' } }
    yield { inputs: [s.values([3]), s.values([2])], args: {} }
    yield { inputs: [s.values([3])], args: { indexing: 'xy' } }
  },
  call: (inputs, options) => ops.meshgrid(inputs, options),
  accuracy: { roundings: 0 },
  gradient: { roundings: 4 },
  errors: {
    rank: {
      call: (device) => ops.meshgrid([ops.zeros([2, 2], { device }) as Tensor]),
      code: SHAPE,
      message: 'meshgrid: takes vectors, got (2, 2)',
    },
    indexing: {
      call: (device) => ops.meshgrid([ops.zeros([2], { device }) as Tensor], { indexing: 'yx' as 'xy' }),
      code: VALUE,
      message: "meshgrid: indexing 'yx' is not 'ij' or 'xy'",
    },
  },
}

const cartesianProd: OpSpec<null> = {
  name: 'cartesianProd',
  ops: [],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    yield { inputs: [s.values([3]), s.values([1]), s.values([2])], args: null }
    yield { inputs: [s.values([3])], args: null }
    yield { inputs: [s.values([3]), s.values([0])], args: null }
  },
  call: (inputs) => ops.cartesianProd(...inputs),
  accuracy: { roundings: 0 },
  gradient: { roundings: 4 },
}

export const specs: readonly OpSpec[] = [
  meshgrid,
  cartesianProd,
  {
    ...view(
      'combinations',
      ops.combinations,
      [
        [[4], []],
        [[4], [3, { withReplacement: true }]],
        [[2], [3]],
        [[3], [1]],
        [[3], [0]],
      ],
      {
        rank: [[2, 2], [], SHAPE, 'takes a vector, got (2, 2)'],
        count: [[2], [-1], VALUE, '-1 is not a number of elements'],
      },
    ),
    gradient: { roundings: 8 },
  },
  {
    ...view(
      'vander',
      ops.vander,
      [
        [[3], []],
        [[2, 3], [{ n: 4, increasing: true }]],
        [[2], [{ n: 1 }]],
        [[2], [{ n: 0 }]],
      ],
      { scalar: [[], [], SHAPE, 'a tensor of rank 0 has no axis; reshape it to (1)'] },
    ),
    dtypes: [...FLOATS, ...INTEGERS],
    refuses: [],
    accuracy: { roundings: 4, composed: true },
    gradient: { roundings: 12 },
  },
]
