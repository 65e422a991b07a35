/** Trigonometric and hyperbolic functions: lib/ops/trig.ts. */
import * as ops from '#lib/index.js'
import { binarySpecs, unarySpecs } from '../opspec/pointwise.js'
import type { OpSpec } from '../opspec/spec.js'

const inner = { low: -0.9, high: 0.9 }
export const specs: readonly OpSpec[] = [
  ...unarySpecs({
    tan: { f: ops.tan, roundings: 3, domain: { low: -1.4, high: 1.4 }, signedZeros: true, large: true },
    asin: { f: ops.asin, roundings: 3, domain: inner, signedZeros: true },
    acos: { f: ops.acos, roundings: 3, domain: inner },
    atan: { f: ops.atan, roundings: 3, signedZeros: true },
    sinh: { f: ops.sinh, roundings: 3, signedZeros: true },
    cosh: { f: ops.cosh, roundings: 3 },
    asinh: { f: ops.asinh, roundings: 4, signedZeros: true },
    acosh: { f: ops.acosh, roundings: 3, domain: { low: 1.1, high: 9 } },
    atanh: { f: ops.atanh, roundings: 4, domain: inner, signedZeros: true },
    exp2: { f: ops.exp2, roundings: 2 },
    log2: { f: ops.log2, roundings: 2, domain: { low: 0.2, high: 9 } },
    log10: { f: ops.log10, roundings: 2, domain: { low: 0.2, high: 9 } },
    sinc: { f: ops.sinc, roundings: 4, domain: { avoid: [0] } },
    deg2rad: { f: ops.deg2rad, ops: ['mul'], refuses: [], roundings: 1, specials: false },
    rad2deg: { f: ops.rad2deg, ops: ['mul'], refuses: [], roundings: 1, specials: false },
  }),
  ...binarySpecs({
    atan2: { f: ops.atan2, roundings: 4, left: { avoid: [0] }, right: { avoid: [0] }, signedZeros: true },
    hypot: { f: ops.hypot, roundings: 2, left: { avoid: [0] }, right: { avoid: [0] } },
  }),
]
