/**
 * Linear algebra: lib/ops/linalg. Place in the whole: operands are made regular inside of each call, so that every layout of
 * the sample, repeated elements included, is a matrix that the operator is for; what has arbitrary signs is compared in
 * combinations that do not depend on them.
 */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import type { Accuracy, ErrorCase, OpName, OpSpec, Sample } from '../opspec/spec.js'

const { linalg: la } = ops
const T = (x: Tensor): Tensor => ops.transpose(x)
const identity = (x: Tensor, n: number, m = n): Tensor => ops.eye(n, m, { dtype: x.dtype, device: x.device })
const size = (x: Tensor): number => x.shape.at(-1) as number

/** Far from singular, and pivoting has to exchange rows: x plus a multiple of a turned identity. */
const regular = (x: Tensor): Tensor => {
  const [m, n] = x.shape.slice(-2) as [number, number]
  const turned = ops.concat([identity(x, m, n).slice(-2, 1), identity(x, m, n).slice(-2, 0, 1)], -2)
  return ops.add(x, ops.mul(turned, 4 * Math.max(1, Math.min(m, n))))
}
const ramp = (x: Tensor, n: number): Tensor => ops.add(ops.arange(0, n, 1, { dtype: x.dtype, device: x.device }), 1)
/** Full rank and distinct singular values, well apart. */
const spread = (x: Tensor): Tensor => {
  const [m, n] = x.shape.slice(-2) as [number, number]
  return ops.add(x, ops.mul(identity(x, m, n), ops.mul(ramp(x, n), 7)))
}
/** Symmetric with distinct eigenvalues. */
const symmetric = (x: Tensor): Tensor =>
  ops.add(ops.add(x, T(x)), ops.mul(identity(x, size(x)), ops.mul(ops.sub(ramp(x, size(x)), 2), 9)))
const definite = (x: Tensor): Tensor => ops.add(ops.matmul(x, T(x)), ops.mul(identity(x, size(x)), 4))
/** Columns weighted unequally, so that signs cancel and order counts: v diag(1, 2, ...) v^T. */
const weighted = (v: Tensor): Tensor => ops.matmul(ops.mul(v, ramp(v, size(v))), T(v))

/** The permutation, which has no gradient, in a product. */
const reassembled = ({ p, l, u }: { p: Tensor; l: Tensor; u: Tensor }): Tensor[] => [
  ops.matmul(p, ops.matmul(l, u)),
  l,
  u,
]

const SQUARE: readonly Shape[] = [
  [3, 3],
  [2, 2, 2],
  [1, 1],
  [0, 0],
  [2, 0, 0],
]
const ANY: readonly Shape[] = [
  [3, 3],
  [2, 3, 2],
  [2, 4],
  [5, 2],
  [1, 1],
  [0, 2],
  [3, 0],
]

interface Options {
  large?: readonly Shape[]
  args?: readonly object[]
  result?: OpSpec['result']
  errors?: Record<string, ErrorCase>
  accuracy?: Partial<Accuracy>
}

/** One operand, values of -1 to 1. */
function of(
  name: string,
  rows: readonly OpName[],
  shapes: readonly Shape[],
  call: (x: Tensor, args: any) => Tensor | readonly Tensor[],
  options: Options & { gradient?: boolean } = {},
): OpSpec {
  return general(
    name,
    rows,
    (s) => shapes.map((shape) => [s.values(shape, { low: -1, high: 1 })]),
    ([x], a) => call(x as Tensor, a),
    options,
  )
}

function general(
  name: string,
  rows: readonly OpName[],
  operands: (s: Sampler) => Sample['inputs'][],
  call: (inputs: readonly Tensor[], args: any) => Tensor | readonly Tensor[],
  options: Options & { gradient?: boolean } = {},
): OpSpec {
  return {
    name: `linalg.${name}`,
    ops: rows,
    dtypes: ['f32', 'f64'],
    // What makes operands regular widens bool.
    refuses: ['bf16', 'f16', 'i32', 'i64', 'u8', 'i8'],
    *samples(s) {
      for (const args of options.args ?? [{}]) for (const inputs of operands(s)) yield { inputs, args }
      for (const shape of options.large ?? [])
        yield { inputs: [s.values(shape, { low: -1, high: 1 })], args: options.args?.[0] ?? {}, large: true }
    },
    call,
    accuracy: { roundings: 60, terms: () => 40, magnitude: 'norm', composed: true, ...options.accuracy },
    gradient: options.gradient === false ? null : { roundings: 400 },
    ...(options.result ? { result: options.result } : {}),
    ...(options.errors ? { errors: options.errors } : {}),
  }
}

const pair =
  (...shapes: (readonly [Shape, Shape])[]) =>
  (s: Sampler): Sample['inputs'][] =>
    shapes.map(([a, b]) => [s.values(a, { low: -1, high: 1 }), s.values(b, { low: -1, high: 1 })])
const SYSTEMS = pair(
  [
    [3, 3],
    [3, 2],
  ],
  [
    [2, 2, 2],
    [2, 1],
  ],
  [
    [2, 2],
    [3, 2, 3],
  ],
  [
    [0, 0],
    [0, 2],
  ],
)

const notSquare = (name: string, f: (x: Tensor) => unknown): Record<string, ErrorCase> => ({
  'not square': {
    call: (device) => f(ops.zeros([2, 3], { device })),
    code: 'SINTER_SHAPE',
    message: `${name}: takes square matrices, got (2, 3)`,
  },
})
/** Found by the execution: read back. */
const poisoned = (f: (device: string) => Tensor, op: string, message: string): ErrorCase => ({
  call: (device) => f(device).dataSync(),
  code: 'SINTER_LINEAR_ALGEBRA',
  message: `${op}: ${message}`,
})
const singular = (device: string): Tensor =>
  ops.tensor(
    [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 2],
        [2, 4],
      ],
    ],
    { device },
  ) as Tensor

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
