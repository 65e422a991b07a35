/**
 * Linear algebra by orthogonal matrices, and what rests on it: QR, eigenvalues, singular values, pseudoinverses, norms, functions of
 * matrices. What has arbitrary signs is compared in combinations without.
 */
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
  ramp,
  regular,
  SQUARE,
  SYSTEMS,
  size,
  spread,
  symmetric,
  T,
  weighted,
} from './linalg-matrices.js'

const { linalg: la } = ops

export const specs: readonly OpSpec[] = [
  // ---- QR
  of('geqrf', ['geqrf'], ANY, (x) => Object.values(la.geqrf(spread(x)) as object), {
    gradient: false,
    large: [[150, 130]],
  }),
  of('qr', ['geqrf'], ANY, (x) => Object.values(la.qr(spread(x)) as object), {
    errors: {
      mode: {
        call: (device) => la.qr(ops.zeros([2, 2], { device }), { mode: 'full' as 'r' }),
        code: 'SINTER_VALUE',
        message: "qr: mode 'full' is not 'reduced', 'complete' or 'r'",
      },
    },
  }),
  of(
    'qr in other modes',
    ['geqrf'],
    [
      [3, 2],
      [2, 3],
    ],
    (x, args) => Object.values(la.qr(spread(x), args) as object).slice(args.mode === 'r' ? 1 : 0),
    {
      gradient: false,
      args: [{ mode: 'complete' }, { mode: 'r' }],
    },
  ),
  general(
    'householderProduct',
    ['solveTriangular'],
    pair(
      [[3, 3], [3]],
      [
        [2, 4, 3],
        [2, 2],
      ],
      [[3, 2], [0]],
    ),
    ([a, t]) => la.householderProduct(a as Tensor, t as Tensor),
  ),
  general(
    'ormqr',
    ['solveTriangular'],
    (s) => [
      [
        s.values([3, 2], { low: -1, high: 1 }),
        s.values([2], { low: -1, high: 1 }),
        s.values([3, 3], { low: -1, high: 1 }),
      ],
    ],
    ([a, t, c], args) => la.ormqr(a as Tensor, t as Tensor, c as Tensor, args),
    { args: [{}, { transpose: true }, { left: false }, { left: false, transpose: true }] },
  ),
  // ---- eigenvalues and singular values
  of(
    'eigh',
    ['eigh'],
    [...SQUARE, [5, 5], [2, 30, 30]],
    (x, args) => {
      const { values, vectors } = la.eigh(symmetric(x), args)
      return [values, weighted(vectors)]
    },
    {
      args: [{}, { upper: true }],
      errors: {
        ...notSquare('eigh', (x) => la.eigh(x)),
        infinite: poisoned(
          (d) => la.eigh(ops.full([1, 2, 2], Number.NaN, { device: d })).values,
          'eigh',
          'the eigenvalues of batch entry 0 did not converge: its elements are not finite, or too many are equal',
        ),
      },
    },
  ),
  of('eigvalsh', ['eigh'], SQUARE, (x) => la.eigvalsh(symmetric(x)), { large: [[16, 20, 20]] }),
  of(
    'svd',
    ['svd'],
    [...ANY, [2, 30, 20]],
    (x, args) => {
      const { u, s, vh } = la.svd(spread(x), args)
      const k = s.shape.at(-1) as number
      const [left, right] = [u.narrow(-1, 0, k), vh.narrow(-2, 0, k)]
      return [s, weighted(left), weighted(T(right)), ops.matmul(ops.mul(left, ramp(x, k)), right)]
    },
    {
      args: [{ fullMatrices: false }, { fullMatrices: true }],
      errors: {
        infinite: poisoned(
          (d) => la.svd(ops.full([1, 2, 2], Number.NaN, { device: d })).s,
          'svd',
          'the singular values of batch entry 0 did not converge: its elements are not finite, or too many are equal',
        ),
      },
    },
  ),
  of(
    'svd completed',
    ['svd'],
    [
      [4, 2],
      [2, 4],
      [9, 2],
      [2, 9],
      [0, 2],
    ],
    (x) => {
      const { u, vh } = la.svd(spread(x))
      return [ops.matmul(u, T(u)), ops.matmul(vh, T(vh))]
    },
    { gradient: false },
  ),
  of('svdvals', ['svd'], ANY, (x) => la.svdvals(spread(x)), { large: [[16, 24, 20]] }),
  // Of rank 2 at most, so that the random projection loses nothing.
  of(
    'svdLowrank',
    ['svd', 'geqrf'],
    [
      [4, 2],
      [2, 3, 2],
    ],
    (x, { centred }) => {
      const y = ops.matmul(spread(x), T(x.add(1)))
      const { u, s, v } = la.svdLowrank(y, { q: 2, mean: centred ? y.mean(-2, { keepDim: true }) : null })
      return [s, ops.matmul(ops.mul(u, s.unsqueeze(-2)), T(v))]
    },
    {
      args: [{ centred: false }, { centred: true }],
      accuracy: { roundings: 1000 },
      gradient: false,
      errors: {
        probe: {
          call: (device) =>
            la.svdLowrank(ops.zeros([4, 3], { device }), { q: 2, probe: ops.zeros([4, 2], { device }) }),
          code: 'SINTER_SHAPE',
          message: 'svdLowrank: the probe is (4, 2), not (3, 2)',
        },
      },
    },
  ),
  of(
    'pcaLowrank',
    ['svd', 'geqrf'],
    [
      [4, 2],
      [2, 3, 2],
    ],
    (x) => {
      const { u, s, v } = la.pcaLowrank(spread(x), { q: 2 })
      return [s, ops.matmul(ops.mul(u, s.unsqueeze(-2)), T(v))]
    },
    { accuracy: { roundings: 1000 } },
  ),
  // ---- pseudoinverses
  of('pinv', ['svd'], ANY, (x) => la.pinv(spread(x))),
  of(
    'pinv of a singular matrix',
    ['svd'],
    [
      [4, 2],
      [2, 3, 1],
    ],
    (x) => la.pinv(ops.matmul(spread(x), T(x.add(1))), { atol: 0.01 }),
    { gradient: false },
  ),
  of('pinv of a symmetric matrix', ['eigh'], SQUARE, (x) =>
    la.pinv(symmetric(x).add(identity(x, size(x)).mul(2)), { hermitian: true }),
  ),
  of(
    'matrixRank',
    ['svd', 'eigh'],
    [...ANY.slice(0, 3), [0, 0]],
    (x, args) => la.matrixRank(args.hermitian ? definite(ops.matmul(x, T(x))) : spread(x), args),
    {
      gradient: false,
      args: [{}, { rtol: 0.5 }, { atol: 10 }, { hermitian: true }],
      result: () => 'i64',
    },
  ),
  general(
    'lstsq',
    ['svd', 'geqrf'],
    pair(
      [
        [4, 2],
        [4, 2],
      ],
      [
        [2, 3],
        [2, 1],
      ],
      [
        [2, 3, 2],
        [3, 1],
      ],
    ),
    ([a, b], { driver }) => {
      const { solution, residuals } = la.lstsq(spread(a as Tensor), b as Tensor, { driver })
      return [solution, residuals]
    },
    {
      args: [{ driver: 'gels' }, { driver: 'gelsd' }],
      errors: {
        driver: {
          call: (device) =>
            la.lstsq(ops.zeros([2, 2], { device }), ops.zeros([2, 2], { device }), { driver: 'gel' as 'gels' }),
          code: 'SINTER_VALUE',
          message: "lstsq: driver 'gel' is not 'gels', 'gelsy', 'gelsd' or 'gelss'",
        },
      },
    },
  ),
  // ---- norms
  of(
    'matrixNorm',
    ['svd', 'sum'],
    [
      [3, 3],
      [2, 3, 2],
    ],
    (x, { order }) => la.matrixNorm(spread(x), order),
    {
      args: (['fro', 'nuc', 1, -1, 2, -2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const).map(
        (order) => ({ order }),
      ),
      errors: {
        order: {
          call: (device) => la.matrixNorm(ops.zeros([2, 2], { device }), 3),
          code: 'SINTER_VALUE',
          message: "matrixNorm: order 3 is not 'fro', 'nuc', 1, 2, Infinity or one of their negatives",
        },
        axes: {
          call: (device) => la.matrixNorm(ops.zeros([2, 2], { device }), 2, [1, -1]),
          code: 'SINTER_SHAPE',
          message: 'matrixNorm: axes 1 and -1 of (2, 2) are the same',
        },
      },
    },
  ),
  of(
    'matrixNorm along axes',
    ['sum'],
    [[2, 3, 2]],
    (x, { axes, keepDim }) => la.matrixNorm(x.add(2), 'fro', axes, { keepDim }),
    {
      args: [
        { axes: [2, 0], keepDim: true },
        { axes: [0, 1], keepDim: false },
      ],
    },
  ),
  of(
    'cond',
    ['svd', 'luFactor'],
    [
      [3, 3],
      [2, 2, 2],
    ],
    (x, { order }) => la.cond(spread(x), order),
    {
      args: (['fro', 2, -2] as const).map((order) => ({ order })),
    },
  ),
  // Sums of absolute values: zeros of the inverse are kinks.
  of('cond by sums', ['luFactor'], [[3, 3]], (x, { order }) => la.cond(spread(x), order), {
    args: [1, Number.NEGATIVE_INFINITY].map((order) => ({ order })),
    gradient: false,
  }),
  // ---- functions of matrices
  {
    ...of(
      'matrixPower',
      ['matmul', 'luFactor'],
      SQUARE,
      (x, { power }) => la.matrixPower(regular(x).mul(0.25), power),
      {
        args: [0, 1, 2, 5, -2].map((power) => ({ power })),
        errors: {
          fraction: {
            call: (device) => la.matrixPower(ops.zeros([2, 2], { device }), 0.5),
            code: 'SINTER_VALUE',
            message: 'matrixPower: power 0.5 is not an integer',
          },
        },
      },
    ),
    refuses: [],
  },
  of('matrixExp', ['matrixExp'], SQUARE, (x, { scale }) => la.matrixExp(x.mul(scale)), {
    args: [{ scale: 1 }, { scale: 8 }],
    large: [[100, 100]],
    accuracy: { roundings: 400 },
  }),
  of('ldlFactor', ['ldlFactor'], [...SQUARE, [6, 6]], (x) => Object.values(la.ldlFactor(symmetric(x)) as object), {
    gradient: false,
    errors: {
      singular: poisoned(
        (d) => la.ldlFactor(ops.zeros([2, 2], { device: d })).ld,
        'ldlFactor',
        'the matrix of batch entry 0 is singular: block 1 of its LDL factorization is zero',
      ),
    },
  }),
  of(
    'ldlFactorEx',
    ['ldlFactor'],
    [[5, 5]],
    (x) => Object.values(la.ldlFactorEx(ops.add(x, T(x)).sub(identity(x, 5).mul(x))) as object),
    { gradient: false },
  ),
  general(
    'ldlSolve',
    ['ldlSolve'],
    SYSTEMS,
    ([a, b]) => {
      // No diagonal: blocks of order 2.
      const x = symmetric(a as Tensor)
      const { ld, pivots } = la.ldlFactorEx(
        size(x) === 2 ? ops.sub(x, ops.mul(x, identity(x, 2))).add(ops.tril(x.mul(0).add(2), -1)) : x,
      )
      return la.ldlSolve(ld, pivots, b as Tensor)
    },
    { gradient: false },
  ),
]
