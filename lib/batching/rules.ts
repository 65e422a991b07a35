/**
 * Which operator batches how. Place in the whole: an entry an operator of native/ops.def; what has none runs once a sample, which
 * is always right. test/autograd/vmap-rules.test.ts holds them against that.
 */
import { OP } from '../generated/ops.js'
import { POINTWISE } from '../ops/pointwise-names.js'
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

const families: readonly (readonly [readonly Name[], Rule])[] = [
  [[...POINTWISE, 'pointwiseChain'], pointwise],
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
