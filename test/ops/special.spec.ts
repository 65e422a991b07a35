/** Special functions: lib/ops/special.ts. */
import * as ops from '#lib/index.js'
import { binarySpecs, unarySpecs } from '../opspec/pointwise.js'
import type { OpSpec } from '../opspec/spec.js'

const positive = { low: 0.3, high: 6 }
const unit = { low: 0.05, high: 0.95 }
const bessel = ['i0', 'i1'] as const
const scaled = ['i0e', 'i1e'] as const
export const specs: readonly OpSpec[] = [
  ...unarySpecs({
    lgamma: { f: ops.lgamma, ops: ['lgamma', 'digamma'], roundings: 4, absolute: true, domain: positive, large: true },
    digamma: { f: ops.digamma, ops: ['digamma', 'polygamma'], roundings: 6, absolute: true, domain: positive },
    polygamma: {
      f: (x, { n }) => ops.polygamma(n, x),
      args: [{ n: 1 }, { n: 3 }],
      roundings: 40,
      domain: positive,
    },
    mvlgamma: {
      f: (x, { p }) => ops.mvlgamma(x, p),
      ops: ['lgamma'],
      args: [{ p: 3 }],
      roundings: 12,
      absolute: true,
      composed: true,
      domain: { low: 1.3, high: 6 },
      specials: false,
    },
    erfc: { f: ops.erfc, roundings: 6 },
    erfinv: { f: ops.erfinv, roundings: 4, domain: { low: -0.9, high: 0.9 } },
    erfcx: { f: ops.erfcx, roundings: 12 },
    ndtr: { f: ops.ndtr, roundings: 6 },
    ndtri: { f: ops.ndtri, roundings: 6, domain: unit },
    logNdtr: { f: ops.logNdtr, ops: ['logNdtr', 'erfcx'], roundings: 6 },
    entr: { f: ops.entr, roundings: 3, absolute: true, domain: positive },
    logit: {
      f: (x, { eps }) => ops.logit(x, eps),
      args: [{}, { eps: 0.1 }],
      roundings: 4,
      absolute: true,
      domain: { ...unit, avoid: [0.1, 0.9] },
    },
    i0: { f: ops.i0, ops: bessel, roundings: 8 },
    i1: { f: ops.i1, ops: bessel, roundings: 8, domain: { avoid: [0] } },
    i0e: { f: ops.i0e, ops: scaled, roundings: 8, domain: { avoid: [0] } },
    i1e: { f: ops.i1e, ops: scaled, roundings: 8, domain: { avoid: [0] } },
  }),
  ...binarySpecs({
    xlogy: { f: ops.xlogy, roundings: 3, absolute: true, left: positive, right: positive },
    xlog1py: { f: ops.xlog1py, roundings: 3, absolute: true, left: positive, right: positive },
  }),
  ...binarySpecs({
    zeta: {
      f: ops.zeta,
      constant: true,
      roundings: 20,
      left: { low: 1.5, high: 8 },
      right: positive,
      specials: false,
      scalars: [2],
    },
    igamma: {
      f: ops.igamma,
      constant: true,
      roundings: 60,
      specials: false,
      absolute: true,
      left: positive,
      right: positive,
    },
    igammac: {
      f: ops.igammac,
      constant: true,
      roundings: 60,
      specials: false,
      absolute: true,
      left: positive,
      right: positive,
    },
  }),
]
