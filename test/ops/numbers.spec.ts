/** Tests, parts and replacements of numbers: lib/ops/numbers.ts. */

import * as ops from '#lib/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import { floatOf, isFloating } from '#lib/tensor/dtype.js'
import { type UnaryCase, unarySpecs } from '../opspec/pointwise.js'
import { LARGE, type Sampler } from '../opspec/sampler.js'
import { FLOATS, INTEGERS, type OpSpec, REALS, type Sample } from '../opspec/spec.js'

const NUMBERS = [...FLOATS, ...INTEGERS]
const test = (f: UnaryCase['f'], extra: Partial<UnaryCase> = {}): UnaryCase => ({
  f,
  result: 'bool',
  gradient: null,
  ...extra,
})
const away = { avoid: [-3, -2, -1, 0, 1, 2, 3] }
const whole = { kinks: 'integers' }

function* bounds(s: Sampler): Iterable<Sample<{ min?: number; max?: number }>> {
  const [low, high] = [
    { low: -2, high: -1 },
    { low: 1, high: 2 },
  ]
  const x = { avoid: [-2, -1.5, -1, 1, 1.5, 2] }
  yield { inputs: [s.values([3, 5], x), s.values([5], low), s.values([3, 1], high)], args: {} }
  yield { inputs: [s.values([17], x), s.values([], low), null], args: {} }
  yield { inputs: [s.values([17], x), null, s.values([17], high)], args: {} }
  yield { inputs: [s.values([9], x), s.values([9], low), null], args: { max: 1.75 } }
  yield { inputs: [s.values([2, 0], x), s.values([1], low), s.values([1], high)], args: {} }
}

export const specs: readonly OpSpec[] = [
  ...unarySpecs({
    signbit: test(ops.signbit, { large: true }),
    isinf: test(ops.isinf),
    isposinf: test(ops.isposinf),
    isneginf: test(ops.isneginf),
    frac: { f: ops.frac, domain: away, gradient: { ...whole, roundings: 60 } },
    fix: { f: ops.fix, ops: ['trunc'], dtypes: NUMBERS, result: 'same', domain: away, gradient: whole },
    positive: { refuses: ['bool'], f: (x) => ops.positive(x).mul(1), ops: ['mul'], dtypes: NUMBERS, result: 'same' },
    'round, decimals': {
      f: (x, { decimals }) => ops.round(x, { decimals }),
      ops: ['roundDecimals'],
      dtypes: ['f32', 'f64'],
      refuses: ['i32', 'bool'],
      args: [{ decimals: 2 }, { decimals: -2 }],
      roundings: 1,
      domain: { low: -3, high: 3, avoid: [0] },
      gradient: null,
    },
    nanToNum: {
      f: (x, options) => ops.nanToNum(x, options),
      dtypes: REALS,
      result: 'same',
      args: [
        { nan: 2, posinf: 3, neginf: -4 },
        { nan: -1, posinf: 1, neginf: 0.5 },
      ],
    },
  }),
  {
    name: 'isclose',
    ops: ['isclose'],
    dtypes: REALS,
    result: () => 'bool',
    *samples(s) {
      const near = s.values([65], { low: 0.99, high: 1.01 })
      yield { inputs: [near, s.values([1], { low: 0.99, high: 1.01 })], args: { rtol: 0.0053 } }
      const specials = s.specials()
      const column = { ...specials, shape: [specials.values.length, 1] }
      yield { inputs: [column, specials], args: {} }
      yield { inputs: [column, specials], args: { equalNan: true, atol: 0.7 } }
    },
    call: ([a, b], options) => ops.isclose(a as Tensor, b as Tensor, options),
    accuracy: { roundings: 0 },
    gradient: null,
  },
  {
    name: 'allclose allcloseSync equal equalSync',
    ops: ['isclose', 'eq', 'all'],
    dtypes: ['f32', 'i64', 'bool'],
    refuses: [],
    result: () => 'bool',
    samples: (s) => [{ inputs: [s.values([2, 3]), s.values([2, 3])], args: {} }],
    call: ([a, b]) => {
      const [x, y] = [a as Tensor, b as Tensor]
      return tensor(
        [ops.equalSync(x, x), ops.equalSync(x, y), ops.equalSync(x, x.reshape([6])), ops.allcloseSync(x, x)],
        { device: x.device },
      ) as Tensor
    },
    accuracy: { roundings: 0 },
    gradient: null,
  },
  {
    name: 'isin',
    ops: ['isin'],
    dtypes: REALS,
    result: () => 'bool',
    *samples(s) {
      yield { inputs: [s.values([3, 5]), s.values([4])], args: {} }
      yield { inputs: [s.specials(), s.given([0, 1, 1, 0, 1])], args: {} }
      yield { inputs: [s.values([33]), s.values([0])], args: { invert: true } }
      if (isFloating(s.dtype) || s.dtype === 'i32') {
        yield { inputs: [s.values([65]), s.values([64])], args: {} }
        yield { inputs: [s.values([LARGE]), s.values([7])], args: {}, large: true }
      }
    },
    call: ([x, test], options) => ops.isin(x as Tensor, test as Tensor, options),
    accuracy: { roundings: 0 },
    gradient: null,
  },
  {
    name: 'frexp',
    ops: ['frexpMantissa', 'frexpExponent'],
    dtypes: REALS,
    result: (d, k) => (k === 0 ? floatOf(d) : 'i32'),
    *samples(s) {
      for (const shape of [[17], [3, 5], [0]]) yield { inputs: [s.values(shape, { low: 1.1, high: 1.9 })], args: {} }
      yield { inputs: [s.specials()], args: {}, differentiable: false }
    },
    call: ([x]) => ops.frexp(x as Tensor),
    accuracy: { roundings: 0 },
    gradient: { kinks: 'powers of two' },
  },
  {
    name: 'clamp between tensors',
    ops: ['maximum', 'minimum'],
    dtypes: FLOATS,
    refuses: ['bool'],
    samples: bounds,
    call: ([x, min, max], args) =>
      ops.clamp(x as Tensor, (min as Tensor | null) ?? args.min, (max as Tensor | null) ?? args.max),
    accuracy: { roundings: 0 },
    gradient: { kinks: 'the bounds' },
  },
  ...Object.entries({ clampMin: ops.clampMin, clampMax: ops.clampMax }).map(
    ([name, f]): OpSpec => ({
      name,
      ops: [f === ops.clampMin ? 'maximum' : 'minimum'],
      dtypes: NUMBERS,
      // A bound makes numbers of bool: promotion.test.ts.
      refuses: ['c64', 'c128'],
      *samples(s) {
        yield { inputs: [s.values([33], { avoid: [1] }), null], args: { bound: 1 } }
        yield {
          inputs: [s.values([3, 5], { low: 0.5, high: 3, avoid: [1] }), s.values([5], { low: 0.1, high: 0.4 })],
          args: {},
        }
      },
      call: ([x, b], args) => f(x as Tensor, (b as Tensor | null) ?? args.bound),
      accuracy: { roundings: 0 },
      gradient: { kinks: 'the bound' },
    }),
  ),
  {
    name: 'fill',
    ops: ['maskedFill', 'where'],
    dtypes: REALS,
    refuses: [],
    *samples(s) {
      for (const shape of [[17], [3, 5], [2, 0, 3]]) yield { inputs: [s.values(shape), s.values([])], args: {} }
      yield { inputs: [s.values([9]), null], args: { value: 1 } }
    },
    call: ([x, v], args) => ops.fill(x as Tensor, (v as Tensor | null) ?? args.value),
    accuracy: { roundings: 0 },
    gradient: {},
  },
]
