/** Bessel and Airy functions and orthogonal polynomials (torch.special). Integers are computed as f32; definitions: DLMF, 9, 10, 18. */
import { OP } from '../generated/ops.js'
import { type DType, floatOf } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { define, float, type Operand, pairwise, refuseGradient, type Unary, unary } from './pointwise.js'
import { where } from './select.js'
import { neg } from './unary.js'

/** Bessel function of the first kind, order 0. */
export const besselJ0: Unary = define((x) =>
  unary('besselJ0', OP.besselJ0, x, float(x), 'x', (g, x) => neg(mul(g, besselJ1(x)))),
)
/** Bessel function of the first kind, order 1. */
export const besselJ1: Unary = define((x) =>
  unary('besselJ1', OP.besselJ1, x, float(x), 'x', (g, x) =>
    mul(g, where(eq(x, 0), 0.5, sub(besselJ0(x), div(besselJ1(x), where(eq(x, 0), 1, x))))),
  ),
)
/** Bessel function of the second kind, order 0; NaN below 0. */
export const besselY0: Unary = define((x) =>
  unary('besselY0', OP.besselY0, x, float(x), 'x', (g, x) => neg(mul(g, besselY1(x)))),
)
/** Bessel function of the second kind, order 1; NaN below 0. */
export const besselY1: Unary = define((x) =>
  unary('besselY1', OP.besselY1, x, float(x), 'x', (g, x) => mul(g, sub(besselY0(x), div(besselY1(x), x)))),
)
/** Modified Bessel function of the second kind, order 0; NaN below 0. */
export const modifiedBesselK0: Unary = define((x) =>
  unary('modifiedBesselK0', OP.modifiedBesselK, x, float(x), 'x', (g, x) => neg(mul(g, modifiedBesselK1(x))), [0, 0]),
)
/** Modified Bessel function of the second kind, order 1; NaN below 0. */
export const modifiedBesselK1: Unary = define((x) =>
  unary(
    'modifiedBesselK1',
    OP.modifiedBesselK,
    x,
    float(x),
    'x',
    (g, x) => neg(mul(g, add(modifiedBesselK0(x), div(modifiedBesselK1(x), x)))),
    [1, 0],
  ),
)
/** e^x modifiedBesselK0(x). */
export const scaledModifiedBesselK0: Unary = define((x) =>
  unary(
    'scaledModifiedBesselK0',
    OP.modifiedBesselK,
    x,
    float(x),
    'x',
    (g, x) => mul(g, sub(scaledModifiedBesselK0(x), scaledModifiedBesselK1(x))),
    [0, 1],
  ),
)
/** e^x modifiedBesselK1(x). */
export const scaledModifiedBesselK1: Unary = define((x) =>
  unary(
    'scaledModifiedBesselK1',
    OP.modifiedBesselK,
    x,
    float(x),
    'x',
    (g, x) => mul(g, sub(mul(scaledModifiedBesselK1(x), sub(1, div(1, x))), scaledModifiedBesselK0(x))),
    [1, 1],
  ),
)
/** Spherical Bessel function of the first kind, order 0: sin(x) / x. */
export const sphericalBesselJ0: Unary = define((x) =>
  unary('sphericalBesselJ0', OP.sphericalBesselJ0, x, float(x), 'x', (g, x) => neg(mul(g, sphericalBesselJ1(x)))),
)
/** Spherical Bessel function of the first kind, order 1: sin(x) / x^2 - cos(x) / x. */
export const sphericalBesselJ1: Unary = define((x) =>
  unary('sphericalBesselJ1', OP.sphericalBesselJ1, x, float(x), 'x', (g, x) => {
    // j1' = j0 - 2 j1 / x (DLMF 10.51.2), where j1 / x is 1/3 at 0.
    const zero = eq(x, 0)
    const ratio = where(zero, 1 / 3, div(sphericalBesselJ1(x), where(zero, 1, x)))
    return mul(g, sub(sphericalBesselJ0(x), mul(ratio, 2)))
  }),
)
/** Airy's function Ai. It has no gradient. */
export const airyAi: Unary = define((x) => {
  refuseGradient('airyAi', x)
  return unary('airyAi', OP.airyAi, x, float(x), 'nothing', (g) => g)
})

const floating = (d: DType): DType => floatOf(d)
type Polynomial = (x: Operand, n: Operand) => Tensor
const polynomial =
  (name: string, kind: number): Polynomial =>
  (x, n) =>
    pairwise(name, OP.orthogonalPolynomial, x, n, floating, ['unknown', 'unknown'], [kind])
const shifted =
  (f: Polynomial): Polynomial =>
  (x, n) =>
    f(typeof x === 'number' ? 2 * x - 1 : sub(mul(cast(x, float(x)), 2), 1), n)

/**
 * Chebyshev polynomial of the first kind at x, of degree n, pointwise; 0 for negative degrees. Neither it nor the polynomials
 * below have gradients, as in PyTorch.
 */
export const chebyshevPolynomialT: Polynomial = polynomial('chebyshevPolynomialT', 0)
/** Chebyshev polynomial of the second kind. */
export const chebyshevPolynomialU: Polynomial = polynomial('chebyshevPolynomialU', 1)
/** Chebyshev polynomial of the third kind. */
export const chebyshevPolynomialV: Polynomial = polynomial('chebyshevPolynomialV', 2)
/** Chebyshev polynomial of the fourth kind. */
export const chebyshevPolynomialW: Polynomial = polynomial('chebyshevPolynomialW', 3)
/** Physicists' Hermite polynomial. */
export const hermitePolynomialH: Polynomial = polynomial('hermitePolynomialH', 4)
/** Probabilists' Hermite polynomial. */
export const hermitePolynomialHe: Polynomial = polynomial('hermitePolynomialHe', 5)
/** Laguerre polynomial. */
export const laguerrePolynomialL: Polynomial = polynomial('laguerrePolynomialL', 6)
/** Legendre polynomial. */
export const legendrePolynomialP: Polynomial = polynomial('legendrePolynomialP', 7)
/** chebyshevPolynomialT of 2x - 1. */
export const shiftedChebyshevPolynomialT: Polynomial = shifted(chebyshevPolynomialT)
/** chebyshevPolynomialU of 2x - 1. */
export const shiftedChebyshevPolynomialU: Polynomial = shifted(chebyshevPolynomialU)
/** chebyshevPolynomialV of 2x - 1. */
export const shiftedChebyshevPolynomialV: Polynomial = shifted(chebyshevPolynomialV)
/** chebyshevPolynomialW of 2x - 1. */
export const shiftedChebyshevPolynomialW: Polynomial = shifted(chebyshevPolynomialW)
