/**
 * Matrices for the samples of linear algebra, and its OpSpecs' common parts. Place in the whole: shared by linalg.spec.ts and
 * spectral.spec.ts. Operands are made regular inside of each call, so that every layout of the sample, repeated elements included, is
 * a matrix that the operator is for.
 */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import type { Accuracy, ErrorCase, OpName, OpSpec, Sample } from '../opspec/spec.js'

export const T = (x: Tensor): Tensor => ops.transpose(x)
export const identity = (x: Tensor, n: number, m = n): Tensor => ops.eye(n, m, { dtype: x.dtype, device: x.device })
export const size = (x: Tensor): number => x.shape.at(-1) as number

/** Far from singular, and pivoting has to exchange rows: x plus a multiple of a turned identity. */
export const regular = (x: Tensor): Tensor => {
  const [m, n] = x.shape.slice(-2) as [number, number]
  const turned = ops.concat([identity(x, m, n).slice(-2, 1), identity(x, m, n).slice(-2, 0, 1)], -2)
  return ops.add(x, ops.mul(turned, 4 * Math.max(1, Math.min(m, n))))
}
export const ramp = (x: Tensor, n: number): Tensor =>
  ops.add(ops.arange(0, n, 1, { dtype: x.dtype, device: x.device }), 1)
/** Full rank and distinct singular values, well apart. */
export const spread = (x: Tensor): Tensor => {
  const [m, n] = x.shape.slice(-2) as [number, number]
  return ops.add(x, ops.mul(identity(x, m, n), ops.mul(ramp(x, n), 7)))
}
/** Symmetric with distinct eigenvalues. */
export const symmetric = (x: Tensor): Tensor =>
  ops.add(ops.add(x, T(x)), ops.mul(identity(x, size(x)), ops.mul(ops.sub(ramp(x, size(x)), 2), 9)))
export const definite = (x: Tensor): Tensor => ops.add(ops.matmul(x, T(x)), ops.mul(identity(x, size(x)), 4))
/** Columns weighted unequally, so that signs cancel and order counts: v diag(1, 2, ...) v^T. */
export const weighted = (v: Tensor): Tensor => ops.matmul(ops.mul(v, ramp(v, size(v))), T(v))

/** The permutation, which has no gradient, in a product. */
export const reassembled = ({ p, l, u }: { p: Tensor; l: Tensor; u: Tensor }): Tensor[] => [
  ops.matmul(p, ops.matmul(l, u)),
  l,
  u,
]

export const SQUARE: readonly Shape[] = [
  [3, 3],
  [2, 2, 2],
  [1, 1],
  [0, 0],
  [2, 0, 0],
]
export const ANY: readonly Shape[] = [
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
export function of(
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

export function general(
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

export const pair =
  (...shapes: (readonly [Shape, Shape])[]) =>
  (s: Sampler): Sample['inputs'][] =>
    shapes.map(([a, b]) => [s.values(a, { low: -1, high: 1 }), s.values(b, { low: -1, high: 1 })])
export const SYSTEMS = pair(
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

export const notSquare = (name: string, f: (x: Tensor) => unknown): Record<string, ErrorCase> => ({
  'not square': {
    call: (device) => f(ops.zeros([2, 3], { device })),
    code: 'SINTER_SHAPE',
    message: `${name}: takes square matrices, got (2, 3)`,
  },
})
/** Found by the execution: read back. */
export const poisoned = (f: (device: string) => Tensor, op: string, message: string): ErrorCase => ({
  call: (device) => f(device).dataSync(),
  code: 'SINTER_LINEAR_ALGEBRA',
  message: `${op}: ${message}`,
})
export const singular = (device: string): Tensor =>
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
