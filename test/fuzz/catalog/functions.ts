/** Activations, special functions, bits: lib/ops/activations.ts, special.ts, bessel.ts, bitwise.ts. */
import * as ops from '#lib/index.js'
import { along, binary, call, type Entry, entry, FLOATS, INTEGERS, POSITIVE, shaped, unary } from '../draw.js'
import { operand, randomShape } from '../tensors.js'

const BITS = [...INTEGERS, 'bool'] as const

export const functions: readonly Entry[] = [
  ...unary('relu gelu silu softsign mish selu relu6 hardsigmoid hardswish tanhshrink logSigmoid softplus', FLOATS, {
    roundings: 8,
  }),
  ...unary('gelu', FLOATS, { args: () => [{ approximate: 'tanh' }] }),
  ...unary('hardtanh', FLOATS, { args: (r) => [r.int(-2, 0), r.int(0, 3)] }),
  ...unary('hardshrink softshrink leakyRelu elu celu', FLOATS, { args: (r) => [r.pick([0.25, 0.5, 1])] }),
  ...unary('softplus', FLOATS, { args: (r) => [r.pick([0.5, 2]), r.pick([1, 20])] }),
  ...unary('threshold', FLOATS, { args: (r) => [r.int(-1, 2), r.int(-3, 3)] }),
  entry('rrelu', (r) => {
    const [seed, training] = [r.int(0, 99), r.chance(2)]
    return call([operand(r, randomShape(r), r.pick(FLOATS))], (x) =>
      ops.rrelu(x, { training, generator: new ops.Generator(seed) }),
    )
  }),
  entry(
    'prelu',
    (r) => {
      const shape = randomShape(r, 4, 200, 1)
      const dtype = r.pick(FLOATS)
      const n = shape.length > 1 ? (shape[1] as number) : 1
      return call([operand(r, shape, dtype), operand(r, [r.chance(2) ? 1 : n], dtype)], ops.prelu)
    },
    { power: 2 },
  ),
  along('glu', FLOATS, () => (x, axis) => ops.glu(x, axis)),
  ...unary('i0e i1e ndtr logNdtr erfcx i0 i1 airyAi sphericalBesselJ0 sphericalBesselJ1 besselJ0 besselJ1', FLOATS, {
    roundings: 24,
  }),
  ...unary('entr besselY0 besselY1 modifiedBesselK0 modifiedBesselK1', FLOATS, { domain: POSITIVE, roundings: 24 }),
  ...unary('scaledModifiedBesselK0 scaledModifiedBesselK1', FLOATS, { domain: POSITIVE, roundings: 24 }),
  ...unary('erfinv', FLOATS, { domain: { low: -0.9, high: 0.9 }, roundings: 24 }),
  ...unary('ndtri', FLOATS, { domain: { low: 0.125, high: 0.875 }, roundings: 24 }),
  ...unary('logit', FLOATS, { domain: { low: 0.125, high: 0.875 }, args: (r) => [r.pick([null, 0.25])] }),
  ...unary('lgamma digamma', FLOATS, { domain: { low: 0.25, high: 4 }, roundings: 24 }),
  ...unary('mvlgamma', FLOATS, { domain: { low: 2, high: 5 }, args: (r) => [r.int(1, 4)], roundings: 24, power: 2 }),
  shaped(
    'polygamma',
    FLOATS,
    (r) => {
      const n = r.int(0, 4)
      return (x) => ops.polygamma(n, x)
    },
    { domain: { low: 0.5, high: 4 }, roundings: 40 },
  ),
  ...binary('xlogy xlog1py', FLOATS, { domains: [undefined, POSITIVE], power: 2 }),
  ...binary('zeta', FLOATS, { domains: [{ low: 1.5, high: 4 }, POSITIVE], roundings: 40 }),
  ...binary('igamma igammac', FLOATS, { domains: [POSITIVE, POSITIVE], roundings: 40, gradient: false }),
  ...binary(
    'chebyshevPolynomialT chebyshevPolynomialU chebyshevPolynomialV chebyshevPolynomialW shiftedChebyshevPolynomialT shiftedChebyshevPolynomialU shiftedChebyshevPolynomialV shiftedChebyshevPolynomialW hermitePolynomialH hermitePolynomialHe laguerrePolynomialL legendrePolynomialP',
    FLOATS,
    {
      domains: [
        { low: -0.9, high: 0.9 },
        { low: 0, high: 5 },
      ],
      roundings: 40,
      finite: true,
      gradient: false,
    },
  ),
  ...binary('bitwiseAnd bitwiseOr bitwiseXor', BITS),
  ...binary('bitwiseLeftShift bitwiseRightShift gcd lcm', INTEGERS),
  ...unary('bitwiseNot', BITS),
]
