/** Further arithmetic of two operands: lib/ops/arithmetic.ts. */
import * as ops from '#lib/index.js'
import { binarySpecs } from '../opspec/pointwise.js'
import { FLOATS, INTEGERS, type OpSpec } from '../opspec/spec.js'

const NUMBERS = [...FLOATS, ...INTEGERS]
// Quotients away from whole numbers.
const dividend = { low: 0.1, high: 2.9 }
const divisor = { low: 3.2, high: 6 }
const apart = { left: { low: -3, high: -0.1 }, right: { low: 0.1, high: 3 } }
const whole = { ...dividend, specials: false }
export const specs: readonly OpSpec[] = binarySpecs({
  fmod: {
    f: ops.fmod,
    dtypes: NUMBERS,
    result: 'same',
    left: dividend,
    right: divisor,
    scalars: [7],
    gradient: { kinks: 'multiples of the divisor' },
  },
  floorDivide: {
    roundings: 1,
    f: ops.floorDivide,
    ops: ['divFloor'],
    dtypes: NUMBERS,
    result: 'same',
    left: dividend,
    right: divisor,
    scalars: [7],
    gradient: { kinks: 'multiples of the divisor' },
    large: true,
  },
  'div rounded down': {
    f: (a, b) => ops.div(a, b, { roundingMode: 'floor' }),
    ops: ['divFloor'],
    dtypes: NUMBERS,
    result: 'same',
    left: dividend,
    right: divisor,
    specials: whole.specials,
    scalars: [7],
    gradient: { kinks: 'multiples of the divisor' },
  },
  'div truncated': {
    f: (a, b) => ops.div(a, b, { roundingMode: 'trunc' }),
    ops: ['divTrunc'],
    dtypes: NUMBERS,
    result: 'same',
    left: dividend,
    right: divisor,
    specials: whole.specials,
    scalars: [7],
    gradient: { kinks: 'multiples of the divisor' },
  },
  fmax: { f: ops.fmax, result: 'same', ...apart, gradient: { kinks: 'equal operands' }, scalars: [5] },
  fmin: { f: ops.fmin, result: 'same', ...apart, gradient: { kinks: 'equal operands' }, scalars: [5] },
  heaviside: { f: ops.heaviside, result: 'same', gradient: null, scalars: [1] },
  copysign: {
    f: ops.copysign,
    left: { avoid: [0] },
    right: { avoid: [0] },
    gradient: { kinks: '0' },
    signedZeros: true,
  },
  nextafter: { f: ops.nextafter, dtypes: ['f64'], refuses: ['i32', 'bf16', 'f16'] },
  logaddexp: { f: ops.logaddexp, roundings: 3, absolute: true },
  logaddexp2: { f: ops.logaddexp2, roundings: 3, absolute: true },
  ldexp: { f: ops.ldexp, ops: ['exp2', 'mul'], roundings: 4, composed: true, specials: false, scalars: [2] },
  floatPower: {
    f: ops.floatPower,
    ops: ['pow'],
    dtypes: ['f64'],
    refuses: [],
    roundings: 3,
    left: { low: 0.3, high: 2 },
    right: { low: 0.2, high: 2.5 },
    specials: false,
    scalars: [2],
  },
  rsub: {
    refuses: ['bool'],
    f: ops.rsub,
    ops: ['sub'],
    dtypes: NUMBERS,
    result: 'same',
    roundings: 1,
    specials: false,
  },
})
