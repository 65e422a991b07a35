/**
 * Linear algebra of complex matrices, and eigenvalues of general ones: lib/ops/linalg. Complex operands are real pairs (..., 2)
 * that become complex inside the call, as in complex.spec.ts. Eigenvalues come in no order and eigenvectors with any phase, so
 * what is compared are sums over all of them: powers of the values, and values times projectors.
 */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { ErrorCase, OpName, OpSpec, Sample } from '../opspec/spec.js'

const { linalg: la } = ops
const identity = (x: Tensor): Tensor =>
  ops.eye(x.shape.at(-1) as number, undefined, { dtype: x.dtype, device: x.device })
const mH = (x: Tensor): Tensor => ops.conj(ops.transpose(x))

/** Far from singular, with an exchange of rows. */
const regular = (x: Tensor): Tensor => {
  const n = x.shape.at(-1) as number
  return ops.add(x, ops.mul(ops.roll(identity(x), 1, 0), { re: 3 * Math.max(1, n), im: n }))
}
/** Eigenvalues that are far apart. */
const apart = (x: Tensor): Tensor => {
  const n = x.shape.at(-1) as number
  const steps = ops.arange(0, n, 1, { dtype: x.dtype.startsWith('c') ? 'f32' : x.dtype, device: x.device })
  return ops.add(x, ops.mul(identity(x), ops.mul(steps, 5)))
}
const definite = (x: Tensor): Tensor => ops.add(ops.matmul(x, mH(x)), ops.mul(identity(x), 4))
const parts = (y: Tensor): Tensor => (y.dtype.startsWith('c') ? ops.viewAsReal(y) : y)

interface Options {
  gradient?: boolean
  large?: Shape
  real?: boolean
  errors?: Record<string, ErrorCase>
}

function of(
  name: string,
  rows: readonly OpName[],
  shapes: readonly (readonly Shape[])[],
  call: (...operands: any[]) => Tensor | readonly Tensor[],
  { gradient = true, large, real = false, errors }: Options = {},
): OpSpec {
  const tail = real ? [] : [2]
  return {
    name: `linalg.${name}`,
    ops: rows,
    dtypes: ['f32', 'f64'],
    // What keeps eigenvalues apart widens bool.
    refuses: ['bf16', 'f16', 'i32', 'i64', 'u8', 'i8'],
    *samples(s): Iterable<Sample> {
      const values = (shape: Shape) => s.values([...shape, ...tail], { low: -1, high: 1 })
      for (const list of shapes) yield { inputs: list.map(values), args: {} }
      if (large) yield { inputs: [values(large)], args: {}, large: true }
    },
    call: (inputs) => {
      const y = call(...(real ? inputs : inputs.map((x) => ops.viewAsComplex(x))))
      return Array.isArray(y) ? y.map(parts) : parts(y as Tensor)
    },
    accuracy: { roundings: 60, terms: () => 40, magnitude: 'norm', composed: true },
    gradient: gradient ? { roundings: 400 } : null,
    ...(errors ? { errors } : {}),
  }
}

const SQUARE: readonly (readonly Shape[])[] = [[[3, 3]], [[2, 2, 2]], [[1, 1]], [[0, 0]], [[2, 0, 0]]]
const SYSTEMS: readonly (readonly Shape[])[] = [
  [
    [3, 3],
    [3, 2],
  ],
  [[3, 3], [3]],
  [
    [2, 1, 3, 3],
    [4, 3, 2],
  ],
]

/** Sums of the first powers. */
const powers = (w: Tensor): Tensor =>
  ops.stack([ops.sum(w, -1), ops.sum(ops.square(w), -1), ops.sum(ops.mul(w, ops.square(w)), -1)], -1)
const projectors = ({ values, vectors }: { values: Tensor; vectors: Tensor }): Tensor =>
  ops.matmul(ops.mul(vectors, ops.unsqueeze(values, -2)), mH(vectors))
const poisoned = (call: ErrorCase['call'], message: string): ErrorCase => ({
  call,
  code: 'SINTER_LINEAR_ALGEBRA',
  message,
})
const NOT_FINITE =
  'the eigenvalues of batch entry 0 did not converge: its elements are not finite, or too many are equal'

export const specs: readonly OpSpec[] = [
  of('eigvals', ['eig'], [...SQUARE, [[6, 6]]], (x) => powers(la.eigvals(apart(x))), {
    real: true,
    errors: {
      nan: poisoned((device) => la.eigvals(ops.full([2, 2], Number.NaN, { device })).dataSync(), `eig: ${NOT_FINITE}`),
      shape: {
        call: (device) => la.eigvals(ops.zeros([2, 3], { device })),
        code: 'SINTER_SHAPE',
        message: 'eigvals: takes square matrices, got (2, 3)',
      },
    },
  }),
  of('eigvals complex', ['eig'], [...SQUARE, [[6, 6]]], (x) => powers(la.eigvals(apart(x)))),
  of('eig', ['eig', 'gaugeReal', 'solveTriangular'], [...SQUARE, [[5, 5]]], (x) => projectors(la.eig(apart(x))), {
    real: true,
    errors: {
      infinity: poisoned(
        (device) => la.eig(ops.full([2, 2], Number.POSITIVE_INFINITY, { device })).vectors.dataSync(),
        `eig: ${NOT_FINITE}`,
      ),
      dtype: {
        call: (device) => la.eig(ops.zeros([2, 2], { device, dtype: 'i32' })),
        code: 'SINTER_DTYPE',
        message: "eig: takes f32, f64, c64 and c128, not i32; convert it with .to('f32')",
      },
    },
  }),
  of('eig complex', ['eig', 'gaugeReal'], [...SQUARE, [[5, 5]]], (x) => projectors(la.eig(apart(x)))),
  of('solve complex', ['luFactor', 'solveTriangular', 'conj'], SYSTEMS, (a, b) => la.solve(regular(a), b)),
  of(
    'solve complex from the right',
    ['luFactor'],
    [
      [
        [3, 3],
        [2, 3],
      ],
    ],
    (a, b) => la.solve(regular(a), b, { left: false }),
  ),
  of('inv complex', ['luFactor'], SQUARE, (x) => la.inv(regular(x))),
  of('det complex', ['luFactor', 'mul'], SQUARE, (x) => la.det(regular(x))),
  of('slogdet complex', ['luFactor', 'sgn'], SQUARE, (x) => Object.values(la.slogdet(regular(x)))),
  of('logdet complex', ['luFactor'], [[[3, 3]]], (x) => la.logdet(regular(x))),
  ...[false, true].map((upper) =>
    of(`cholesky complex, upper ${upper}`, ['choleskyFactor', 'conj'], [...SQUARE, [[5, 5]]], (x) =>
      la.cholesky(definite(x), { upper }),
    ),
  ),
  of(
    'choleskySolve complex',
    ['choleskyFactor', 'solveTriangular'],
    SYSTEMS.filter(([, b]) => (b as Shape).length > 1),
    (a, b) => [false, true].map((upper) => la.choleskySolve(b, la.cholesky(definite(a), { upper }), { upper })),
  ),
  of('choleskyInverse complex', ['choleskyFactor'], [[[3, 3]]], (x) => la.choleskyInverse(la.cholesky(definite(x)))),
  ...[0, 3, -2].map((power) =>
    of(`matrixPower complex, ${power}`, [], [[[3, 3]], [[2, 2, 2]]], (x) =>
      la.matrixPower(regular(x).mul(0.25), power),
    ),
  ),
  ...(['fro', 1, Number.NEGATIVE_INFINITY] as const).map((order) =>
    of(`matrixNorm complex, ${order}`, ['abs'], [[[3, 3]], [[2, 4]]], (x) => la.matrixNorm(ops.add(x, 2), order)),
  ),
  of('lu complex', ['luFactor'], [[[3, 3]], [[2, 4]], [[4, 2]]], (x) => {
    const { p, l, u } = la.lu(x.shape.at(-1) === x.shape.at(-2) ? regular(x) : x)
    return [ops.matmul(ops.matmul(p, l), u), l, u]
  }),
  ...[false, true].flatMap((adjoint) =>
    [false, true].map((left) =>
      of(
        `luSolve complex, adjoint ${adjoint}, left ${left}`,
        ['luFactor', 'solveTriangular'],
        [
          [
            [3, 3],
            [3, 3],
          ],
        ],
        (a, b) => {
          const { lu, pivots } = la.luFactor(regular(a))
          return la.luSolve(lu, pivots, b, { adjoint, left })
        },
      ),
    ),
  ),
  ...[false, true].map((upper) =>
    of(`solveTriangular complex, upper ${upper}`, ['solveTriangular'], SYSTEMS.slice(0, 1), (a, b) =>
      la.solveTriangular(ops.add(a, ops.mul(identity(a), 4)), b, { upper }),
    ),
  ),
]
