/** Scans: lib/ops/scan.ts; and the differences and integrals made of them: lib/ops/integrate.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type DType, floatOf, isIntegral } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Domain, Sampler } from '../opspec/sampler.js'
import {
  type Accuracy,
  type Gradient,
  type Input,
  type OpName,
  type OpSpec,
  REALS,
  type Sample,
} from '../opspec/spec.js'

interface Args {
  axis: number
}

const CASES: readonly (readonly [Shape, number])[] = [
  [[], 0],
  [[1], 0],
  [[17], -1],
  [[65], 0],
  [[3, 5, 4], 0],
  [[3, 5, 4], 1],
  [[3, 5, 4], -1],
  [[6, 70], 0],
  [[2, 0], 1],
  [[0, 2], 1],
]
/** Longer than a chunk of one line, and lines of few columns. */
const LARGE: readonly (readonly [Shape, number])[] = [
  [[70_011], 0],
  [[20_011, 3], 0],
]

function* samples(
  s: Sampler,
  draw: (shape: Shape) => Input,
  large: readonly (typeof CASES)[number][],
): Iterable<Sample<Args>> {
  for (const [shape, axis] of CASES) yield { inputs: [draw(shape)], args: { axis } }
  for (const [shape, axis] of large) yield { inputs: [s.values(shape)], args: { axis }, large: true }
}

const length: Accuracy<Args>['terms'] = ([x], { axis }) => x?.shape.at(axis) ?? 1
const wide = (d: DType): DType => (isIntegral(d) ? 'i64' : d)

interface Scan {
  f: (x: Tensor, axis: number) => Tensor | readonly Tensor[]
  rows: readonly OpName[]
  result?: (d: DType, index: number) => DType
  accuracy: Accuracy<Args>
  gradient?: Gradient
  domain?: Domain
  distinct?: boolean
  large?: typeof CASES
}

const table: Record<string, Scan> = {
  cumsum: {
    f: ops.cumsum,
    rows: ['cumsum'],
    result: wide,
    accuracy: {
      roundings: 1,
      terms: length,
      magnitude: ([x], { axis }) => ops.cumsum(ops.abs(x as Tensor), axis),
    },
  },
  cumprod: {
    f: ops.cumprod,
    rows: ['cumprod', 'linearScan'],
    result: wide,
    domain: { low: 0.8, high: 1.25 },
    accuracy: { roundings: 1, terms: length },
    gradient: { roundings: 12 },
    large: [[[211, 101], 1]],
  },
  logcumsumexp: {
    f: ops.logcumsumexp,
    rows: ['logcumsumexp', 'linearScan'],
    result: floatOf,
    accuracy: {
      roundings: 3,
      terms: length,
      magnitude: ([x], { axis }) =>
        ops
          .logcumsumexp(x as Tensor, axis)
          .abs()
          .add(1),
    },
    gradient: { roundings: 24 },
    large: [[[70_011], 0]],
  },
  cummax: {
    f: ops.cummax,
    rows: ['cummax', 'scatterAdd'],
    distinct: true,
    accuracy: { roundings: 0 },
    gradient: { kinks: 'equal elements', roundings: 4 },
  },
  cummin: {
    f: ops.cummin,
    rows: ['cummax', 'scatterAdd'],
    distinct: true,
    accuracy: { roundings: 0 },
    gradient: { kinks: 'equal elements', roundings: 4 },
    large: [],
  },
}

const scans = Object.entries(table).map(
  ([name, { f, rows, result, accuracy, gradient = {}, domain = {}, distinct, large = LARGE }]): OpSpec<Args> => ({
    name,
    ops: rows,
    dtypes: REALS,
    ...(result ? { result } : {}),
    *samples(s) {
      const draw = (shape: Shape): Input => (distinct ? s.distinct(shape) : s.values(shape, s.floating ? domain : {}))
      yield* samples(s, draw, large)
      if (distinct) yield { inputs: [s.specials()], args: { axis: 0 }, differentiable: false }
      if (!s.floating) return
      // Zeros among the factors, of which no derivative may be divided by; -inf that nothing was summed before.
      if (name === 'cumprod')
        for (const zeros of [
          [1, 0, 2, -1.5],
          [0, 3, 0, 2],
        ])
          yield { inputs: [s.given(zeros)], args: { axis: 0 } }
      if (name === 'logcumsumexp') {
        const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN]
        yield { inputs: [s.given([-inf, -inf, 1, 1000, 2, inf, 3, nan])], args: { axis: 0 }, differentiable: false }
      }
    },
    call: ([x], { axis }) => f(x as Tensor, axis),
    accuracy,
    gradient,
    errors: {
      axis: {
        call: (device) => f(ops.zeros([2, 3], { device }), 2),
        code: 'SINTER_SHAPE',
        message: `${name}: axis 2 is out of range for 2 dimensions`,
      },
    },
  }),
)

// ---- differences and integrals

interface DiffArgs {
  n: number
  axis: number
}
const diff: OpSpec<DiffArgs> = {
  name: 'diff',
  ops: ['sub'],
  dtypes: REALS,
  *samples(s) {
    for (const [shape, n, axis] of [
      [[7], 1, -1],
      [[7], 3, 0],
      [[3, 5], 1, 0],
      [[3, 5], 2, 1],
      [[2], 3, 0],
      [[3, 0], 1, 1],
    ] as const) {
      yield { inputs: [s.values(shape), null, null], args: { n, axis } }
    }
    yield { inputs: [s.values([3, 5]), s.values([3, 1]), s.values([3, 2])], args: { n: 1, axis: 1 } }
    yield { inputs: [s.values([3, 5]), s.values([3, 1]), null], args: { n: 0, axis: 1 }, differentiable: false }
  },
  call: ([x, prepend, append], { n, axis }) =>
    ops.diff(x as Tensor, n, axis, { ...(prepend ? { prepend } : {}), ...(append ? { append } : {}) }),
  accuracy: { roundings: 8, magnitude: 'norm', composed: true },
  gradient: {},
  errors: {
    order: {
      call: (device) => ops.diff(ops.zeros([3], { device }), -1),
      code: 'SINTER_VALUE',
      message: 'diff: order -1; it is an integer of at least 0',
    },
  },
}

interface IntegralArgs {
  axis: number
  dx?: number
}
const integral = (name: string, f: typeof ops.trapezoid): OpSpec<IntegralArgs> => ({
  name,
  ops: ['mul', 'add'],
  dtypes: REALS,
  result: floatOf,
  *samples(s) {
    yield { inputs: [s.values([7]), null], args: { axis: 0 } }
    yield { inputs: [s.values([3, 5]), null], args: { axis: 0, dx: 0.5 } }
    yield { inputs: [s.values([3, 5]), s.values([5])], args: { axis: 1 } }
    yield { inputs: [s.values([3, 5]), s.values([3, 5])], args: { axis: -1 } }
    yield { inputs: [s.values([3, 5]), s.values([3, 1])], args: { axis: 0 } }
    yield { inputs: [s.values([3, 1]), null], args: { axis: 1 }, differentiable: false }
    yield { inputs: [s.values([2, 0]), null], args: { axis: 1 }, differentiable: false }
  },
  call: ([y, x], { axis, dx }) => f(y as Tensor, x ?? dx, axis),
  accuracy: { roundings: 8, terms: () => 5, magnitude: 'norm', composed: true },
  gradient: {},
  errors: {
    points: {
      call: (device) => f(ops.zeros([3, 5], { device }), ops.zeros([4], { device })),
      code: 'SINTER_SHAPE',
      message: `${name === 'trapz' ? 'trapezoid' : name}: 4 points for 5 values`,
    },
  },
})

const gradient: OpSpec<ops.GradientOptions & { points?: boolean }> = {
  name: 'gradient',
  ops: ['sub'],
  dtypes: REALS,
  result: floatOf,
  *samples(s) {
    yield { inputs: [s.values([5])], args: {} }
    yield { inputs: [s.values([4, 3])], args: { spacing: 0.5, edgeOrder: 2 } }
    yield { inputs: [s.values([2, 3])], args: { spacing: [0.5, 2] } }
    yield { inputs: [s.values([2, 4])], args: { axes: 1 } }
    const points = { ...s.given([0, 1, 3, 4, 7]), constant: true }
    for (const edgeOrder of [1, 2] as const)
      yield { inputs: [s.values([2, 5]), points], args: { axes: [-1], edgeOrder, points: true } }
  },
  call: ([x, at], { points, ...options }) =>
    ops.gradient(x as Tensor, points ? { ...options, spacing: [at as Tensor] } : options),
  accuracy: { roundings: 16, magnitude: 'norm', composed: true },
  gradient: {},
  errors: {
    'too few points': {
      call: (device) => ops.gradient(ops.zeros([2], { device }), { edgeOrder: 2 }),
      code: 'SINTER_SHAPE',
      message: 'gradient: axis 0 of (2) has 2 points; at least 3 are needed',
    },
  },
}

export const specs: readonly OpSpec[] = [
  ...scans,
  diff,
  integral('trapezoid', ops.trapezoid),
  integral('trapz', ops.trapz),
  integral('cumulativeTrapezoid', ops.cumulativeTrapezoid),
  gradient,
]
