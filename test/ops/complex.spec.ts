/** Complex numbers one by one: lib/ops/complex.ts, and what other families' operators do with c64 and c128. See complex-pairs.ts for the operands. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Domain, Sampler } from '../opspec/sampler.js'
import type { Accuracy, ErrorCase, Gradient, Input, OpName, OpSpec, Sample } from '../opspec/spec.js'
import { type Args, AWAY, back, exact, FUNCTIONS, one, short, specials, WIDE, z } from './complex-pairs.js'

const PAIRS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], [4]],
  [
    [3, 1],
    [1, 5],
  ],
  [[2, 5], [5]],
  [[2, 0, 3], [3]],
]

function* double(s: Sampler, left: Domain, right: Domain, scalars: boolean, special: boolean): Iterable<Sample<Args>> {
  const two = (a: readonly number[], b: readonly number[]): Input[] => [
    s.values([...a, 2], left),
    s.values([...b, 2], right),
  ]
  for (const n of [1, 9, 33]) yield { inputs: two([n], [n]), args: {} }
  for (const [a, b] of PAIRS) yield { inputs: two(a, b), args: {} }
  yield { inputs: two([6, 5], [6, 5]), args: { strided: true } }
  if (scalars)
    for (const x of [2.5, { re: 0.5, im: -2 }]) {
      yield { inputs: [s.values([9, 2], left)], args: { right: x } }
      yield { inputs: [s.values([9, 2], right)], args: { left: x } }
    }
  if (special) {
    const values = specials(s)
    yield { inputs: [values, values], args: {}, differentiable: false }
  }
}

const two = (
  name: string,
  f: (a: any, b: any) => Tensor,
  rows: readonly OpName[],
  accuracy: Accuracy,
  more: Partial<OpSpec> & { right?: Domain; special?: boolean } = {},
): OpSpec => {
  const { right, special, ...rest } = more
  return {
    name,
    ops: rows,
    dtypes: WIDE,
    samples: function* (s) {
      yield* double(s, {}, right ?? {}, true, special ?? false)
      if (name === 'complex mul')
        yield { inputs: [s.values([75_001, 2]), s.values([75_001, 2])], args: {}, large: true }
    },
    call: ([a, b], args: Args) => {
      const x = z(a as Tensor, args)
      if (args.left !== undefined) return back(f(args.left, x))
      return back(f(x, args.right ?? z(b as Tensor, args)))
    },
    accuracy,
    gradient: {},
    ...rest,
  }
}

const refused = (name: string, call: ErrorCase['call'], message: string): Record<string, ErrorCase> => ({
  [name]: { call, code: 'SINTER_DTYPE', message },
})

/** Two real operands that make a complex one. */
const made = (
  name: 'complex' | 'polar',
  f: (a: Tensor, b: Tensor) => Tensor,
  roundings: number,
  gradient: Gradient,
): OpSpec => ({
  name,
  ops: [name],
  dtypes: ['f32', 'f64', 'bf16', 'f16', 'i32', 'u8', 'bool'],
  refuses: ['c64', 'c128'],
  result: (d) => (d === 'f64' ? 'f64' : 'f32'),
  oracle: () => 'f64',
  samples: function* (s): Iterable<Sample> {
    for (const n of [0, 1, 7, 33]) yield { inputs: [s.values([n]), s.values([n])], args: {} }
    for (const [a, b] of PAIRS) yield { inputs: [s.values(a), s.values(b)], args: {} }
  },
  call: ([a, b]) => ops.viewAsReal(f(a as Tensor, b as Tensor)),
  accuracy: { roundings, magnitude: 'norm' },
  gradient,
})

/** A view of complex numbers, from pairs and back; a rule of its own. */
const viewed = (name: string, f: (x: Tensor) => Tensor, rows: readonly OpName[], more: Partial<OpSpec> = {}): OpSpec =>
  one(name, f, rows, { roundings: 0 }, { special: true, ...more })

const real = (
  name: string,
  f: (x: Tensor) => Tensor,
  rows: readonly OpName[],
  dtypes: readonly DType[],
  more: Partial<OpSpec> = {},
): OpSpec => ({
  name,
  ops: rows,
  dtypes,
  refuses: [],
  samples: function* (s) {
    for (const shape of [[0], [1], [17], [3, 5]]) yield { inputs: [s.values(shape, AWAY)], args: {} }
    yield { inputs: [s.specials()], args: {}, differentiable: false }
  },
  call: ([x]) => f(x as Tensor),
  accuracy: { roundings: 0 },
  gradient: null,
  ...more,
})
const ALL: readonly DType[] = ['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8', 'bool']

export const specs: readonly OpSpec[] = [
  viewed('viewAsComplex, viewAsReal', (x) => x, [], {
    errors: {
      ...refused(
        'dtype',
        (device) => ops.viewAsComplex(ops.zeros([2], { dtype: 'i32', device })),
        'viewAsComplex: a i32 tensor; pairs of f32 or f64 make complex numbers',
      ),
      ...refused(
        'real',
        (device) => ops.viewAsReal(ops.zeros([2], { device })),
        'viewAsReal: a f32 tensor; it is real already',
      ),
      shape: {
        call: (device) => ops.viewAsComplex(ops.zeros([2, 3], { device })),
        code: 'SINTER_SHAPE',
        message: 'viewAsComplex: (2, 3) does not end in pairs: the last dimension must be 2',
      },
    },
  }),
  viewed('real', ops.real, ['complex']),
  viewed('imag', ops.imag, ['complex'], {
    errors: refused(
      'real',
      (device) => ops.imag(ops.zeros([2], { device })),
      'imag: a f32 tensor has no imaginary parts; take zerosLike(x)',
    ),
  }),
  real('real of real numbers', ops.real, [], ALL, { gradient: null }),
  made('complex', ops.complex, 0, {}),
  made('polar', ops.polar, 4, {}),
  one('conj', ops.conj, ['conj'], exact, { special: true }),
  real('conj of real numbers', ops.conj, [], ALL),
  one(
    'angle',
    ops.angle,
    ['angle'],
    { roundings: 4, magnitude: 'norm' },
    { domain: AWAY, special: true, signedZeros: true },
  ),
  real('angle of real numbers', ops.angle, ['angle'], ALL, {
    result: (d) => (ops.full([0], 0, { dtype: d }).dtype.match(/^(f|bf)/) ? d : 'f32'),
    oracle: () => 'f64',
    accuracy: { roundings: 1 },
    gradient: { kinks: 'zero' },
  }),
  one('sgn', ops.sgn, ['sgn'], short, { domain: AWAY, gradient: { kinks: 'zero' } }),
  real('sgn of real numbers', ops.sgn, ['sign'], ['f32', 'i32']),
  one('isReal', ops.isReal, ['eq'], exact, { special: true, result: () => 'bool', gradient: null }),
  real('isReal of real numbers', ops.isReal, [], ALL, { result: () => 'bool' }),
  two('complex add', ops.add, ['add'], { roundings: 1 }, { special: true }),
  two('complex sub', ops.sub, ['sub', 'neg'], { roundings: 1 }, { special: true }),
  two('complex mul', ops.mul, ['mul', 'conj'], short),
  two('complex div', ops.div, ['div', 'conj'], { roundings: 8, magnitude: 'norm' }, { right: { low: 0.5, high: 3 } }),
  two('complex eq', ops.eq, ['eq'], exact, { special: true, result: () => 'bool', gradient: null }),
  two('complex ne', ops.ne, ['ne'], exact, { special: true, result: () => 'bool', gradient: null }),
  one('complex neg', ops.neg, ['neg'], exact, { special: true, signedZeros: true }),
  one('complex square', ops.square, ['square'], short),
  one(
    'complex reciprocal',
    ops.reciprocal,
    ['reciprocal'],
    { roundings: 8, magnitude: 'norm' },
    { domain: { low: 0.5, high: 3 }, special: true },
  ),
  one('complex abs', ops.abs, ['abs', 'sgn'], short, { domain: AWAY, special: true, gradient: { kinks: 'zero' } }),
  one('complex exp', ops.exp, ['polar', 'exp'], { roundings: 8, magnitude: 'norm' }),
  one('complex log', ops.log, ['complex', 'log'], { roundings: 8, magnitude: 'norm' }, { domain: AWAY }),
  ...Object.entries(FUNCTIONS).map(([name, f]) =>
    one(`complex ${name}`, f, [name as OpName], { roundings: 16, magnitude: 'norm' }),
  ),
  one('complex ldexp', (x) => ops.ldexp(x, 3), ['mul'], short),
  {
    ...one('complex glu', ops.glu, ['sigmoid', 'mul'], { roundings: 16, magnitude: 'norm' }),
    samples: function* (s): Iterable<Sample<Args>> {
      yield { inputs: [s.values([3, 4, 2])], args: {} }
      yield { inputs: [s.values([0, 2])], args: {} }
    },
  },
  ...Object.entries({ isnan: ops.isnan, isfinite: ops.isfinite, isinf: ops.isinf, logicalNot: ops.logicalNot }).map(
    ([name, f]) => one(`complex ${name}`, f, [], exact, { special: true, result: () => 'bool', gradient: null }),
  ),
  two('complex pow', ops.pow, ['pow'], { roundings: 16, magnitude: 'norm' }, { right: { low: -2, high: 2 } }),
  {
    ...one('complex pow by whole numbers', ops.neg, ['pow'], { roundings: 32, magnitude: 'norm' }),
    samples: function* (s): Iterable<Sample<Args>> {
      for (const right of [0, 1, 2, -1, 5, -3]) yield { inputs: [s.values([9, 2], AWAY)], args: { right } }
    },
    call: ([x], args: Args) => ops.viewAsReal(ops.pow(z(x as Tensor, args), args.right as number)),
  },
  ...Object.entries({ lerp: ops.lerp, addcmul: ops.addcmul, addcdiv: ops.addcdiv }).map(
    ([name, f]): OpSpec => ({
      ...one(`complex ${name}`, ops.neg, ['add', 'mul'], { roundings: 12, magnitude: 'norm' }),
      samples: function* (s): Iterable<Sample<Args>> {
        for (const shape of [
          [9, 2],
          [3, 5, 2],
        ])
          yield { inputs: [s.values(shape), s.values(shape), s.values(shape, { low: 0.5, high: 3 })], args: {} }
      },
      call: (inputs, args: Args) => {
        const [a, b, c] = inputs.map((x) => z(x, args)) as [Tensor, Tensor, Tensor]
        return ops.viewAsReal((f as (a: Tensor, b: Tensor, c: Tensor) => Tensor)(a, b, c))
      },
    }),
  ),
  one('complex clone', (x) => ops.clone(x), ['copy'], exact, { special: true }),
  {
    ...two('complex where', ops.where as never, ['where'], exact),
    samples: function* (s): Iterable<Sample<Args>> {
      yield { inputs: [s.mask([3, 5]), s.values([3, 5, 2]), s.values([5, 2])], args: {} }
      yield { inputs: [s.mask([9]), s.values([9, 2])], args: { right: { re: 1, im: -1 } } }
      yield { inputs: [s.mask([9]), s.values([9, 2])], args: { right: 2 } }
    },
    call: ([c, a, b], args: Args) =>
      ops.viewAsReal(ops.where(c as Tensor, z(a as Tensor, args), args.right ?? z(b as Tensor, args))),
  },
  {
    ...one('complex isclose', ops.neg, ['eq', 'le'], exact, { result: () => 'bool', gradient: null }),
    samples: function* (s): Iterable<Sample<Args>> {
      const values = specials(s)
      for (const other of [values, { ...values, values: values.values.map((v) => v * (1 + 2 ** -12)) }])
        yield { inputs: [values, other], args: {}, differentiable: false }
      yield { inputs: [s.values([9, 2])], args: { right: 1 } }
    },
    call: ([a, b], args: Args) =>
      ops.isclose(z(a as Tensor, args), args.right === undefined ? z(b as Tensor, args) : 1, {
        rtol: 2 ** -10,
        equalNan: true,
      }),
  },
]
