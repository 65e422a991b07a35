/** Pointwise functions of one operand: lib/ops/unary.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type DType, floatOf } from '#lib/tensor/dtype.js'
import { type Domain, LARGE, LENGTHS, type Sampler } from '../opspec/sampler.js'
import { FLOATS, INTEGERS, type OpName, type OpSpec, REALS, type Sample } from '../opspec/spec.js'

export function* pointwiseSamples<A>(s: Sampler, args: A, domain: Domain = {}): Iterable<Sample<A>> {
  for (const n of LENGTHS) yield { inputs: [s.values([n], domain)], args }
  for (const shape of [[], [3, 5], [2, 3, 4], [2, 0, 3], [1, 1]]) yield { inputs: [s.values(shape, domain)], args }
  yield { inputs: [s.specials()], args, differentiable: false }
  yield { inputs: [s.values([LARGE], domain)], args, large: true }
}

interface Unary {
  f: (x: Tensor, args: Record<string, number>) => Tensor
  ops?: readonly OpName[]
  dtypes?: readonly DType[]
  refuses?: readonly DType[]
  /** Result of integers: as they are, or computed as f32. */
  keeps?: boolean
  roundings: number
  domain?: Domain
  kinks?: string
  args?: readonly Record<string, number>[]
  signedZeros?: boolean
}

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]

/** exp, log and so on are good to about two units in the last place. */
const ELEMENTARY = 2

// `avoid` holds the kinks that `kinks` names; domains keep to where the function is defined.
const HALVES = Array.from({ length: 13 }, (_, i) => (i - 6) / 2)
const WHOLE = Array.from({ length: 7 }, (_, i) => i - 3)

const table: Record<string, Unary> = {
  neg: { f: ops.neg, dtypes: NUMBERS, keeps: true, roundings: 0, signedZeros: true },
  abs: {
    f: ops.abs,
    dtypes: NUMBERS,
    keeps: true,
    roundings: 0,
    domain: { avoid: [0] },
    kinks: '0',
    signedZeros: true,
  },
  sign: { f: ops.sign, keeps: true, roundings: 0, domain: { avoid: [0] }, kinks: '0' },
  square: { f: ops.square, dtypes: NUMBERS, keeps: true, roundings: 1 },
  sqrt: { f: ops.sqrt, roundings: 1, domain: { low: 0.2, high: 9 }, signedZeros: true },
  rsqrt: { f: ops.rsqrt, roundings: ELEMENTARY, domain: { low: 0.2, high: 9 } },
  reciprocal: { f: ops.reciprocal, roundings: 1, domain: { low: 0.2, high: 4 } },
  exp: { f: ops.exp, roundings: ELEMENTARY },
  expm1: { f: ops.expm1, roundings: ELEMENTARY, signedZeros: true },
  log: { f: ops.log, roundings: ELEMENTARY, domain: { low: 0.2, high: 9 } },
  log1p: { f: ops.log1p, roundings: ELEMENTARY, domain: { low: -0.8, high: 9 }, signedZeros: true },
  sin: { f: ops.sin, roundings: ELEMENTARY, signedZeros: true },
  cos: { f: ops.cos, roundings: ELEMENTARY },
  tanh: { f: ops.tanh, ops: ['tanh', 'tanhBackward'], roundings: ELEMENTARY, signedZeros: true },
  sigmoid: { f: ops.sigmoid, ops: ['sigmoid', 'sigmoidBackward'], roundings: ELEMENTARY },
  relu: {
    f: ops.relu,
    ops: ['relu', 'reluBackward'],
    keeps: true,
    dtypes: NUMBERS,
    roundings: 0,
    domain: { avoid: [0] },
    kinks: '0',
  },
  silu: { f: ops.silu, ops: ['silu', 'siluBackward'], roundings: ELEMENTARY + 1 },
  softsign: {
    f: ops.softsign,
    roundings: 2,
    domain: { avoid: [0] },
    kinks: 'the second derivative at 0',
    signedZeros: true,
  },
  erf: { f: ops.erf, roundings: ELEMENTARY, signedZeros: true },
  floor: {
    f: ops.floor,
    keeps: true,
    dtypes: NUMBERS,
    roundings: 0,
    domain: { avoid: WHOLE },
    kinks: 'integers',
    signedZeros: true,
  },
  ceil: {
    f: ops.ceil,
    keeps: true,
    dtypes: NUMBERS,
    roundings: 0,
    domain: { avoid: WHOLE },
    kinks: 'integers',
    signedZeros: true,
  },
  round: {
    f: ops.round,
    keeps: true,
    dtypes: NUMBERS,
    roundings: 0,
    domain: { avoid: HALVES },
    kinks: 'halves',
    signedZeros: true,
  },
  trunc: {
    f: ops.trunc,
    keeps: true,
    dtypes: NUMBERS,
    roundings: 0,
    domain: { avoid: WHOLE },
    kinks: 'integers',
    signedZeros: true,
  },
  leakyRelu: {
    f: (x, { slope }) => ops.leakyRelu(x, slope),
    ops: ['leakyRelu', 'leakyReluBackward'],
    roundings: 2,
    domain: { avoid: [0] },
    kinks: '0',
    args: [{}, { slope: 0.2 }],
  },
  elu: {
    f: (x, { alpha }) => ops.elu(x, alpha),
    ops: ['elu', 'eluBackward'],
    roundings: ELEMENTARY + 1,
    domain: { avoid: [0] },
    kinks: '0',
    args: [{}, { alpha: 1.3 }],
  },
  softplus: {
    f: (x, { beta, threshold }) => ops.softplus(x, beta, threshold),
    ops: ['softplus', 'softplusBackward'],
    roundings: 2 * ELEMENTARY + 2,
    domain: { avoid: [1.5] },
    kinks: 'threshold / beta, where it jumps to the identity',
    args: [{}, { beta: 2, threshold: 3 }],
  },
  clamp: {
    f: (x, { min, max }) => ops.clamp(x, min, max),
    ops: ['clamp', 'clampBackward'],
    keeps: true,
    dtypes: NUMBERS,
    // A bound makes numbers of bool: promotion.test.ts.
    refuses: ['c64', 'c128'],
    roundings: 0,
    domain: { avoid: [-1, 2] },
    kinks: 'min and max',
    args: [{ min: -1, max: 2 }, { min: -1 }, { max: 2 }],
  },
}

const predicates = { isnan: ops.isnan, isfinite: ops.isfinite, logicalNot: ops.logicalNot }

/** gelu(x) = x * P(x) with P near 0 for negative x: errors are relative to x where the two factors of erf cancel. */
const gelu = (approximate: 'none' | 'tanh'): OpSpec => ({
  name: approximate === 'none' ? 'gelu' : 'geluTanh',
  ops: approximate === 'none' ? ['gelu', 'geluBackward'] : ['geluTanh', 'geluTanhBackward'],
  dtypes: REALS,
  result: floatOf,
  samples: (s) => pointwiseSamples(s, {}),
  call: ([x]) => ops.gelu(x as Tensor, { approximate }),
  accuracy: { roundings: ELEMENTARY + 2, magnitude: ([x]) => ops.abs(x as Tensor) },
  gradient: {},
})

export const specs: readonly OpSpec[] = [
  ...Object.entries(table).map(
    ([
      name,
      { f, ops: rows, dtypes = REALS, keeps, roundings, domain, kinks, args = [{}], signedZeros, refuses },
    ]): OpSpec => ({
      name,
      ops: rows ?? [name as OpName],
      dtypes,
      result: keeps ? (d) => d : floatOf,
      *samples(s) {
        for (const a of args) yield* pointwiseSamples(s, a, domain)
      },
      call: ([x], a) => f(x as Tensor, a),
      accuracy: { roundings },
      gradient: kinks ? { kinks } : {},
      ...(signedZeros ? { signedZeros } : {}),
      ...(refuses ? { refuses } : {}),
    }),
  ),
  ...Object.entries(predicates).map(
    ([name, f]): OpSpec => ({
      name,
      ops: [name as OpName],
      dtypes: REALS,
      result: () => 'bool',
      samples: (s) => pointwiseSamples(s, {}),
      call: ([x]) => f(x as Tensor),
      accuracy: { roundings: 0 },
      gradient: null,
    }),
  ),
  gelu('none'),
  gelu('tanh'),
]
