/** Moments, counts, covariances and norms: lib/ops/statistics.ts, lib/ops/vector-norm.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type DType, floatOf } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Domain, Sampler } from '../opspec/sampler.js'
import { type Accuracy, FLOATS, type Gradient, type OpName, type OpSpec, REALS, type Sample } from '../opspec/spec.js'
import { reduced } from './reduce.spec.js'

interface Args {
  axes?: number | readonly number[]
  keepDim?: boolean
  correction?: number
  p?: number
}

const CASES: readonly (readonly [Shape, Args])[] = [
  [[], {}],
  [[9], {}],
  [[3, 4, 5], {}],
  [[3, 4, 5], { axes: 1 }],
  [[3, 4, 5], { axes: [0, 2], keepDim: true }],
  [[2, 130], { axes: 0 }],
  [[7, 33], { axes: -1 }],
]
/** For the kernels of this family alone. */
const LARGE: readonly (readonly [Shape, Args])[] = [[[70_011], {}]]

const terms: Accuracy<Args>['terms'] = ([x], { axes }) => reduced(x ?? null, axes)

function* samples(s: Sampler, domain: Domain, more: readonly Args[], large: boolean): Iterable<Sample<Args>> {
  for (const [i, [shape, args]] of CASES.entries())
    yield { inputs: [s.values(shape, domain)], args: { ...args, ...more[i % more.length] } }
  yield { inputs: [s.values([3, 0])], args: { axes: 1, ...more[0] }, differentiable: false }
  const special = s.specials()
  const rows = s.values([special.values.length, 3], domain)
  special.values.forEach((v, i) => {
    rows.values[3 * i + 1] = v
  })
  for (const args of more) yield { inputs: [rows], args: { axes: 1, ...args }, differentiable: false }
  if (large)
    for (const [shape, args] of LARGE)
      yield { inputs: [s.values(shape, domain)], args: { ...args, ...more[0] }, large: true }
}

interface Reduction {
  f: (x: Tensor, args: Args) => Tensor | readonly Tensor[]
  rows: readonly OpName[]
  dtypes?: readonly DType[]
  result?: (d: DType) => DType
  accuracy: Accuracy<Args>
  gradient?: Gradient | null
  domain?: Domain
  more?: readonly Args[]
}

const deviates: Accuracy<Args> = { roundings: 6, terms, magnitude: 'norm' }
const table: Record<string, Reduction> = {
  nansum: {
    f: (x, { axes, keepDim }) => ops.nansum(x, axes, { keepDim: keepDim ?? false }),
    rows: ['nansum'],
    dtypes: FLOATS,
    accuracy: {
      roundings: 1,
      terms,
      magnitude: ([x], { axes, keepDim }) => ops.nansum(ops.abs(x as Tensor), axes, { keepDim: keepDim ?? false }),
    },
  },
  nanmean: {
    f: (x, { axes, keepDim }) => ops.nanmean(x, axes, { keepDim: keepDim ?? false }),
    rows: ['nansum', 'countNonzero'],
    dtypes: FLOATS,
    accuracy: {
      roundings: 3,
      terms,
      composed: true,
      magnitude: ([x], { axes, keepDim }) => ops.nanmean(ops.abs(x as Tensor), axes, { keepDim: keepDim ?? false }),
    },
  },
  countNonzero: {
    f: (x, { axes, keepDim }) => ops.countNonzero(x, axes, { keepDim: keepDim ?? false }),
    rows: ['countNonzero'],
    result: () => 'i64',
    accuracy: { roundings: 0 },
    gradient: null,
  },
  varMean: {
    f: (x, { axes, keepDim, correction }) =>
      ops.varMean(x, axes, { keepDim: keepDim ?? false, correction: correction ?? 1 }),
    rows: ['variance', 'mean'],
    dtypes: FLOATS,
    more: [{ correction: 0 }],
    accuracy: deviates,
  },
  stdMean: {
    f: (x, { axes, keepDim, correction }) =>
      ops.stdMean(x, axes, { keepDim: keepDim ?? false, correction: correction ?? 1 }),
    rows: ['variance', 'mean', 'sqrt'],
    dtypes: FLOATS,
    more: [{ correction: 0 }],
    accuracy: deviates,
    gradient: { kinks: 'deviation 0', roundings: 24 },
  },
  vectorNorm: {
    f: (x, { axes, keepDim, p }) => ops.vectorNorm(x, p, axes, { keepDim: keepDim ?? false }),
    rows: ['vectorNorm'],
    dtypes: FLOATS,
    domain: { avoid: [0] },
    more: [2, 1, 3, 0, 0.5, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((p) => ({ p })),
    accuracy: { roundings: 6, terms },
    gradient: { kinks: 'zeros and equal extremes', roundings: 24 },
  },
  norm: {
    f: (x, { axes, keepDim }) => ops.norm(x, 'fro', axes, { keepDim: keepDim ?? false }),
    rows: ['vectorNorm'],
    dtypes: FLOATS,
    accuracy: { roundings: 4, terms },
    gradient: { kinks: 'zero' },
  },
}

const reductions = Object.entries(table).map(
  ([name, { f, rows, dtypes = REALS, result, accuracy, gradient = {}, domain = {}, more = [{}] }]): OpSpec<Args> => ({
    name,
    ops: rows,
    dtypes,
    ...(result ? { result } : {}),
    *samples(s) {
      for (const sample of samples(s, s.floating ? domain : {}, more, (rows as readonly string[]).includes(name))) {
        const few = reduced(sample.inputs[0] ?? null, sample.args.axes) < 2
        yield few && /^(var|std)/.test(name) ? { ...sample, differentiable: false } : sample
      }
    },
    // nansum and vectorNorm of integers are sums, or refused by name.
    ...(name === 'nansum' ? { refuses: ['c64', 'c128'] as const } : {}),
    call: ([x], args) => f(x as Tensor, args),
    accuracy,
    gradient,
    errors: {
      axis: {
        call: (device) => f(ops.zeros([2, 3], { device }), { axes: 2 }),
        code: 'SINTER_SHAPE',
        message: `${{ varMean: 'variance', stdMean: 'variance', nanmean: 'countNonzero', norm: 'vectorNorm' }[name] ?? name}: axis 2 is out of range for 2 dimensions`,
      },
    },
  }),
)

const dist: OpSpec<{ p: number }> = {
  name: 'dist',
  ops: ['vectorNorm', 'sub'],
  dtypes: FLOATS,
  *samples(s) {
    for (const p of [1, 2, 3]) yield { inputs: [s.values([3, 5], { low: 4, high: 6 }), s.values([5])], args: { p } }
  },
  call: ([a, b], { p }) => ops.dist(a as Tensor, b as Tensor, p),
  accuracy: { roundings: 8, terms: () => 15, magnitude: 'norm', composed: true },
  gradient: { kinks: 'equal elements', roundings: 24 },
}

const renorm: OpSpec<{ p: number; axis: number; maxNorm: number }> = {
  name: 'renorm',
  ops: ['vectorNorm'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [p, axis, maxNorm] of [
      [2, 0, 2],
      [1, 1, 100],
      [3, -1, 0.5],
    ] as const)
      yield { inputs: [s.values([3, 5, 2], { avoid: [0] })], args: { p, axis, maxNorm } }
  },
  call: ([x], { p, axis, maxNorm }) => ops.renorm(x as Tensor, p, axis, maxNorm),
  accuracy: { roundings: 10, terms: () => 15, magnitude: 'norm', composed: true },
  gradient: { kinks: 'zeros, and norms of just maxNorm', roundings: 32 },
  errors: {
    order: {
      call: (device) => ops.renorm(ops.zeros([2, 2], { device }), 0, 0, 1),
      code: 'SINTER_VALUE',
      message: 'renorm: order 0; it must be positive',
    },
  },
}

const cov: OpSpec<{ correction?: number }> = {
  name: 'cov',
  ops: ['mean', 'matmul'],
  dtypes: REALS,
  refuses: ['c64', 'c128'],
  result: floatOf,
  *samples(s) {
    yield { inputs: [s.values([7]), null, null], args: {} }
    yield { inputs: [s.values([1, 7]), null, null], args: {} }
    yield { inputs: [s.values([3, 7]), null, null], args: { correction: 0 } }
    const often = { ...s.given([1, 2, 1, 3]), dtype: 'i64' as const }
    const much = { ...s.values([4], { low: 0.5, high: 2 }), constant: true }
    if (s.floating) {
      yield { inputs: [s.values([3, 4]), often, null], args: {} }
      yield { inputs: [s.values([3, 4]), often, much], args: {} }
      yield { inputs: [s.values([3, 4]), null, much], args: { correction: 0 } }
    }
  },
  call: ([x, fweights, aweights], { correction }) =>
    ops.cov(x as Tensor, {
      correction: correction ?? 1,
      ...(fweights ? { fweights } : {}),
      ...(aweights ? { aweights } : {}),
    }),
  accuracy: { roundings: 24, terms: () => 7, serial: true, magnitude: 'norm', composed: true },
  gradient: { roundings: 48 },
  errors: {
    rank: {
      call: (device) => ops.cov(ops.zeros([1, 2, 3], { device })),
      code: 'SINTER_SHAPE',
      message: 'cov: takes (variables, observations) or a vector, got (1, 2, 3)',
    },
    weights: {
      call: (device) => ops.cov(ops.zeros([2, 3], { device }), { fweights: ops.zeros([2], { device, dtype: 'i64' }) }),
      code: 'SINTER_SHAPE',
      message: 'cov: fweights are (2), not (3)',
    },
  },
}

const corrcoef: OpSpec = {
  name: 'corrcoef',
  ops: ['mean', 'matmul'],
  dtypes: FLOATS,
  refuses: ['c64', 'c128'],
  *samples(s) {
    yield { inputs: [s.values([3, 9])], args: {} }
  },
  call: ([x]) => ops.corrcoef(x as Tensor),
  accuracy: { roundings: 32, terms: () => 9, serial: true, magnitude: 'norm', composed: true },
  gradient: { roundings: 64 },
}

export const specs: readonly OpSpec[] = [...reductions, dist, renorm, cov, corrcoef]
