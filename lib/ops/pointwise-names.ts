/**
 * Which operators of native/ops.def compute every element of their one result from the same element of their operands, broadcast. Place
 * in the whole: the batching rules (lib/batching) and fused functions (lib/fusion) go by it.
 */
import type { OP } from '../generated/ops.js'

// biome-ignore format: a table
export const POINTWISE = `
  copy neg abs sign square sqrt rsqrt reciprocal exp expm1 log log1p sin cos tanh sigmoid relu gelu geluTanh silu erf floor ceil
  round trunc leakyRelu elu softplus clamp isnan isfinite logicalNot softsign
  reluBackward geluBackward geluTanhBackward siluBackward tanhBackward sigmoidBackward leakyReluBackward eluBackward
  softplusBackward clampBackward
  add sub mul div pow maximum minimum remainder eq ne lt le gt ge logicalAnd logicalOr logicalXor where maskedFill
  tan asin acos atan sinh cosh asinh acosh atanh exp2 log2 log10 erfc sinc lgamma digamma polygamma erfinv erfcx ndtr ndtri
  logNdtr entr logit i0 i0e i1 i1e besselJ0 besselJ1 besselY0 besselY1 modifiedBesselK sphericalBesselJ0 sphericalBesselJ1
  airyAi frac roundDecimals nanToNum signbit isinf isposinf isneginf bitwiseNot frexpMantissa frexpExponent
  hardswish hardsigmoid shrink tanhshrink mish logSigmoid threshold scaledElu gate hardswishBackward mishBackward
  logSigmoidBackward scaledEluBackward
  prelu fmod divTrunc divFloor fmax fmin heaviside atan2 hypot copysign nextafter logaddexp logaddexp2 xlogy xlog1py isclose
  zeta igamma igammac orthogonalPolynomial bitwiseAnd bitwiseOr bitwiseXor bitwiseLeftShift bitwiseRightShift gcd lcm
  lerp addcmul addcdiv complex polar angle conj sgn
`.trim().split(/\s+/) as (keyof typeof OP)[]
