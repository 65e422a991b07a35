/** Pointwise operators of two operands: lib/ops/binary.ts. */

import type { Operand, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type DType, floatOf } from '#lib/tensor/dtype.js'
import { type Domain, LARGE, LENGTHS, type Sampler } from '../opspec/sampler.js'
import {
  type ErrorCase,
  FLOATS,
  type Gradient,
  INTEGERS,
  type OpName,
  type OpSpec,
  REALS,
  type Sample,
} from '../opspec/spec.js'

/** A number in place of one of the operands; none: two tensors. */
interface Args {
  left?: number
  right?: number
}

const SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[4], []],
  [
    [3, 1],
    [1, 5],
  ],
  [
    [2, 1, 5],
    [3, 1],
  ],
  [[4, 3], [3]],
  [
    [17, 33],
    [17, 1],
  ],
  [[17, 33], [33]],
  [[2, 0, 3], [3]],
  [
    [1, 65],
    [9, 1],
  ],
]

function* samples(s: Sampler, left: Domain, right: Domain, scalars: readonly number[]): Iterable<Sample<Args>> {
  for (const n of LENGTHS) yield { inputs: [s.values([n], left), s.values([n], right)], args: {} }
  for (const [a, b] of SHAPES) {
    yield { inputs: [s.values(a, left), s.values(b, right)], args: {} }
    yield { inputs: [s.values(b, left), s.values(a, right)], args: {} }
  }
  const specials = s.specials()
  const n = specials.values.length
  // Every pair of specials.
  yield { inputs: [{ ...specials, shape: [n, 1] }, specials], args: {}, differentiable: false }
  for (const scalar of scalars) {
    yield { inputs: [s.values([33], left)], args: { right: scalar } }
    // 0 to the power x has no second derivative.
    yield { inputs: [s.values([3, 11], right)], args: { left: scalar }, differentiable: scalar !== 0 }
    yield { inputs: [specials], args: { right: scalar }, differentiable: false }
  }
  yield { inputs: [s.values([LARGE], left), s.values([LARGE], right)], args: {}, large: true }
  yield { inputs: [s.values([401, 373], left), s.values([373], right)], args: {}, large: true }
}

interface Binary {
  f: (a: Operand, b: Operand) => Tensor
  dtypes?: readonly DType[]
  result?: (d: DType) => DType
  roundings?: number
  left?: Domain
  right?: Domain
  scalars?: readonly number[]
  gradient?: Gradient | null
  signedZeros?: boolean
  ops?: readonly OpName[]
}

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]
const bool = (): DType => 'bool'
const compared = (f: Binary['f']): Binary => ({
  f,
  result: bool,
  gradient: null,
  left: { low: -0.6, high: 0.6 },
  right: { low: -0.6, high: 0.6 },
})

const table: Record<string, Binary> = {
  add: { f: ops.add, roundings: 1, scalars: [2, -3], signedZeros: true },
  sub: { f: ops.sub, dtypes: NUMBERS, roundings: 1, scalars: [2, -3], signedZeros: true },
  mul: { f: ops.mul, roundings: 1, scalars: [2, -3], signedZeros: true },
  div: { f: ops.div, result: floatOf, roundings: 1, right: { low: 0.5, high: 4 }, scalars: [2, -3] },
  pow: {
    f: ops.pow,
    dtypes: NUMBERS,
    roundings: 2,
    left: { low: 0.3, high: 2 },
    right: { low: 0.2, high: 2.5 },
    scalars: [0, 1, 2, 3],
  },
  maximum: { f: ops.maximum, roundings: 0, scalars: [1], gradient: { kinks: 'equal operands' } },
  minimum: { f: ops.minimum, roundings: 0, scalars: [1], gradient: { kinks: 'equal operands' } },
  remainder: {
    f: ops.remainder,
    dtypes: NUMBERS,
    roundings: 1,
    left: { avoid: [0] },
    right: { low: 3.6, high: 6.8 },
    scalars: [7],
    gradient: { kinks: 'multiples of the divisor' },
    ops: ['remainder'],
  },
  eq: compared(ops.eq),
  ne: compared(ops.ne),
  lt: compared(ops.lt),
  le: compared(ops.le),
  gt: compared(ops.gt),
  ge: compared(ops.ge),
  logicalAnd: compared(ops.logicalAnd),
  logicalOr: compared(ops.logicalOr),
  logicalXor: compared(ops.logicalXor),
}

const shapes = (name: string, f: Binary['f']): Record<string, ErrorCase> => ({
  shapes: {
    call: (device) => f(ops.zeros([2, 3], { device }), ops.zeros([4, 3], { device })),
    code: 'SINTER_SHAPE',
    message: `${name}: shapes (2, 3) and (4, 3) do not broadcast: 2 and 4 at dimension -2`,
  },
  'no tensor': {
    call: () => f(1, 2),
    code: 'SINTER_DTYPE',
    message: `${name}: takes two tensors, or a tensor and a number; got number and number`,
  },
})

export const specs: readonly OpSpec<Args>[] = Object.entries(table).map(
  ([
    name,
    {
      f,
      dtypes = REALS,
      result,
      roundings = 0,
      left = {},
      right = {},
      scalars = [1],
      gradient = {},
      signedZeros,
      ops: rows,
    },
  ]) => ({
    name,
    ops: rows ?? [name as OpName],
    dtypes,
    ...(result ? { result } : {}),
    samples: (s) =>
      s.floating || name === 'pow'
        ? samples(s, left, right, scalars)
        : samples(s, {}, {}, s.dtype === 'bool' ? [] : scalars),
    call: ([a, b], { left: l, right: r }) =>
      f(l ?? (a as Tensor), l === undefined ? (r ?? (b as Tensor)) : (a as Tensor)),
    accuracy: { roundings },
    gradient,
    ...(signedZeros ? { signedZeros } : {}),
    errors: shapes(name, f),
  }),
)
