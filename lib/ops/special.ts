/** Special functions of one operand (torch.special). Integers are computed as f32; definitions: DLMF, chapters 5, 7, 8. */
import { ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, ge, le, logicalAnd, mul, sub } from './binary.js'
import { full } from './creation.js'
import { method } from './emit.js'
import { define, float, type Operand, pairwise, type Unary, unary } from './pointwise.js'
import { where } from './select.js'
import { exp, log, log1p, neg, reciprocal, sign, square } from './unary.js'

/** f(x), and `value` at 0, where f divides by x. */
function atZero(x: Tensor, value: number, f: (x: Tensor) => Tensor): Tensor {
  const zero = eq(x, 0)
  return where(zero, value, f(where(zero, 1, x)))
}

/** ln |gamma(x)|. Within 0.51 ulp in f32, 7 in f64. */
export const lgamma: Unary = define((x) => unary('lgamma', OP.lgamma, x, float(x), 'x', (g, x) => mul(g, digamma(x))))
/** The logarithmic derivative of the gamma function. Within 0.51 ulp in f32, 24 in f64. */
export const digamma: Unary = define((x) =>
  unary('digamma', OP.digamma, x, float(x), 'x', (g, x) => mul(g, polygamma(1, x))),
)
/** 1 - erf(x), exact where it is small. Within 0.6 ulp in f32, 5 in f64. */
export const erfc: Unary = define((x) =>
  unary('erfc', OP.erfc, x, float(x), 'x', (g, x) => mul(g, mul(exp(neg(square(x))), -2 / Math.sqrt(Math.PI)))),
)
/** Inverse error function, NaN outside [-1, 1]. Within 0.51 ulp in f32, 6 in f64. */
export const erfinv: Unary = define((x) =>
  unary('erfinv', OP.erfinv, x, float(x), 'y', (g, y) => mul(g, mul(exp(square(y)), Math.sqrt(Math.PI) / 2))),
)
/** e^(x^2) erfc(x). Within 0.51 ulp in f32, 6 in f64. */
export const erfcx: Unary = define((x) =>
  unary('erfcx', OP.erfcx, x, float(x), 'x', (g, x) => mul(g, sub(mul(mul(x, erfcx(x)), 2), 2 / Math.sqrt(Math.PI)))),
)
/** The normal distribution function: half of erfc(-x / sqrt(2)). Within 0.51 ulp in f32, 6 in f64. */
export const ndtr: Unary = define((x) =>
  unary('ndtr', OP.ndtr, x, float(x), 'x', (g, x) =>
    mul(g, mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))),
  ),
)
/** The inverse of ndtr, NaN outside [0, 1]. Within 0.51 ulp in f32, 5 in f64. */
export const ndtri: Unary = define((x) =>
  unary('ndtri', OP.ndtri, x, float(x), 'y', (g, y) => mul(g, mul(exp(mul(square(y), 0.5)), Math.sqrt(2 * Math.PI)))),
)
/** The logarithm of ndtr, exact far in the tail. Within 0.51 ulp in f32, 6 in f64. */
export const logNdtr: Unary = define((x) =>
  unary('logNdtr', OP.logNdtr, x, float(x), 'x', (g, x) =>
    div(mul(g, Math.sqrt(2 / Math.PI)), erfcx(mul(x, -Math.SQRT1_2))),
  ),
)
/** -x ln(x): 0 at 0, minus infinity below. */
export const entr: Unary = define((x) => unary('entr', OP.entr, x, float(x), 'x', (g, x) => mul(g, sub(-1, log(x)))))
/** Modified Bessel function of the first kind, order 0. Within 12 ulp in f32. */
export const i0: Unary = define((x) => unary('i0', OP.i0, x, float(x), 'x', (g, x) => mul(g, i1(x))))
/** e^-|x| i0(x). Within 12 ulp in f32. */
export const i0e: Unary = define((x) =>
  unary('i0e', OP.i0e, x, float(x), 'x', (g, x) => mul(g, sub(i1e(x), mul(sign(x), i0e(x))))),
)
/** Modified Bessel function of the first kind, order 1. Within 12 ulp in f32. */
export const i1: Unary = define((x) =>
  unary('i1', OP.i1, x, float(x), 'x', (g, x) =>
    mul(
      g,
      atZero(x, 0.5, (x) => sub(i0(x), div(i1(x), x))),
    ),
  ),
)
/** e^-|x| i1(x). Within 12 ulp in f32. */
export const i1e: Unary = define((x) =>
  unary('i1e', OP.i1e, x, float(x), 'x', (g, x) =>
    mul(
      g,
      atZero(x, 0.5, (x) => sub(i0e(x), mul(i1e(x), add(sign(x), reciprocal(x))))),
    ),
  ),
)

/** The n-th derivative of digamma, n = 0, 1, ... @throws ValueError for other n */
export function polygamma<D extends DType, S extends Shape>(n: number, x: Tensor<D, S>): Tensor<D, S> {
  if (!Number.isInteger(n) || n < 0) throw new ValueError(`polygamma: order ${n} is not a non-negative integer`)
  return unary('polygamma', OP.polygamma, x, float(x), 'x', (g, x) => mul(g, polygamma(n + 1, x)), [n]) as Tensor<D, S>
}

/** The multivariate gamma function's logarithm of dimension p: p (p - 1) / 4 ln(pi) + sum of lgamma(x - j / 2) over j < p. */
export function mvlgamma<D extends DType, S extends Shape>(x: Tensor<D, S>, p: number): Tensor<D, S> {
  if (!Number.isInteger(p) || p < 1) throw new ValueError(`mvlgamma: dimension ${p} is not a positive integer`)
  let y: Tensor = add(lgamma(x), ((p * (p - 1)) / 4) * Math.log(Math.PI))
  for (let j = 1; j < p; j++) y = add(y, lgamma(sub(x, j / 2)))
  return y as Tensor<D, S>
}

/** ln(x / (1 - x)), of x bounded to [eps, 1 - eps] where eps is given. */
export function logit<D extends DType, S extends Shape>(x: Tensor<D, S>, eps?: number | null): Tensor<D, S> {
  const bound = eps ?? -1
  return unary(
    'logit',
    OP.logit,
    x,
    float(x),
    'x',
    (g, x) => {
      const inside = logicalAnd(ge(x, Math.max(bound, 0)), le(x, 1 - Math.max(bound, 0)))
      const slope = mul(g, reciprocal(mul(x, sub(1, x))))
      return where(inside, slope, bound < 0 ? Number.NaN : 0)
    },
    [bound],
  ) as Tensor<D, S>
}

const floating = (d: DType): DType => floatOf(d)
/** A number as a tensor beside `like`. */
const lifted = (x: Operand, like: Tensor): Tensor =>
  typeof x === 'number' ? full([], x, { dtype: like.dtype, device: like.device }) : x

/** a ln(b), 0 where a is 0 and b no NaN. */
export function xlogy(a: Operand, b: Operand): Tensor {
  return pairwise('xlogy', OP.xlogy, a, b, floating, [
    (g, a, b) => {
      const t = lifted(b, g)
      return where(logicalAnd(eq(lifted(a, g), 0), le(t, 0)), 0, mul(g, log(t)))
    },
    (g, a, b) => mul(g, div(a, b)),
  ])
}

/** a ln(1 + b), 0 where a is 0 and b no NaN. */
export function xlog1py(a: Operand, b: Operand): Tensor {
  return pairwise('xlog1py', OP.xlog1py, a, b, floating, [
    (g, a, b) => {
      const t = lifted(b, g)
      return where(logicalAnd(eq(lifted(a, g), 0), le(t, -1)), 0, mul(g, log1p(t)))
    },
    (g, a, b) => mul(g, div(a, add(b, 1))),
  ])
}

/** Hurwitz's zeta function: the sum of (q + k)^-s over k = 0, 1, ... Not differentiable by s. */
export function zeta(s: Operand, q: Operand): Tensor {
  return pairwise('zeta', OP.zeta, s, q, floating, [
    'unknown',
    (g, s, q) => {
      const t = lifted(s, g)
      return neg(mul(g, mul(t, zeta(add(t, 1), q))))
    },
  ])
}

// x^(a-1) e^-x / gamma(a)
function density(parameter: Operand, at: Operand, like: Tensor): Tensor {
  const [a, x] = [lifted(parameter, like), lifted(at, like)]
  return exp(sub(sub(mul(sub(a, 1), log(x)), x), lgamma(a)))
}

/** Regularised lower incomplete gamma function of parameter a at x. Not differentiable by a. */
export function igamma(a: Operand, x: Operand): Tensor {
  return pairwise('igamma', OP.igamma, a, x, floating, ['unknown', (g, a, x) => mul(g, density(a, x, g))])
}

/** Regularised upper incomplete gamma function: 1 - igamma(a, x). Not differentiable by a. */
export function igammac(a: Operand, x: Operand): Tensor {
  return pairwise('igammac', OP.igammac, a, x, floating, ['unknown', (g, a, x) => neg(mul(g, density(a, x, g)))])
}

type UnaryMethod = <E extends DType, A extends Shape>(this: Tensor<E, A>) => Tensor<E, A>

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    lgamma: UnaryMethod
    digamma: UnaryMethod
    erfc: UnaryMethod
    erfinv: UnaryMethod
    i0: UnaryMethod
    polygamma<E extends DType, A extends Shape>(this: Tensor<E, A>, n: number): Tensor<E, A>
    mvlgamma<E extends DType, A extends Shape>(this: Tensor<E, A>, p: number): Tensor<E, A>
    logit<E extends DType, A extends Shape>(this: Tensor<E, A>, eps?: number | null): Tensor<E, A>
    xlogy(other: Operand): Tensor
    igamma(x: Operand): Tensor
    igammac(x: Operand): Tensor
  }
}
const plain = { lgamma, digamma, erfc, erfinv, i0 }
for (const [name, f] of Object.entries(plain)) {
  method(name, function (this: Tensor) {
    return f(this)
  })
}
method('polygamma', function (this: Tensor, n: number) {
  return polygamma(n, this)
})
method('mvlgamma', function (this: Tensor, p: number) {
  return mvlgamma(this, p)
})
method('logit', function (this: Tensor, eps?: number | null) {
  return logit(this, eps)
})
for (const [name, f] of Object.entries({ xlogy, igamma, igammac })) {
  method(name, function (this: Tensor, other: Operand) {
    return f(this, other)
  })
}
