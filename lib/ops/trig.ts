/**
 * Trigonometric and hyperbolic functions, their inverses, powers and logarithms of bases 2 and 10. Integers are computed as f32.
 * Complex numbers too, but for sinc; their branches are those of C and NumPy, and nothing is NaN for its domain.
 */
import { OP } from '../generated/ops.js'
import { type DType, floatOf, isComplex } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { sphericalBesselJ1 } from './bessel.js'
import { add, div, eq, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { method } from './emit.js'
import { define, float, type Operand, pairwise, type Unary, unary } from './pointwise.js'
import { where } from './select.js'
import { neg, rsqrt, square } from './unary.js'

/** Tangent (radians). Within 0.6 ulp in f32, 2.2 in f64. */
export const tan: Unary = define((x) => unary('tan', OP.tan, x, float(x), 'y', (g, y) => mul(g, add(square(y), 1))))
/** Inverse sine, NaN outside [-1, 1]. Within 2.1 ulp in f32, 1.3 in f64. */
export const asin: Unary = define((x) =>
  unary('asin', OP.asin, x, float(x), 'x', (g, x) => mul(g, rsqrt(sub(1, square(x))))),
)
/** Inverse cosine, NaN outside [-1, 1]. Within 1.3 ulp in f32, 1.2 in f64. */
export const acos: Unary = define((x) =>
  unary('acos', OP.acos, x, float(x), 'x', (g, x) => neg(mul(g, rsqrt(sub(1, square(x)))))),
)
/** Inverse tangent. Within 2.2 ulp in f32, 1.8 in f64. */
export const atan: Unary = define((x) => unary('atan', OP.atan, x, float(x), 'x', (g, x) => div(g, add(square(x), 1))))
/** Hyperbolic sine. Within 0.6 ulp in f32, 1 in f64. */
export const sinh: Unary = define((x) => unary('sinh', OP.sinh, x, float(x), 'x', (g, x) => mul(g, cosh(x))))
/** Hyperbolic cosine. Within 0.6 ulp in f32, 1 in f64. */
export const cosh: Unary = define((x) => unary('cosh', OP.cosh, x, float(x), 'x', (g, x) => mul(g, sinh(x))))
/** Inverse hyperbolic sine. Within 0.6 ulp in f32, 1 in f64. */
export const asinh: Unary = define((x) =>
  unary('asinh', OP.asinh, x, float(x), 'x', (g, x) => mul(g, rsqrt(add(square(x), 1)))),
)
/** Inverse hyperbolic cosine, NaN below 1. Within 0.6 ulp in f32, 1 in f64. */
export const acosh: Unary = define((x) =>
  unary('acosh', OP.acosh, x, float(x), 'x', (g, x) =>
    // Two roots, as the one of the product is the other branch's left of the imaginary axis.
    isComplex(x.dtype) ? mul(g, mul(rsqrt(sub(x, 1)), rsqrt(add(x, 1)))) : mul(g, rsqrt(sub(square(x), 1))),
  ),
)
/** Inverse hyperbolic tangent, NaN outside [-1, 1]. Within 0.6 ulp in f32, 1 in f64. */
export const atanh: Unary = define((x) =>
  unary('atanh', OP.atanh, x, float(x), 'x', (g, x) => div(g, sub(1, square(x)))),
)
/** 2^x. Within 1.2 ulp in f32, 1.2 in f64. */
export const exp2: Unary = define((x) => unary('exp2', OP.exp2, x, float(x), 'y', (g, y) => mul(g, mul(y, Math.LN2))))
/** Logarithm to base 2. Within 1.9 ulp in f32, 1.2 in f64. */
export const log2: Unary = define((x) => unary('log2', OP.log2, x, float(x), 'x', (g, x) => div(g, mul(x, Math.LN2))))
/** Logarithm to base 10. Within 2.1 ulp in f32, 1.1 in f64. */
export const log10: Unary = define((x) =>
  unary('log10', OP.log10, x, float(x), 'x', (g, x) => div(g, mul(x, Math.LN10))),
)
/** sin(pi x) / (pi x), 1 at 0. */
export const sinc: Unary = define((x) =>
  unary('sinc', OP.sinc, x, float(x), 'x', (g, x) => mul(g, mul(sphericalBesselJ1(mul(x, Math.PI)), -Math.PI))),
)
/** Degrees to radians. */
export const deg2rad: Unary = define((x) => mul(cast(x, float(x)), Math.PI / 180))
/** Radians to degrees. */
export const rad2deg: Unary = define((x) => mul(cast(x, float(x)), 180 / Math.PI))

const floating = (d: DType): DType => floatOf(d)
const squared = (x: Operand): Operand => (typeof x === 'number' ? x * x : square(x))

/** The angle of the point (b, a) from the first axis, in (-pi, pi]. Within 3 ulp in f32, 2 in f64. */
export function atan2(a: Operand, b: Operand): Tensor {
  // Without the division by zero at the origin, whose gradients are zero.
  const over = (a: Operand, b: Operand): Tensor => {
    const q = add(squared(a), squared(b)) as Tensor
    return where(eq(q, 0), 1, q)
  }
  return pairwise('atan2', OP.atan2, a, b, floating, [
    (g, a, b) => mul(g, div(b, over(a, b))),
    (g, a, b) => neg(mul(g, div(a, over(a, b)))),
  ])
}

/** sqrt(a^2 + b^2) without overflow. Within 0.6 ulp in f32, 1.3 in f64. */
export function hypot(a: Operand, b: Operand): Tensor {
  return pairwise('hypot', OP.hypot, a, b, floating, [
    (g, a, _, y) => mul(g, div(a, y)),
    (g, _, b, y) => mul(g, div(b, y)),
  ])
}

type UnaryMethod = <E extends DType, A extends Shape>(this: Tensor<E, A>) => Tensor<E, A>

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    tan: UnaryMethod
    asin: UnaryMethod
    acos: UnaryMethod
    atan: UnaryMethod
    sinh: UnaryMethod
    cosh: UnaryMethod
    asinh: UnaryMethod
    acosh: UnaryMethod
    atanh: UnaryMethod
    exp2: UnaryMethod
    log2: UnaryMethod
    log10: UnaryMethod
    sinc: UnaryMethod
    deg2rad: UnaryMethod
    rad2deg: UnaryMethod
    atan2(other: Operand): Tensor
    hypot(other: Operand): Tensor
  }
}
const plain = { tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh, exp2, log2, log10, sinc, deg2rad, rad2deg }
for (const [name, f] of Object.entries(plain)) {
  method(name, function (this: Tensor) {
    return f(this)
  })
}
method('atan2', function (this: Tensor, other: Operand) {
  return atan2(this, other)
})
method('hypot', function (this: Tensor, other: Operand) {
  return hypot(this, other)
})
