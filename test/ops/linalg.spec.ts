/** Linear algebra by factors and substitution: triangles, LU, Cholesky. What has arbitrary signs is compared in combinations without. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { OpSpec } from '../opspec/spec.js'
import {
  ANY,
  definite,
  general,
  identity,
  notSquare,
  of,
  pair,
  poisoned,
  reassembled,
  regular,
  SQUARE,
  SYSTEMS,
  singular,
  size,
  spread,
  T,
} from './linalg-matrices.js'

const { linalg: la } = ops

export const specs: readonly OpSpec[] = [
  // ---- triangles
  general(
    'solveTriangular',
    ['solveTriangular'],
    (s) => [
      ...SYSTEMS(s),
      ...pair([
        [4, 4],
        [4, 17],
      ])(s),
    ],
    ([a, b], args) =>
      la.solveTriangular(ops.add(a as Tensor, ops.mul(identity(a as Tensor, size(a as Tensor)), 4)), b as Tensor, args),
    {
      args: [{ upper: true }, { upper: false }, { upper: true, unitriangular: true }],
      errors: {
        fit: {
          call: (device) =>
            la.solveTriangular(ops.zeros([3, 3], { device }), ops.zeros([2, 3], { device }), { upper: true }),
          code: 'SINTER_SHAPE',
          message: 'solveTriangular: (2, 3) does not fit (3, 3)',
        },
      },
    },
  ),
  {
    ...general(
      'solveTriangular of a large matrix, from the right',
      ['solveTriangular'],
      pair([
        [2, 3, 3],
        [2, 2, 3],
      ]),
      ([a, b], args) =>
        la.solveTriangular(
          ops.add(a as Tensor, ops.mul(identity(a as Tensor, size(a as Tensor)), 2 * size(a as Tensor))),
          (b ?? a) as Tensor,
          args,
        ),
      {
        args: [
          { upper: false, left: false },
          { upper: true, left: false },
        ],
        large: [[130, 130]],
      },
    ),
  },
  // ---- LU
  of('lu', ['luFactor', 'pivotsToPermutation'], ANY, (x) => reassembled(la.lu(regular(x))), {
    large: [
      [150, 130],
      [130, 150],
    ],
  }),
  of('luFactor', ['luFactor'], ANY, (x) => Object.values(la.luFactor(regular(x)) as object), {
    errors: {
      singular: poisoned(
        (d) => la.luFactor(singular(d)).lu,
        'luFactor',
        'the matrix of batch entry 1 is singular: pivot 2 of its LU factorization is zero',
      ),
    },
  }),
  of(
    'luFactorEx',
    ['luFactor'],
    SQUARE,
    (x, args) => Object.values(la.luFactorEx(args.pivot === false ? spread(x) : regular(x), args) as object),
    {
      args: [{}, { pivot: false }],
    },
  ),
  of(
    'luUnpack',
    ['luFactor', 'pivotsToPermutation'],
    [
      [3, 3],
      [2, 4, 2],
    ],
    (x) => {
      const { lu, pivots } = la.luFactor(regular(x))
      return reassembled(la.luUnpack(lu, pivots))
    },
  ),
  general(
    'luSolve',
    ['luFactor', 'solveTriangular', 'gather', 'scatterAdd'],
    SYSTEMS,
    ([a, b], { left, adjoint }) => {
      const { lu, pivots } = la.luFactor(regular(a as Tensor))
      return la.luSolve(lu, pivots, left === false ? T(b as Tensor) : (b as Tensor), { left, adjoint })
    },
    {
      args: [
        { left: true, adjoint: false },
        { left: true, adjoint: true },
        { left: false, adjoint: false },
      ],
    },
  ),
  general(
    'solve',
    ['luFactor'],
    (s) => [
      ...SYSTEMS(s),
      ...pair(
        [
          [2, 2, 2],
          [2, 2],
        ],
        [[3, 3], [3]],
      )(s),
    ],
    ([a, b]) => la.solve(regular(a as Tensor), b as Tensor),
    {
      errors: {
        ...notSquare('solve', (x) => la.solve(x, x)),
        singular: poisoned(
          (d) => la.solve(singular(d), ops.ones([2, 1], { device: d })),
          'luFactor',
          'the matrix of batch entry 1 is singular: pivot 2 of its LU factorization is zero',
        ),
      },
    },
  ),
  general('solveEx', ['luFactor'], SYSTEMS, ([a, b]) =>
    Object.values(la.solveEx(regular(a as Tensor), b as Tensor) as object),
  ),
  of('inv', ['luFactor'], SQUARE, (x) => la.inv(regular(x)), {
    large: [[140, 140]],
    errors: notSquare('inv', (x) => la.inv(x)),
  }),
  of('invEx', ['luFactor'], SQUARE, (x) => Object.values(la.invEx(regular(x)) as object)),
  of('det', ['luFactor'], SQUARE, (x) => la.det(regular(x)), { errors: notSquare('det', (x) => la.det(x)) }),
  of('slogdet', ['luFactor'], SQUARE, (x) => Object.values(la.slogdet(regular(x)) as object)),
  of('logdet', ['luFactor'], SQUARE, (x) => la.logdet(spread(x))),
  of(
    'tensorinv',
    ['luFactor'],
    [
      [2, 2, 4],
      [3, 3, 1],
    ],
    (x) => {
      const n = x.shape[0] as number
      return n === 2
        ? la.tensorinv(regular(x.reshape([4, 4])).reshape([2, 2, 4]))
        : la.tensorinv(regular(x.reshape([3, 3])).reshape([3, 3, 1]), 1)
    },
    {
      errors: {
        sizes: {
          call: (device) => la.tensorinv(ops.zeros([2, 3, 4], { device })),
          code: 'SINTER_SHAPE',
          message: 'tensorinv: (2, 3) and (4) of (2, 3, 4) are not equally many elements',
        },
      },
    },
  ),
  general(
    'tensorsolve',
    ['luFactor'],
    pair([[4, 4], [4]]),
    ([a, b], { axes }) =>
      la.tensorsolve(regular(a as Tensor).reshape([2, 2, 2, 2]), (b as Tensor).reshape([2, 2]), axes),
    { args: [{}, { axes: [0, 2] }] },
  ),
  // ---- Cholesky
  of('cholesky', ['choleskyFactor'], SQUARE, (x, args) => la.cholesky(definite(x), args), {
    args: [{}, { upper: true }],
    large: [[150, 150]],
    errors: {
      ...notSquare('cholesky', (x) => la.cholesky(x)),
      indefinite: poisoned(
        (d) => la.cholesky(singular(d)),
        'choleskyFactor',
        'the matrix of batch entry 1 is not positive definite: its leading minor of order 2 is not positive',
      ),
    },
  }),
  of('choleskyEx', ['choleskyFactor'], SQUARE, (x) => Object.values(la.choleskyEx(definite(x)) as object)),
  general(
    'choleskySolve',
    ['solveTriangular'],
    SYSTEMS,
    ([a, b], args) => la.choleskySolve(b as Tensor, la.cholesky(definite(a as Tensor), args), args),
    { args: [{}, { upper: true }] },
  ),
  of('choleskyInverse', ['solveTriangular'], SQUARE, (x) => la.choleskyInverse(la.cholesky(definite(x)))),
]
