/** Bessel functions and orthogonal polynomials: lib/ops/bessel.ts. */
import type { Operand, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { unarySpecs } from '../opspec/pointwise.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const right = { low: 0.4, high: 9 }
const wide = { low: -9, high: 9, avoid: [0] }

const polynomials: Record<string, (x: Operand, n: Operand) => Tensor> = {
  chebyshevPolynomialT: ops.chebyshevPolynomialT,
  chebyshevPolynomialU: ops.chebyshevPolynomialU,
  chebyshevPolynomialV: ops.chebyshevPolynomialV,
  chebyshevPolynomialW: ops.chebyshevPolynomialW,
  hermitePolynomialH: ops.hermitePolynomialH,
  hermitePolynomialHe: ops.hermitePolynomialHe,
  laguerrePolynomialL: ops.laguerrePolynomialL,
  legendrePolynomialP: ops.legendrePolynomialP,
  shiftedChebyshevPolynomialT: ops.shiftedChebyshevPolynomialT,
  shiftedChebyshevPolynomialU: ops.shiftedChebyshevPolynomialU,
  shiftedChebyshevPolynomialV: ops.shiftedChebyshevPolynomialV,
  shiftedChebyshevPolynomialW: ops.shiftedChebyshevPolynomialW,
}

/** The oracle integrates: a few dtypes are enough, as all are computed in double. */
const costly = { dtypes: ['f32', 'f64'], refuses: ['c64', 'c128'] } as const

export const specs: readonly OpSpec[] = [
  ...unarySpecs({
    besselJ0: { ...costly, f: ops.besselJ0, roundings: 4, absolute: true, domain: wide },
    besselJ1: { ...costly, f: ops.besselJ1, roundings: 4, absolute: true, domain: wide },
    besselY0: { ...costly, f: ops.besselY0, roundings: 8, absolute: true, domain: right },
    besselY1: { ...costly, f: ops.besselY1, roundings: 8, absolute: true, domain: right },
    modifiedBesselK0: { ...costly, f: ops.modifiedBesselK0, ops: ['modifiedBesselK'], roundings: 10, domain: right },
    modifiedBesselK1: { ...costly, f: ops.modifiedBesselK1, ops: ['modifiedBesselK'], roundings: 10, domain: right },
    scaledModifiedBesselK0: {
      ...costly,
      f: ops.scaledModifiedBesselK0,
      ops: ['modifiedBesselK'],
      roundings: 10,
      domain: right,
    },
    scaledModifiedBesselK1: {
      ...costly,
      f: ops.scaledModifiedBesselK1,
      ops: ['modifiedBesselK'],
      roundings: 10,
      domain: right,
    },
    sphericalBesselJ0: { ...costly, f: ops.sphericalBesselJ0, roundings: 4, absolute: true, domain: wide },
    sphericalBesselJ1: { ...costly, f: ops.sphericalBesselJ1, roundings: 4, absolute: true, domain: wide },
    airyAi: { ...costly, f: ops.airyAi, specials: false, roundings: 40, absolute: true, domain: wide, gradient: null },
  }),
  ...Object.entries(polynomials).map(
    ([name, f]): OpSpec => ({
      name,
      ops: ['orthogonalPolynomial'],
      dtypes: FLOATS,
      refuses: [],
      *samples(s) {
        for (const high of [1, 1.5]) {
          const degrees = { ...s.indices([14, 1], 0, 1), values: Float64Array.from({ length: 14 }, (_, i) => i - 2) }
          yield { inputs: [s.values([17], { low: -high, high }), degrees], args: {} }
        }
        yield { inputs: [s.values([17]), null], args: { n: 3 } }
        yield { inputs: [s.given([Number.NaN, 1, -1, 0, 0.5]), null], args: { n: 9 } }
      },
      call: ([x, n], args) => f(x as Tensor, (n as Tensor | null) ?? args.n),
      accuracy: { roundings: 60, magnitude: 'norm', composed: true },
      gradient: null,
    }),
  ),
]
