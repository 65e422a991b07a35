/** Sorting and choosing by order: lib/ops/sort.ts, lib/ops/extrema.ts, lib/ops/quantile.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { type ErrorCase, type OpName, type OpSpec, REALS, type Sample } from '../opspec/spec.js'

interface Args {
  axis: number
  k?: number
  descending?: boolean
  keepDim?: boolean
}

const CASES: readonly (readonly [Shape, number])[] = [
  [[], 0],
  [[1], 0],
  [[17], 0],
  [[65], -1],
  [[3, 5, 4], 0],
  [[3, 5, 4], 1],
  [[3, 5, 4], -1],
  [[1009], 0],
]

function* samples(s: Sampler, more: readonly Omit<Args, 'axis'>[], large: readonly Shape[]): Iterable<Sample<Args>> {
  for (const [i, [shape, axis]] of CASES.entries()) {
    const args = { axis, ...more[i % more.length] }
    const length = shape.at(axis) ?? 1
    yield { inputs: [s.distinct(shape)], args: args.k === undefined ? args : { ...args, k: Math.min(args.k, length) } }
  }
  for (const args of more) yield { inputs: [s.specials()], args: { axis: 0, ...args }, differentiable: false }
  // Many equal elements, whose order tells a stable sort.
  yield { inputs: [s.indices([900], 0, 5, s.dtype)], args: { axis: 0, ...more[0] }, differentiable: false }
  for (const shape of large) yield { inputs: [s.values(shape)], args: { axis: -1, ...more[0] }, large: true }
}

interface Choice {
  f: (x: Tensor, args: Args) => Tensor | readonly Tensor[]
  rows: readonly OpName[]
  more?: readonly Omit<Args, 'axis'>[]
  large?: readonly Shape[]
  gradient?: null
  result?: OpSpec['result']
  errors?: Readonly<Record<string, ErrorCase>>
}

const none = (name: string, f: (x: Tensor) => unknown): Readonly<Record<string, ErrorCase>> => ({
  'nothing to choose from': {
    call: (device) => f(ops.zeros([2, 0], { device })),
    code: 'SINTER_SHAPE',
    message: `${name}: axis 1 of (2, 0) has no elements to choose from`,
  },
})

const table: Record<string, Choice> = {
  sort: {
    f: (x, { axis, descending }) => ops.sort(x, axis, { descending: descending ?? false }),
    rows: ['sort', 'scatterAdd'],
    more: [{}, { descending: true }],
    // One line in pieces, and lines side by side.
    large: [[140_011]],
  },
  argsort: {
    f: (x, { axis, descending }) => ops.argsort(x, axis, { descending: descending ?? false }),
    rows: ['sort'],
    more: [{ descending: true }, {}],
    gradient: null,
    result: () => 'i64',
  },
  msort: { f: (x) => ops.msort(x), rows: ['sort'] },
  topk: {
    f: (x, { axis, k, descending }) => ops.topk(x, k as number, axis, { largest: descending ?? true }),
    rows: ['topk', 'scatterAdd'],
    more: [{ k: 3 }, { k: 5, descending: false }, { k: 1 }],
    large: [[37, 1201]],
    errors: {
      k: {
        call: (device) => ops.topk(ops.zeros([2, 3], { device }), 4),
        code: 'SINTER_VALUE',
        message: 'topk: k is 4; axis -1 of (2, 3) has 3 elements',
      },
    },
  },
  kthvalue: {
    f: (x, { axis, k, keepDim }) => ops.kthvalue(x, k as number, axis, { keepDim: keepDim ?? false }),
    rows: ['kthvalue', 'scatterAdd'],
    more: [{ k: 1 }, { k: 4, keepDim: true }, { k: 2 }],
    errors: {
      k: {
        call: (device) => ops.kthvalue(ops.zeros([2, 3], { device }), 0),
        code: 'SINTER_VALUE',
        message: 'kthvalue: k is 0; axis -1 of (2, 3) has 3 elements',
      },
    },
  },
  median: {
    f: (x, { axis, keepDim }) =>
      x.rank === 1 ? [ops.median(x), ...ops.median(x, axis)] : ops.median(x, axis, { keepDim: keepDim ?? false }),
    rows: ['kthvalue'],
    more: [{}, { keepDim: true }],
    errors: none('median', (x) => ops.median(x, 1)),
  },
  nanmedian: {
    f: (x, { axis, keepDim }) =>
      x.rank === 1
        ? [ops.nanmedian(x), ...ops.nanmedian(x, axis)]
        : ops.nanmedian(x, axis, { keepDim: keepDim ?? false }),
    rows: ['kthvalue'],
    more: [{}, { keepDim: true }],
  },
  mode: {
    f: (x, { axis, keepDim }) => ops.mode(x, axis, { keepDim: keepDim ?? false }),
    rows: ['mode', 'scatterAdd'],
    more: [{}, { keepDim: true }],
    errors: none('mode', (x) => ops.mode(x)),
  },
  max: {
    f: (x, { axis, keepDim }) => [ops.max(x), ...ops.max(x, axis, { keepDim: keepDim ?? false })],
    rows: ['amax', 'argmax', 'gather'],
    more: [{}, { keepDim: true }],
  },
  min: {
    f: (x, { axis, keepDim }) => [ops.min(x), ...ops.min(x, axis, { keepDim: keepDim ?? false })],
    rows: ['amin', 'argmin', 'gather'],
    more: [{}, { keepDim: true }],
  },
  aminmax: {
    f: (x, { axis, keepDim }) => ops.aminmax(x, axis, { keepDim: keepDim ?? false }),
    rows: ['amin', 'amax'],
    more: [{}, { keepDim: true }],
  },
}

const choices = Object.entries(table).map(
  ([name, { f, rows, more = [{}], large = [], gradient, result, errors }]): OpSpec<Args> => ({
    name,
    ops: rows,
    dtypes: REALS,
    ...(result ? { result } : {}),
    *samples(s) {
      yield* samples(s, more, large)
      if (!/^(median|mode|kthvalue|max|min|aminmax)/.test(name) && name !== 'nanmedian')
        yield { inputs: [s.values([3, 0])], args: { axis: 0, ...more[0], k: 1 }, differentiable: false }
      if (s.floating && name.includes('median'))
        yield {
          inputs: [s.given([1, Number.NaN, 3, 2, 5, Number.NaN, Number.NaN, Number.NaN], [2, 4])],
          args: { axis: 1 },
          differentiable: false,
        }
    },
    call: ([x], args) => f(x as Tensor, args),
    accuracy: { roundings: 0 },
    gradient: gradient === null ? null : { kinks: 'equal elements', roundings: 4 },
    ...(errors ? { errors } : {}),
  }),
)

interface QuantileArgs extends ops.QuantileOptions {
  q: number | number[]
  axis?: number
}
const quantile = (name: string, f: typeof ops.quantile): OpSpec<QuantileArgs> => ({
  name,
  ops: ['sort', 'gather', ...(name === 'nanquantile' ? (['countNonzero'] as const) : [])],
  dtypes: ['f32', 'f64'],
  *samples(s) {
    yield { inputs: [s.distinct([])], args: { q: 0.3 } }
    yield { inputs: [s.distinct([3, 5])], args: { q: [0, 0.25, 0.6, 1] } }
    yield { inputs: [s.distinct([3, 5])], args: { q: 0.4, axis: 1, keepDim: true } }
    for (const interpolation of ['lower', 'higher', 'midpoint', 'nearest'] as const)
      yield { inputs: [s.distinct([2, 7])], args: { q: [0.3, 0.8], axis: -1, interpolation } }
    const holes = s.distinct([3, 5])
    for (const i of [3, 5, 6, 7, 8, 9]) holes.values[i] = Number.NaN
    yield { inputs: [holes], args: { q: [0.1, 0.5], axis: 1 }, differentiable: false }
  },
  call: ([x], { q, axis, ...options }) => f(x as Tensor, q, axis, options),
  accuracy: { roundings: 8, magnitude: 'norm', composed: true },
  gradient: { kinks: 'equal elements', roundings: 16 },
  errors: {
    q: {
      call: (device) => f(ops.zeros([3], { device }), 1.5),
      code: 'SINTER_VALUE',
      message: `${name}: q is 1.5; it must lie between 0 and 1`,
    },
  },
})

export const specs: readonly OpSpec[] = [
  ...choices,
  quantile('quantile', ops.quantile),
  quantile('nanquantile', ops.nanquantile),
]
