/** Einstein summation: lib/ops/einsum.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, INTEGERS, type OpSpec } from '../opspec/spec.js'

const CASES: readonly (readonly [string, readonly Shape[]])[] = [
  ['i->', [[3]]],
  ['ij->ji', [[2, 3]]],
  ['ii->i', [[3, 3]]],
  ['iji->j', [[2, 3, 2]]],
  [
    'ij,jk',
    [
      [2, 3],
      [3, 4],
    ],
  ],
  ['i,j->ij', [[2], [3]]],
  [
    'bij,bjk->bik',
    [
      [2, 2, 3],
      [2, 3, 2],
    ],
  ],
  [
    '...ij,...jk->...ik',
    [
      [2, 1, 2, 3],
      [3, 3, 2],
    ],
  ],
  [
    'b...,b...->b',
    [
      [2, 3],
      [2, 3],
    ],
  ],
  ['a...a->...', [[2, 3, 2]]],
  [
    'ij,kj->ik',
    [
      [2, 1],
      [3, 4],
    ],
  ],
  [
    'ij,jk,kl->il',
    [
      [2, 3],
      [3, 2],
      [2, 3],
    ],
  ],
  ['ij,j,ik,k->i', [[2, 3], [3], [2, 2], [2]]],
  [
    'Ba,aB->',
    [
      [2, 3],
      [3, 2],
    ],
  ],
  [
    'ab,bc,cd,de,ef,fg,gh,ha->',
    [
      [2, 2],
      [2, 1],
      [1, 2],
      [2, 2],
      [2, 1],
      [1, 2],
      [2, 1],
      [1, 2],
    ],
  ],
  [',i->i', [[], [3]]],
  [
    'ij,jk->ik',
    [
      [2, 0],
      [0, 3],
    ],
  ],
]

const einsum: OpSpec = {
  name: 'einsum',
  ops: ['matmul', 'mul', 'sum'],
  dtypes: [...FLOATS, ...INTEGERS],
  refuses: [],
  *samples(s) {
    for (const [equation, shapes] of CASES)
      yield { inputs: shapes.map((shape) => s.values(shape, { low: -1.5, high: 1.5 })), args: { equation } }
  },
  call: (inputs, { equation }) => ops.einsum(equation, ...inputs),
  accuracy: {
    roundings: 8,
    serial: true,
    composed: true,
    terms: () => 16,
    magnitude: (inputs, { equation }) => ops.einsum(equation, ...inputs.map((t: Tensor) => ops.abs(t))),
  },
  gradient: {},
  errors: {
    sizes: {
      call: (device) => ops.einsum('ij,jk->ik', ops.zeros([2, 3], { device }), ops.zeros([4, 5], { device })),
      code: 'SINTER_SHAPE',
      message: "einsum: dimension 'j' of 'ij,jk->ik' is 3 and 4",
    },
    operands: {
      call: (device) => ops.einsum('ij,jk->ik', ops.zeros([2, 3], { device })),
      code: 'SINTER_VALUE',
      message: "einsum: 'ij,jk->ik' describes 2 operands, got 1",
    },
    result: {
      call: (device) => ops.einsum('ij->ik', ops.zeros([2, 3], { device })),
      code: 'SINTER_VALUE',
      message: "einsum: the result of 'ij->ik' names 'k', which no operand has",
    },
    rank: {
      call: (device) => ops.einsum('ijk->k', ops.zeros([2, 3], { device })),
      code: 'SINTER_SHAPE',
      message: "einsum: 'ijk' names 3 dimensions of a tensor that has 2",
    },
  },
}

export const specs: readonly OpSpec[] = [einsum]
