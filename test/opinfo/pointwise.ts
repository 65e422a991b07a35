/** Pointwise operators, masks and conditions. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { TORCH } from '../helpers/torch.js'
import { dtypeOf, LeftOut, type Mapping, map, only } from './mapping.js'

const unary = (name: string): Mapping =>
  map('input', ({ input }) => (TORCH[name] as (typeof TORCH)[string])([input], {}))
const binary = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(input, other))
const swapped = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(other, input))

const softmin: Mapping = map('input dim dtype', ({ input, dim, dtype }) =>
  ops.softmin(dtype ? ops.cast(input, dtypeOf(dtype)) : input, dim),
)
const divided: Mapping = map('input other rounding_mode', ({ input, other, rounding_mode }) =>
  ops.div(input, other, { roundingMode: rounding_mode }),
)

/** PyTorch's double versions of these are good to 1e-7 only (mpmath's values are Sinter's). */
const INEXACT: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  'special.airy_ai': ops.airyAi,
  'special.bessel_j0': ops.besselJ0,
  'special.bessel_j1': ops.besselJ1,
  'special.bessel_y0': ops.besselY0,
  'special.bessel_y1': ops.besselY1,
}
/** PyTorch's trigamma has ten digits in f64, and loses five in f32 beside the poles on the left. */
const polygamma = (n: number, x: Tensor, f = (x: Tensor) => ops.polygamma(n, x)): Tensor => {
  if (n === 1 || (n === 0 && x.requiresGrad)) {
    if (x.dtype === 'f64') throw new LeftOut('trigamma in f64')
    const left = Array.from(ops.cast(x, 'f64').dataSync()).some((v) => v < 0 && Math.abs(v - Math.round(v)) < 0.03)
    if (left) throw new LeftOut('trigamma in f32 beside a pole')
  }
  return f(x)
}

const UNARY: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  acos: ops.acos,
  acosh: ops.acosh,
  asin: ops.asin,
  asinh: ops.asinh,
  atan: ops.atan,
  atanh: ops.atanh,
  cosh: ops.cosh,
  deg2rad: ops.deg2rad,
  digamma: (x) => polygamma(0, x, ops.digamma),
  erfc: ops.erfc,
  erfinv: ops.erfinv,
  exp2: ops.exp2,
  frac: ops.frac,
  i0: ops.i0,
  isinf: ops.isinf,
  isneginf: ops.isneginf,
  isposinf: ops.isposinf,
  lgamma: ops.lgamma,
  log10: ops.log10,
  log2: ops.log2,
  positive: ops.positive,
  rad2deg: ops.rad2deg,
  signbit: ops.signbit,
  sinc: ops.sinc,
  sinh: ops.sinh,
  tan: ops.tan,
  'nn.functional.hardswish': ops.hardswish,
  'nn.functional.logsigmoid': ops.logSigmoid,
  'nn.functional.mish': ops.mish,
  'nn.functional.relu6': ops.relu6,
  'nn.functional.selu': ops.selu,
  'nn.functional.softsign': ops.softsign,
  'nn.functional.tanhshrink': ops.tanhshrink,
  'special.entr': ops.entr,
  'special.erfcx': ops.erfcx,
  'special.i0e': ops.i0e,
  'special.i1': ops.i1,
  'special.i1e': ops.i1e,
  'special.log_ndtr': ops.logNdtr,
  'special.modified_bessel_i0': ops.i0,
  'special.modified_bessel_i1': ops.i1,
  'special.modified_bessel_k0': ops.modifiedBesselK0,
  'special.modified_bessel_k1': ops.modifiedBesselK1,
  'special.ndtri': ops.ndtri,
  'special.scaled_modified_bessel_k0': ops.scaledModifiedBesselK0,
  'special.scaled_modified_bessel_k1': ops.scaledModifiedBesselK1,
  'special.spherical_bessel_j0': ops.sphericalBesselJ0,
}
const BINARY: Readonly<Record<string, (a: any, b: any) => Tensor>> = {
  atan2: ops.atan2,
  copysign: ops.copysign,
  float_power: ops.floatPower,
  floor_divide: ops.floorDivide,
  fmax: ops.fmax,
  fmin: ops.fmin,
  fmod: ops.fmod,
  heaviside: ops.heaviside,
  hypot: ops.hypot,
  igamma: ops.igamma,
  igammac: ops.igammac,
  ldexp: ops.ldexp,
  logaddexp: ops.logaddexp,
  logaddexp2: ops.logaddexp2,
  nextafter: ops.nextafter,
  xlogy: ops.xlogy,
  'special.xlog1py': ops.xlog1py,
  'special.zeta': ops.zeta,
  'special.chebyshev_polynomial_t': ops.chebyshevPolynomialT,
  'special.chebyshev_polynomial_u': ops.chebyshevPolynomialU,
  'special.chebyshev_polynomial_v': ops.chebyshevPolynomialV,
  'special.chebyshev_polynomial_w': ops.chebyshevPolynomialW,
  'special.hermite_polynomial_h': ops.hermitePolynomialH,
  'special.hermite_polynomial_he': ops.hermitePolynomialHe,
  'special.laguerre_polynomial_l': ops.laguerrePolynomialL,
  'special.legendre_polynomial_p': ops.legendrePolynomialP,
  'special.shifted_chebyshev_polynomial_t': ops.shiftedChebyshevPolynomialT,
  'special.shifted_chebyshev_polynomial_u': ops.shiftedChebyshevPolynomialU,
  'special.shifted_chebyshev_polynomial_v': ops.shiftedChebyshevPolynomialV,
  'special.shifted_chebyshev_polynomial_w': ops.shiftedChebyshevPolynomialW,
}

export const pointwise: Readonly<Record<string, Mapping>> = {
  ...Object.fromEntries(
    [
      'abs',
      'ceil',
      'cos',
      'exp',
      'floor',
      'log1p',
      'log',
      'neg',
      'round',
      'sigmoid',
      'sign',
      'sin',
      'tanh',
      'trunc',
      'expm1',
      'reciprocal',
      'rsqrt',
      'sqrt',
      'square',
      'isfinite',
      'isnan',
      'erf',
    ].map((name) => [name, unary(name)]),
  ),
  logical_not: unary('logicalNot'),
  'nn.functional.relu': map('input inplace', ({ input, ...a }) => {
    only(a, { inplace: false })
    return ops.relu(input)
  }),
  'nn.functional.silu': map('input inplace', ({ input, ...a }) => {
    only(a, { inplace: false })
    return ops.silu(input)
  }),
  'nn.functional.gelu': map('input approximate', ({ input, approximate }) => ops.gelu(input, { approximate })),
  'nn.functional.leaky_relu': map('input negative_slope inplace', ({ input, negative_slope }) =>
    ops.leakyRelu(input, negative_slope),
  ),
  'nn.functional.elu': map('input alpha', ({ input, alpha }) => ops.elu(input, alpha)),
  'nn.functional.softplus': map('input beta threshold', ({ input, beta, threshold }) =>
    ops.softplus(input, beta, threshold),
  ),
  ...Object.fromEntries(
    Object.entries(UNARY).map(([name, f]) => [name, map('input inplace', ({ input }) => f(input))]),
  ),
  ...Object.fromEntries(Object.entries(BINARY).map(([name, f]) => [name, binary(f)])),
  'nn.functional.hardtanh': map('input min_val max_val inplace', ({ input, min_val, max_val }) =>
    ops.hardtanh(input, min_val, max_val),
  ),
  'nn.functional.hardshrink': map('input lambd', ({ input, lambd }) => ops.hardshrink(input, lambd)),
  'nn.functional.softshrink': map('input lambd', ({ input, lambd }) => ops.softshrink(input, lambd)),
  'nn.functional.threshold': map('input threshold value inplace', ({ input, threshold, value }) =>
    ops.threshold(input, threshold, value),
  ),
  'nn.functional.celu': map('input alpha inplace', ({ input, alpha }) => ops.celu(input, alpha)),
  'nn.functional.prelu': map('input weight', ({ input, weight }) => ops.prelu(input, weight)),
  'nn.functional.rrelu': map('input lower upper training inplace', ({ input, lower, upper, training }) => {
    if (training) throw new LeftOut('random slopes')
    return ops.rrelu(input, { lower, upper, training })
  }),
  'nn.functional.glu': map('input dim', ({ input, dim }) => ops.glu(input, dim)),
  ...Object.fromEntries(
    Object.entries(INEXACT).map(([name, f]) => [
      name,
      map('input', ({ input }) => {
        if (input.dtype === 'f64') throw new LeftOut("PyTorch's own error")
        return f(input)
      }),
    ]),
  ),
  'nn.functional.hardsigmoid': map('input inplace', ({ input }) => {
    if (input.dtype === 'f64' && input.requiresGrad) throw new LeftOut("PyTorch's 1/6 is an f32 in f64 gradients")
    return ops.hardsigmoid(input)
  }),
  'special.ndtr': map('input', ({ input }) => {
    if (input.rank === 0 && input.itemSync() < -4) throw new LeftOut('a tail, of which PyTorch has 1 + erf')
    return ops.ndtr(input)
  }),
  'nn.functional.softmin': softmin,
  'nn.functional.softmin.with_dtype': softmin,
  logit: map('input eps', ({ input, eps }) => ops.logit(input, eps)),
  clamp: map('input min max', ({ input, min, max }) => ops.clamp(input, min, max)),
  frexp: map('input', ({ input }) => ops.frexp(input)),
  nan_to_num: map('input nan posinf neginf', ({ input, ...a }) => ops.nanToNum(input, a)),
  fill: map('input value', ({ input, value }) => ops.fill(input, typeof value === 'boolean' ? Number(value) : value)),
  isclose: map('input other rtol atol equal_nan', ({ input, other, rtol, atol, equal_nan }) =>
    ops.isclose(input, other, { rtol, atol, equalNan: equal_nan }),
  ),
  isin: map('elements test_elements assume_unique invert', ({ elements, test_elements, invert }) =>
    ops.isin(elements, test_elements, { invert }),
  ),
  lerp: map('input end weight', ({ input, end, weight }) => ops.lerp(input, end, weight)),
  addcmul: map('input tensor1 tensor2 value', ({ input, tensor1, tensor2, value }) =>
    ops.addcmul(input, tensor1, tensor2, { value }),
  ),
  addcdiv: map('input tensor1 tensor2 value', ({ input, tensor1, tensor2, value }) =>
    ops.addcdiv(input, tensor1, tensor2, { value }),
  ),
  'div.floor_rounding': divided,
  'div.trunc_rounding': divided,
  ...Object.fromEntries(
    ['round.decimals_0', 'round.decimals_3', 'round.decimals_neg_3'].map((name) => [
      name,
      map('input decimals', ({ input, decimals }) => ops.round(input, { decimals })),
    ]),
  ),
  ...Object.fromEntries(
    [1, 3, 5].map((p) => [`mvlgamma.mvlgamma_p_${p}`, map('input p', ({ input, p }) => ops.mvlgamma(input, p))]),
  ),
  ...Object.fromEntries(
    [...[0, 1, 2, 3, 4].map((n) => `polygamma.polygamma_n_${n}`), 'special.polygamma.special_polygamma_n_0'].map(
      (name) => [name, map('input n', ({ input, n }) => polygamma(n, input))],
    ),
  ),
  add: map('input other alpha', ({ input, other, alpha }) =>
    ops.add(input, alpha === undefined ? other : ops.mul(other, alpha)),
  ),
  sub: map('input other alpha', ({ input, other, alpha }) =>
    ops.sub(input, alpha === undefined ? other : ops.mul(other, alpha)),
  ),
  rsub: map('input other alpha', ({ input, other, alpha }) =>
    ops.sub(other, alpha === undefined ? input : ops.mul(input, alpha)),
  ),
  mul: binary(ops.mul),
  'div.no_rounding_mode': map('input other rounding_mode', ({ input, other, ...a }) => {
    only(a, { rounding_mode: null })
    return ops.div(input, other)
  }),
  true_divide: binary(ops.div),
  remainder: binary(ops.remainder),
  pow: binary(ops.pow),
  maximum: binary(ops.maximum),
  minimum: binary(ops.minimum),
  'max.binary': binary(ops.maximum),
  'min.binary': binary(ops.minimum),
  clamp_min: binary(ops.clampMin),
  clamp_max: binary(ops.clampMax),
  eq: binary(ops.eq),
  ne: binary(ops.ne),
  lt: binary(ops.lt),
  le: binary(ops.le),
  gt: binary(ops.gt),
  ge: binary(ops.ge),
  logical_and: binary(ops.logicalAnd),
  logical_or: binary(ops.logicalOr),
  logical_xor: binary(ops.logicalXor),
  __radd__: swapped(ops.add),
  __rsub__: swapped(ops.sub),
  __rmul__: swapped(ops.mul),
  __rdiv__: swapped(ops.div),
  __rpow__: swapped(ops.pow),
  __rmod__: swapped(ops.remainder),
  where: map('input condition other', ({ condition, input, other }) => ops.where(condition, input, other)),
  masked_fill: map('input mask value', ({ input, mask, value }) => ops.maskedFill(input, mask, value)),
}
