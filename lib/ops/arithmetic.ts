/** Further arithmetic of two operands, with broadcasting and dtype promotion. */
import { DTypeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, eq, ge, le, logicalOr, mul, pow, sub } from './binary.js'
import { cast } from './convert.js'
import { isTensor, method, numeric } from './emit.js'
import { type Operand, type Partial, pairwise } from './pointwise.js'
import { where } from './select.js'
import { exp2 } from './trig.js'
import { isnan, neg, sigmoid, trunc } from './unary.js'

const numbers =
  (name: string) =>
  (d: DType): DType =>
    numeric(name, d)
const floating = (d: DType): DType => floatOf(d)
const nothing: Partial = (g) => mul(g, 0)

/** a - trunc(a / b) b: has the dividend's sign. Integer division by zero gives 0. */
export function fmod(a: Operand, b: Operand): Tensor {
  return pairwise('fmod', OP.fmod, a, b, numbers('fmod'), [(g) => g, (g, a, b) => neg(mul(g, trunc(div(a, b))))])
}

/** How div rounds; see there. */
export type RoundingMode = 'floor' | 'trunc'

/** The quotient as a whole number; its gradients are zero. */
export function roundedDiv(a: Operand, b: Operand, mode: RoundingMode): Tensor {
  const name = mode === 'floor' ? 'divFloor' : 'divTrunc'
  return pairwise(name, OP[name], a, b, numbers('div'), [nothing, nothing])
}

/** floor(a / b), of integers too. Integer division by zero gives 0. */
export function floorDivide(a: Operand, b: Operand): Tensor {
  return pairwise('floorDivide', OP.divFloor, a, b, numbers('floorDivide'), [nothing, nothing])
}

const right = (a: Operand, b: Operand, wins: (a: Operand, b: Operand) => Tensor): Tensor =>
  isTensor(b) ? logicalOr(wins(a, b), isnan(b)) : wins(a, b)
/** The larger of the two; a NaN loses. Of equal operands the first gets the gradient. */
export function fmax(a: Operand, b: Operand): Tensor {
  return pairwise('fmax', OP.fmax, a, b, (d) => d, [
    (g, a, b) => where(right(a, b, ge), g, 0),
    (g, a, b) => where(right(a, b, ge), 0, g),
  ])
}
/** The smaller of the two; a NaN loses. Of equal operands the first gets the gradient. */
export function fmin(a: Operand, b: Operand): Tensor {
  return pairwise('fmin', OP.fmin, a, b, (d) => d, [
    (g, a, b) => where(right(a, b, le), g, 0),
    (g, a, b) => where(right(a, b, le), 0, g),
  ])
}

/** 0 where a is negative, 1 where positive, b where zero. It has no gradient. */
export function heaviside(a: Operand, b: Operand): Tensor {
  return pairwise('heaviside', OP.heaviside, a, b, (d) => d, ['none', 'none'])
}

/** |a| with the sign of b. */
export function copysign(a: Operand, b: Operand): Tensor {
  return pairwise('copysign', OP.copysign, a, b, floating, [
    (g, a, _, y) => where(eq(a, 0), 0, mul(g, div(y, a))),
    nothing,
  ])
}

/** The number next to a towards b. f32 and f64; the derivative by a is 1, by b 0. */
export function nextafter(a: Operand, b: Operand): Tensor {
  const wide = (d: DType): DType => {
    if (d !== 'f32' && d !== 'f64') throw new DTypeError(`nextafter: a ${d} tensor; it takes f32 and f64`)
    return d
  }
  return pairwise('nextafter', OP.nextafter, a, b, wide, [(g) => g, nothing])
}

/** ln(e^a + e^b) without overflow. */
export function logaddexp(a: Operand, b: Operand): Tensor {
  return pairwise('logaddexp', OP.logaddexp, a, b, floating, [
    (g, a, b) => mul(g, sigmoid(sub(a, b))),
    (g, a, b) => mul(g, sigmoid(sub(b, a))),
  ])
}
/** log2(2^a + 2^b) without overflow. */
export function logaddexp2(a: Operand, b: Operand): Tensor {
  return pairwise('logaddexp2', OP.logaddexp2, a, b, floating, [
    (g, a, b) => mul(g, sigmoid(mul(sub(a, b), Math.LN2))),
    (g, a, b) => mul(g, sigmoid(mul(sub(b, a), Math.LN2))),
  ])
}

/** a 2^b. */
export function ldexp(a: Operand, b: Operand): Tensor {
  return mul(isTensor(a) ? cast(a, floatOf(a.dtype)) : a, isTensor(b) ? exp2(b) : 2 ** b)
}

/** a to the power b in f64. */
export function floatPower(a: Operand, b: Operand): Tensor {
  const wide = (x: Operand): Operand => (isTensor(x) ? cast(x, 'f64') : x)
  return pow(wide(a), wide(b))
}

/** b - a. */
export function rsub(a: Operand, b: Operand): Tensor {
  return sub(b, a)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    fmod(other: Operand): Tensor
    floorDivide(other: Operand): Tensor
    fmax(other: Operand): Tensor
    fmin(other: Operand): Tensor
    heaviside(other: Operand): Tensor
    copysign(other: Operand): Tensor
    nextafter(other: Operand): Tensor
    logaddexp(other: Operand): Tensor
    logaddexp2(other: Operand): Tensor
    ldexp(other: Operand): Tensor
    floatPower(other: Operand): Tensor
  }
}
const methods = {
  fmod,
  floorDivide,
  fmax,
  fmin,
  heaviside,
  copysign,
  nextafter,
  logaddexp,
  logaddexp2,
  ldexp,
  floatPower,
}
for (const [name, f] of Object.entries(methods)) {
  method(name, function (this: Tensor, other: Operand) {
    return f(this, other)
  })
}
