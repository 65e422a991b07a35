/** Reductions: lib/ops/reduce.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type DType, floatOf, isFloating, isIntegral } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type Domain, LENGTHS, type Sampler } from '../opspec/sampler.js'
import {
  type Accuracy,
  FLOATS,
  type Gradient,
  type Input,
  type OpName,
  type OpSpec,
  REALS,
  type Sample,
} from '../opspec/spec.js'

interface Args {
  axes?: number | readonly number[]
  keepDim?: boolean
  correction?: number
}

const CASES: readonly (readonly [Shape, Args])[] = [
  [[], {}],
  [[3, 4, 5], {}],
  [[3, 4, 5], { axes: 0 }],
  [[3, 4, 5], { axes: 1 }],
  [[3, 4, 5], { axes: -1 }],
  [[3, 4, 5], { axes: [0, 2] }],
  [[3, 4, 5], { axes: [0, 1] }],
  [[3, 4, 5], { axes: [1, 2], keepDim: true }],
  [[2, 3, 2, 3], { axes: [1, 3] }],
  [[7, 33], { axes: 1 }],
  [[33, 7], { axes: 0 }],
  [[5, 1, 17], { axes: 1 }],
  [[2, 130], { axes: 0 }],
]
const ONE_AXIS: readonly (readonly [Shape, Args])[] = CASES.filter(([, { axes }]) => !Array.isArray(axes))
/** Nothing to reduce: one number a group, or no group. */
const EMPTY: readonly (readonly [Shape, Args])[] = [
  [[3, 0], { axes: 1 }],
  [[0, 3], { axes: 1 }],
  [[0], {}],
]
const BIG: readonly (readonly [Shape, Args])[] = [
  [[150_011], {}],
  [[301, 503], { axes: 1 }],
  [[503, 301], { axes: 0 }],
  [[3, 20_011], { axes: 0 }],
]

function* samples(s: Sampler, cases: typeof CASES, domain: Domain, empty: boolean, more: Args): Iterable<Sample<Args>> {
  // Distinct values have no ties in floating point; integers have many.
  const draw = (shape: Shape): Input => (empty ? s.values(shape, domain) : s.distinct(shape))
  for (const n of LENGTHS.filter((n) => n > 0)) yield { inputs: [draw([n])], args: { ...more } }
  for (const [shape, args] of cases) yield { inputs: [draw(shape)], args: { ...args, ...more } }
  if (empty)
    for (const [shape, args] of EMPTY)
      yield { inputs: [s.values(shape)], args: { ...args, ...more }, differentiable: false }
  const special = s.specials()
  const n = special.values.length
  yield { inputs: [special], args: { ...more }, differentiable: false }
  // Each special alone in its row, among ordinary numbers.
  const rows = s.values([n, 3], domain)
  special.values.forEach((v, i) => {
    rows.values[3 * i + 1] = v
  })
  yield { inputs: [rows], args: { axes: 1, ...more }, differentiable: false }
  for (const [shape, args] of BIG) yield { inputs: [s.values(shape, domain)], args: { ...args, ...more }, large: true }
}

/** Elements behind one result. */
export function reduced(x: Input | null, axes: Args['axes']): number {
  const shape = (x as Input).shape
  const list = axes === undefined ? shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : axes
  return list.reduce((n, a) => n * (shape.at(a) as number), 1)
}
const terms: Accuracy<Args>['terms'] = ([x], { axes }) => reduced(x ?? null, axes)

interface Reduction {
  f: (x: Tensor, args: Args) => Tensor
  dtypes?: readonly DType[]
  result?: (d: DType) => DType
  accuracy: Accuracy<Args>
  gradient?: Gradient | null
  domain?: Domain
  cases?: typeof CASES
  empty?: boolean
  more?: readonly Args[]
  rows?: readonly OpName[]
}

const wide = (d: DType): DType => (isIntegral(d) ? 'i64' : d)
const table: Record<string, Reduction> = {
  sum: {
    f: (x, { axes, keepDim }) => ops.sum(x, axes, { keepDim }),
    result: wide,
    accuracy: {
      roundings: 1,
      terms,
      magnitude: ([x], { axes, keepDim }) => ops.sum(ops.abs(x as Tensor), axes, { keepDim }),
    },
  },
  mean: {
    f: (x, { axes, keepDim }) => ops.mean(x, axes, { keepDim }),
    dtypes: FLOATS,
    accuracy: {
      roundings: 2,
      terms,
      magnitude: ([x], { axes, keepDim }) => ops.mean(ops.abs(x as Tensor), axes, { keepDim }),
    },
  },
  // A product of K factors has K - 1 roundings, in whatever order.
  prod: {
    f: (x, { axes, keepDim }) => ops.prod(x, axes, { keepDim }),
    result: wide,
    domain: { low: 0.8, high: 1.25 },
    accuracy: {
      roundings: 1,
      terms,
      magnitude: (inputs, args) =>
        ops
          .prod(ops.abs(inputs[0] as Tensor), args.axes, { keepDim: args.keepDim })
          .mul(factors(inputs[0] as Tensor, args)),
    },
    gradient: { roundings: 8 },
  },
  amax: {
    f: (x, { axes, keepDim }) => ops.amax(x, axes, { keepDim }),
    accuracy: { roundings: 0 },
    empty: false,
    gradient: { kinks: 'equal extremes' },
  },
  amin: {
    f: (x, { axes, keepDim }) => ops.amin(x, axes, { keepDim }),
    accuracy: { roundings: 0 },
    empty: false,
    gradient: { kinks: 'equal extremes' },
  },
  any: {
    f: (x, { axes, keepDim }) => ops.any(x, axes, { keepDim }),
    result: () => 'bool',
    accuracy: { roundings: 0 },
    gradient: null,
  },
  all: {
    f: (x, { axes, keepDim }) => ops.all(x, axes, { keepDim }),
    result: () => 'bool',
    accuracy: { roundings: 0 },
    gradient: null,
  },
  argmax: {
    f: (x, { axes, keepDim }) => ops.argmax(x, axes as number, { keepDim }),
    result: () => 'i64',
    cases: ONE_AXIS,
    empty: false,
    accuracy: { roundings: 0 },
    gradient: null,
  },
  argmin: {
    f: (x, { axes, keepDim }) => ops.argmin(x, axes as number, { keepDim }),
    result: () => 'i64',
    cases: ONE_AXIS,
    empty: false,
    accuracy: { roundings: 0 },
    gradient: null,
  },
  // Two passes: the error of the mean enters squared, that of x - mean relative to x.
  variance: {
    f: (x, { axes, keepDim, correction }) => ops.variance(x, axes, { keepDim, correction }),
    dtypes: FLOATS,
    more: [{}, { correction: 0 }],
    accuracy: {
      roundings: 4,
      terms,
      magnitude: ([x], { axes, keepDim, correction }) =>
        ops
          .variance(x as Tensor, axes, { keepDim, correction })
          .add(ops.mean(ops.square(x as Tensor), axes, { keepDim })),
    },
  },
  std: {
    f: (x, { axes, keepDim, correction }) => ops.std(x, axes, { keepDim, correction }),
    rows: ['variance', 'sqrt'],
    dtypes: FLOATS,
    more: [{ correction: 0 }],
    accuracy: { roundings: 5, terms, magnitude: 'norm' },
    gradient: { kinks: 'deviation 0', roundings: 24 },
  },
  logsumexp: {
    f: (x, { axes, keepDim }) => ops.logsumexp(x, axes, { keepDim }),
    result: floatOf,
    accuracy: {
      roundings: 4,
      terms,
      magnitude: ([x], { axes, keepDim }) =>
        ops
          .logsumexp(x as Tensor, axes, { keepDim })
          .abs()
          .add(1),
    },
  },
}

/** The number of factors of each product, shaped to broadcast. */
const factors = (x: Tensor, { axes }: Args): number => reduced({ shape: x.shape, values: new Float64Array() }, axes)

const sumToSize: OpSpec<{ shape: Shape }> = {
  name: 'sumToSize',
  ops: ['sum'],
  dtypes: [...FLOATS, 'i64'],
  refuses: ['c64', 'c128'],
  *samples(s) {
    yield { inputs: [s.values([])], args: { shape: [] } }
    for (const shape of [[5], [3, 1], [1, 5], [1], []]) yield { inputs: [s.values([2, 3, 5])], args: { shape } }
  },
  call: ([x], { shape }) => ops.sumToSize(x as Tensor, shape),
  accuracy: {
    roundings: 1,
    terms: () => 30,
    magnitude: ([x], { shape }) => ops.sumToSize(ops.abs(x as Tensor), shape),
  },
  gradient: {},
  errors: {
    shape: {
      call: (device) => ops.sumToSize(ops.zeros([2, 3], { device }), [2]),
      code: 'SINTER_SHAPE',
      message: 'sumToSize: (2) does not broadcast to (2, 3)',
    },
  },
}

/** The elements are cast first. */
const withDType: OpSpec = {
  name: 'sum, mean, prod with a dtype',
  ops: ['copy', 'sum', 'mean', 'prod'],
  dtypes: REALS,
  result: () => 'f64',
  *samples(s) {
    yield { inputs: [s.values([3, 5])], args: {} }
  },
  call: ([x]) => [ops.sum, ops.mean, ops.prod].map((f) => f(x as Tensor, 1, { dtype: 'f64' })),
  accuracy: { roundings: 8, terms: () => 5, magnitude: 'norm' },
  gradient: { roundings: 16 },
}

export const specs: readonly OpSpec[] = [
  sumToSize,
  withDType,
  ...Object.entries(table).map(
    ([
      name,
      {
        f,
        dtypes = REALS,
        result,
        accuracy,
        gradient = {},
        domain = {},
        cases = CASES,
        empty = true,
        more = [{}],
        rows,
      },
    ]): OpSpec<Args> => ({
      name,
      ops: rows ?? [name as OpName],
      dtypes,
      ...(result ? { result } : {}),
      *samples(s) {
        for (const args of more) {
          for (const sample of samples(s, cases, isFloating(s.dtype) ? domain : {}, empty, args)) {
            const single = reduced(sample.inputs[0] as Input, sample.args.axes) < 2
            if (single && (name === 'std' || name === 'variance')) yield { ...sample, differentiable: false }
            else yield sample
          }
        }
      },
      call: ([x], args) => f(x as Tensor, args),
      accuracy,
      gradient,
      errors: {
        axis: {
          call: (device) => f(ops.zeros([2, 3], { device }), { axes: 2 }),
          code: 'SINTER_SHAPE',
          message: `${name === 'std' ? 'variance' : name}: axis 2 is out of range for 2 dimensions`,
        },
      },
    }),
  ),
]
