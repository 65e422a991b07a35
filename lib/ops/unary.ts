/** Pointwise functions of one operand. Integers are computed as f32 where the result is no integer. */
import { DTypeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex, isFloating, promoteScalar } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { geluGradient, geluTanhGradient, reluGradient, siluGradient } from './activationGradients.js'
import { add, div, eq, logicalAnd, logicalOr, mul, sub } from './binary.js'
import { imag, real } from './complex.js'
import { complexAbs, complexExp, complexLog } from './complex-functions.js'
import { isTensor, method, NO_ATTRIBUTES, numeric } from './emit.js'
import { clampBetween } from './numbers.js'
import { define, float, fused, type Operand, predicate, type Unary, unary } from './pointwise.js'
import { where } from './select.js'

const same = (x: Tensor): DType => x.dtype

/** -x. */
export const neg: Unary = define((x) => unary('neg', OP.neg, x, numeric('neg', x.dtype), 'nothing', (g) => neg(g)))
/** |x|; the derivative at 0 is 0. A complex number's length is real. */
export const abs: Unary = define((x) =>
  isComplex(x.dtype) ? complexAbs(x) : unary('abs', OP.abs, x, numeric('abs', x.dtype), 'x', (g, x) => mul(g, sign(x))),
)
/** -1, 0 or 1. */
export const sign: Unary = define((x) => unary('sign', OP.sign, x, same(x), 'nothing', (g) => mul(g, 0)))
/** x * x. */
export const square: Unary = define((x) =>
  unary('square', OP.square, x, numeric('square', x.dtype), 'x', (g, x) => mul(g, mul(x, 2))),
)
/** Square root; of complex numbers the one with a real part that is not negative. */
export const sqrt: Unary = define((x) => unary('sqrt', OP.sqrt, x, float(x), 'y', (g, y) => div(g, mul(y, 2))))
/** 1 / sqrt(x). */
export const rsqrt: Unary = define((x) =>
  unary('rsqrt', OP.rsqrt, x, float(x), 'y', (g, y) => mul(g, mul(mul(y, mul(y, y)), -0.5))),
)
/** 1 / x. */
export const reciprocal: Unary = define((x) =>
  unary('reciprocal', OP.reciprocal, x, float(x), 'y', (g, y) => neg(mul(g, mul(y, y)))),
)
/** e^x; of complex numbers too. Within 1.1 ulp in f32, 1 in f64. */
export const exp: Unary = define((x) =>
  isComplex(x.dtype) ? complexExp(x) : unary('exp', OP.exp, x, float(x), 'y', (g, y) => mul(g, y)),
)
/** e^x - 1, exact for small x. Within 1.8 ulp in f32, 2 in f64. */
export const expm1: Unary = define((x) => unary('expm1', OP.expm1, x, float(x), 'y', (g, y) => mul(g, add(y, 1))))
/** Natural logarithm; of complex numbers the one with an imaginary part from -pi to pi. Within 0.9 ulp in f32, 0.9 in f64. */
export const log: Unary = define((x) =>
  isComplex(x.dtype) ? complexLog(x) : unary('log', OP.log, x, float(x), 'x', (g, x) => div(g, x)),
)
/** ln(1 + x), exact for small x. Within 1.6 ulp in f32, 0.9 in f64. */
export const log1p: Unary = define((x) => unary('log1p', OP.log1p, x, float(x), 'x', (g, x) => div(g, add(x, 1))))
/** Sine (radians). Within 1.9 ulp in f32, 0.9 in f64. */
export const sin: Unary = define((x) => unary('sin', OP.sin, x, float(x), 'x', (g, x) => mul(g, cos(x))))
/** Cosine (radians). Within 1.9 ulp in f32, 0.9 in f64. */
export const cos: Unary = define((x) => unary('cos', OP.cos, x, float(x), 'x', (g, x) => neg(mul(g, sin(x)))))
/** Error function. Within 2.8 ulp in f32, 1.4 in f64. */
export const erf: Unary = define((x) =>
  unary('erf', OP.erf, x, float(x), 'x', (g, x) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))),
)
/** Largest integer not above x. */
export const floor: Unary = define((x) =>
  unary('floor', OP.floor, x, numeric('floor', x.dtype), 'nothing', (g) => mul(g, 0)),
)
/** Smallest integer not below x. */
export const ceil: Unary = define((x) =>
  unary('ceil', OP.ceil, x, numeric('ceil', x.dtype), 'nothing', (g) => mul(g, 0)),
)
export interface RoundOptions {
  /** Digits behind the decimal point (negative: zeros before it). Default 0. */
  decimals?: number
}

/** Nearest integer, halves to even; or nearest number of so many decimals. */
export function round<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: RoundOptions): Tensor<D, S> {
  const decimals = options?.decimals ?? 0
  const dtype = numeric('round', x.dtype)
  const zero = (g: Tensor): Tensor => mul(g, 0)
  if (decimals === 0) return unary('round', OP.round, x, dtype, 'nothing', zero) as Tensor<D, S>
  if (!isFloating(dtype) && !isComplex(dtype))
    throw new DTypeError(`round: decimals of a ${dtype} tensor; it takes floating-point tensors`)
  const attributes = [10 ** Math.abs(decimals), decimals < 0 ? 1 : 0]
  return unary('round', OP.roundDecimals, x, dtype, 'nothing', zero, attributes) as Tensor<D, S>
}
/** x without its fraction. */
export const trunc: Unary = define((x) =>
  unary('trunc', OP.trunc, x, numeric('trunc', x.dtype), 'nothing', (g) => mul(g, 0)),
)

/** Hyperbolic tangent. Within 2.6 ulp in f32, 1.5 in f64. */
export const tanh: Unary = define((x) =>
  unary('tanh', OP.tanh, x, float(x), 'y', (g, y) =>
    fused(OP.tanhBackward, 'tanhBackward', g, y, NO_ATTRIBUTES, () => mul(g, sub(1, mul(y, y)))),
  ),
)
/** 1 / (1 + e^-x). Within 2.5 ulp in f32, 2.2 in f64. */
export const sigmoid: Unary = define((x) =>
  unary('sigmoid', OP.sigmoid, x, float(x), 'y', (g, y) =>
    fused(OP.sigmoidBackward, 'sigmoidBackward', g, y, NO_ATTRIBUTES, () => mul(g, mul(y, sub(1, y)))),
  ),
)
/** max(x, 0); the derivative at 0 is 0. */
export const relu: Unary = define((x) => unary('relu', OP.relu, x, numeric('relu', x.dtype), 'y', reluGradient))
/** x * sigmoid(x), also called swish. */
export const silu: Unary = define((x) => unary('silu', OP.silu, x, float(x), 'x', siluGradient))

/** x / (1 + |x|). */
export const softsign: Unary = define((x) =>
  unary('softsign', OP.softsign, x, float(x), 'x', (g, x) => div(g, square(add(abs(x), 1)))),
)

const geluExact: Unary = define((x) => unary('gelu', OP.gelu, x, float(x), 'x', geluGradient))
const geluTanh: Unary = define((x) => unary('geluTanh', OP.geluTanh, x, float(x), 'x', geluTanhGradient))

export interface GeluOptions {
  /** 'none': through erf; 'tanh': Hendrycks and Gimpel's approximation. */
  approximate?: 'none' | 'tanh'
}

/** Gaussian error linear unit (Hendrycks and Gimpel 2016). */
export function gelu<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: GeluOptions): Tensor<D, S> {
  return options?.approximate === 'tanh' ? geluTanh(x) : geluExact(x)
}

/** x where positive, else slope * x. */
export function leakyRelu<D extends DType, S extends Shape>(x: Tensor<D, S>, slope = 0.01): Tensor<D, S> {
  return unary(
    'leakyRelu',
    OP.leakyRelu,
    x,
    float(x),
    'x',
    (g, x) => fused(OP.leakyReluBackward, 'leakyReluBackward', g, x, [slope], () => where(x.gt(0), g, mul(g, slope))),
    [slope],
  ) as Tensor<D, S>
}

/** x where positive, else alpha * (e^x - 1). */
export function elu<D extends DType, S extends Shape>(x: Tensor<D, S>, alpha = 1): Tensor<D, S> {
  return unary(
    'elu',
    OP.elu,
    x,
    float(x),
    'x',
    (g, x) => fused(OP.eluBackward, 'eluBackward', g, x, [alpha], () => where(x.gt(0), g, mul(g, mul(exp(x), alpha)))),
    [alpha],
  ) as Tensor<D, S>
}

/** ln(1 + e^(beta x)) / beta; x itself where beta x exceeds the threshold. */
export function softplus<D extends DType, S extends Shape>(x: Tensor<D, S>, beta = 1, threshold = 20): Tensor<D, S> {
  const attributes = [beta, threshold]
  return unary(
    'softplus',
    OP.softplus,
    x,
    float(x),
    'x',
    (g, x) =>
      fused(OP.softplusBackward, 'softplusBackward', g, x, attributes, () =>
        where(mul(x, beta).gt(threshold), g, mul(g, sigmoid(mul(x, beta)))),
      ),
    attributes,
  ) as Tensor<D, S>
}

/**
 * x bounded to [min, max], numbers or tensors (which broadcast); gradients pass where it was inside, and else to the bound.
 */
export function clamp<D extends DType, S extends Shape>(x: Tensor<D, S>, min?: number, max?: number): Tensor<D, S>
export function clamp(x: Tensor, min?: Operand | null, max?: Operand | null): Tensor
export function clamp(x: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
  if (isTensor(min) || isTensor(max)) return clampBetween('clamp', x, min ?? null, max ?? null)
  const [low, high] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY]
  // A fractional bound makes integers f32.
  const dtype = numeric('clamp', [low, high].filter(Number.isFinite).reduce(promoteScalar, x.dtype))
  return unary(
    'clamp',
    OP.clamp,
    x,
    dtype,
    'x',
    (g, x) =>
      fused(OP.clampBackward, 'clampBackward', g, x, [low, high], () => where(x.ge(low).logicalAnd(x.le(high)), g, 0)),
    [low, high],
  )
}

/** True where x is NaN, or a part of it. */
export function isnan(x: Tensor): Tensor<'bool'> {
  if (isComplex(x.dtype)) return logicalOr(isnan(real(x)), isnan(imag(x)))
  return predicate('isnan', OP.isnan, x)
}
/** True where x is neither NaN nor infinite, nor a part of it. */
export function isfinite(x: Tensor): Tensor<'bool'> {
  if (isComplex(x.dtype)) return logicalAnd(isfinite(real(x)), isfinite(imag(x)))
  return predicate('isfinite', OP.isfinite, x)
}
/** True where x is zero. */
export function logicalNot(x: Tensor): Tensor<'bool'> {
  if (isComplex(x.dtype)) return eq(x, 0)
  return predicate('logicalNot', OP.logicalNot, x)
}

type UnaryMethod = <E extends DType, A extends Shape>(this: Tensor<E, A>) => Tensor<E, A>
declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    neg: UnaryMethod
    abs: UnaryMethod
    sign: UnaryMethod
    square: UnaryMethod
    sqrt: UnaryMethod
    rsqrt: UnaryMethod
    reciprocal: UnaryMethod
    exp: UnaryMethod
    expm1: UnaryMethod
    log: UnaryMethod
    log1p: UnaryMethod
    sin: UnaryMethod
    cos: UnaryMethod
    tanh: UnaryMethod
    erf: UnaryMethod
    floor: UnaryMethod
    ceil: UnaryMethod
    round<E extends DType, A extends Shape>(this: Tensor<E, A>, options?: RoundOptions): Tensor<E, A>
    trunc: UnaryMethod
    sigmoid: UnaryMethod
    relu: UnaryMethod
    silu: UnaryMethod
    softsign: UnaryMethod
    gelu<E extends DType, A extends Shape>(this: Tensor<E, A>, options?: GeluOptions): Tensor<E, A>
    leakyRelu<E extends DType, A extends Shape>(this: Tensor<E, A>, slope?: number): Tensor<E, A>
    elu<E extends DType, A extends Shape>(this: Tensor<E, A>, alpha?: number): Tensor<E, A>
    softplus<E extends DType, A extends Shape>(this: Tensor<E, A>, beta?: number, threshold?: number): Tensor<E, A>
    clamp<E extends DType, A extends Shape>(this: Tensor<E, A>, min?: number, max?: number): Tensor<E, A>
    clamp(min?: Operand | null, max?: Operand | null): Tensor
    isnan(): Tensor<'bool'>
    isfinite(): Tensor<'bool'>
    logicalNot(): Tensor<'bool'>
  }
}
const plain = {
  neg,
  abs,
  sign,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tanh,
  erf,
  floor,
  ceil,
  trunc,
  sigmoid,
  relu,
  silu,
  softsign,
  isnan,
  isfinite,
  logicalNot,
}
for (const [name, f] of Object.entries(plain)) {
  method(name, function (this: Tensor) {
    return f(this)
  })
}
method('gelu', function (this: Tensor, options?: GeluOptions) {
  return gelu(this, options)
})
method('leakyRelu', function (this: Tensor, slope?: number) {
  return leakyRelu(this, slope)
})
method('elu', function (this: Tensor, alpha?: number) {
  return elu(this, alpha)
})
method('softplus', function (this: Tensor, beta?: number, threshold?: number) {
  return softplus(this, beta, threshold)
})
method('round', function (this: Tensor, options?: RoundOptions) {
  return round(this, options)
})
method('clamp', function (this: Tensor, min?: Operand | null, max?: Operand | null) {
  return clamp(this, min, max)
})
