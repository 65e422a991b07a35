/**
 * Which operator batches how. Place in the whole: an entry an operator of native/ops.def; what has none runs once a sample, which
 * is always right. test/autograd/vmap-rules.test.ts holds them against that.
 */
import { OP } from '../generated/ops.js'
import { attention, rotary } from './attention.js'
import type { Rule } from './batch.js'
import { asChannels, conv, convWeightGrad } from './conv.js'
import { binCount, embedding, embeddingBackward, indexSelect, intoIndices, scatter, searchSorted } from './indices.js'
import { crossEntropy, crossEntropyBackward } from './losses.js'
import { linearBackward, matmul } from './matmul.js'
import { normalization, normalizationBackward } from './norms.js'
import { intMatmul, quantization } from './quant.js'
import { alongAxis, argExtreme, intoRows, intoRowsBut, leading, pointwise, reduction } from './shapes.js'

type Name = keyof typeof OP
const names = (list: string): Name[] => list.trim().split(/\s+/) as Name[]

// biome-ignore format: a table
const POINTWISE = names(`
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
`)

const families: readonly (readonly [readonly Name[], Rule])[] = [
  [POINTWISE, pointwise],
  [names('sum mean prod amax amin any all variance logsumexp nansum countNonzero vectorNorm'), reduction],
  [names('argmax argmin'), argExtreme],
  [
    names(`concat softmax softmaxBackward logSoftmax logSoftmaxBackward cumsum cumprod logcumsumexp cummax linearScan sort topk
      kthvalue mode gather fftComplex fftReal fftHermitian`),
    alongAxis(),
  ],
  [
    names(`tril linearIndex unravelIndex maxPool maxPoolBackward avgPool avgPoolBackward maxUnpool adaptiveMaxPool
      luFactor pivotsToPermutation choleskyFactor solveTriangular geqrf eigh svd ldlFactor ldlSolve matrixExp cdist eig gaugeReal`),
    leading,
  ],
  [
    names(`adaptiveAvgPool2d adaptiveAvgPool2dBackward fractionalMaxPool unfold fold resample gridSample gridSampleBackward
      overlapAdd warp warpTransposed recolor lookup equalizing`),
    intoRows,
  ],
  [names('attention'), attention(0)],
  [names('rotary'), rotary],
  [names('attentionBackward'), attention(3)],
  [
    names('stft bandProduct isin weightOnlyLinear weightOnlyLinearBackward dynamicQuantizedLinear quantizedLinear'),
    intoRowsBut(1),
  ],
  [names('quantizeLinear dequantizeLinear'), quantization],
  [names('intMatmul'), intMatmul],
  [names('batchNorm batchNormEval batchNormBackward'), asChannels],
  [names('layerNorm rmsNorm'), normalization(false)],
  [names('groupNorm'), normalization(true)],
  [names('layerNormBackward'), normalizationBackward(false, true)],
  [names('rmsNormBackward'), normalizationBackward(false, false)],
  [names('groupNormBackward'), normalizationBackward(true, true)],
  [names('conv convInputGrad'), conv],
  [names('convWeightGrad'), convWeightGrad],
  [names('matmul'), matmul],
  [names('linearBackward'), linearBackward],
  [names('embedding'), embedding],
  [names('embeddingBackward'), embeddingBackward],
  [names('searchSorted'), searchSorted],
  [names('binCount'), binCount],
  [names('indexSelect'), indexSelect],
  [names('indexAdd indexReduce'), intoIndices],
  [names('scatterAdd scatterReduce'), scatter],
  [names('crossEntropy'), crossEntropy],
  [names('crossEntropyBackward'), crossEntropyBackward],
]

/** By opcode. */
export const RULES: ReadonlyMap<number, Rule> = new Map(
  families.flatMap(([list, rule]) => list.map((name): [number, Rule] => [OP[name], rule])),
)
