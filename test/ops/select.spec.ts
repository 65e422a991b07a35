/** Choosing between values: lib/ops/select.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { LARGE, LENGTHS } from '../opspec/sampler.js'
import { type OpSpec, REALS } from '../opspec/spec.js'

const where: OpSpec = {
  name: 'where',
  ops: ['where'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const n of LENGTHS) yield { inputs: [s.mask([n]), s.values([n]), s.values([n])], args: {} }
    for (const [c, a, b] of [
      [[], [], []],
      [[3, 1], [3, 4], [4]],
      [[4], [3, 1], []],
      [
        [2, 3, 4],
        [3, 4],
        [2, 1, 4],
      ],
      [[2, 0, 3], [3], []],
    ] as const) {
      yield { inputs: [s.mask(c), s.values(a), s.values(b)], args: {} }
    }
    const special = s.specials()
    yield { inputs: [s.mask(special.shape), special, s.values(special.shape)], args: {}, differentiable: false }
    yield { inputs: [s.mask([LARGE]), s.values([LARGE]), s.values([LARGE])], args: {}, large: true }
  },
  call: ([c, a, b]) => ops.where(c as Tensor, a as Tensor, b as Tensor),
  accuracy: { roundings: 0 },
  gradient: {},
  signedZeros: true,
  errors: {
    'mask dtype': {
      call: (device) => ops.where(ops.zeros([2], { device }), 1, 2),
      code: 'SINTER_DTYPE',
      message: 'where: the mask is f32, not bool; compare it (x.ne(0)) or convert it',
    },
    shapes: {
      call: (device) => ops.where(ops.zeros([2], { device, dtype: 'bool' }), ops.zeros([3], { device }), 2),
      code: 'SINTER_SHAPE',
      message: 'where: shapes (2) and (3) do not broadcast: 2 and 3 at dimension -1',
    },
  },
}

const maskedFill: OpSpec<{ value: number }> = {
  name: 'maskedFill',
  ops: ['maskedFill'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    const values = s.floating ? [0, 1.5, Number.NEGATIVE_INFINITY] : [0, 1]
    for (const value of values) {
      const differentiable = Number.isFinite(value)
      for (const n of LENGTHS) yield { inputs: [s.values([n]), s.mask([n])], args: { value }, differentiable }
      for (const [x, m] of [
        [[], []],
        [
          [3, 4],
          [3, 1],
        ],
        [[2, 3, 4], [4]],
        [[2, 0, 3], [3]],
        [[4], [3, 4]],
        [
          [3, 1],
          [2, 1, 5],
        ],
      ] as const) {
        yield { inputs: [s.values(x), s.mask(m)], args: { value }, differentiable }
      }
    }
    yield { inputs: [s.values([LARGE]), s.mask([LARGE])], args: { value: 1 }, large: true }
  },
  call: ([x, m], { value }) => ops.maskedFill(x as Tensor, m as Tensor, value),
  accuracy: { roundings: 0 },
  gradient: {},
  errors: {
    shapes: {
      call: (device) => ops.maskedFill(ops.zeros([2], { device }), ops.zeros([3], { device, dtype: 'bool' }), 0),
      code: 'SINTER_SHAPE',
      message: 'maskedFill: shapes (2) and (3) do not broadcast: 2 and 3 at dimension -1',
    },
  },
}

const triangle = (name: 'tril' | 'triu', f: typeof ops.tril): OpSpec<{ diagonal: number }> => ({
  name,
  ops: ['tril'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const diagonal of [0, -1, 2, -9, 9]) {
      for (const shape of [
        [1, 1],
        [3, 3],
        [4, 7],
        [9, 5],
        [2, 3, 4, 5],
        [0, 3],
        [17, 33],
      ])
        yield { inputs: [s.values(shape)], args: { diagonal } }
    }
    yield { inputs: [s.values([401, 373])], args: { diagonal: 1 }, large: true }
  },
  call: ([x], { diagonal }) => f(x as Tensor, diagonal),
  accuracy: { roundings: 0 },
  gradient: {},
  errors: {
    rank: {
      call: (device) => f(ops.zeros([3], { device })),
      code: 'SINTER_SHAPE',
      message: `${name}: takes matrices, got (3)`,
    },
  },
})

export const specs: readonly OpSpec[] = [where, maskedFill, triangle('tril', ops.tril), triangle('triu', ops.triu)]
