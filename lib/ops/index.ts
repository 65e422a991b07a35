/** All operators. Importing this file also gives tensors their methods. */
import './like.js'
import './inplace-others.js'
import './inplace-pointwise.js'
import './read.js'

export * from './activations.js'
export { type AddNorm, addLayerNorm, addRmsNorm } from './addNorm.js'
export {
  copysign,
  floatPower,
  floorDivide,
  fmax,
  fmin,
  fmod,
  heaviside,
  ldexp,
  logaddexp,
  logaddexp2,
  nextafter,
  type RoundingMode,
  rsub,
} from './arithmetic.js'
export { at, atSync, type Index, indexPut, type SliceIndex, type StaticIndex, setAt_, withAt } from './at.js'
export * from './attention.js'
export * from './axes.js'
export * from './backward.js'
export * from './bessel.js'
export * from './binary.js'
export { bitcast } from './bitcast.js'
export * from './bitwise.js'
export { angle, complex, conj, imag, isReal, polar, real, sgn, viewAsComplex, viewAsReal } from './complex.js'
export {
  type Conv1dOptions,
  type Conv2dOptions,
  type Conv3dOptions,
  type ConvEpilogueOptions,
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from './conv.js'
export { cast, clone, contiguous, to } from './convert.js'
export {
  arange,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  ones,
  onesLike,
  scalarTensor,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from './creation.js'
export {
  type CrossEntropyOptions,
  crossEntropy,
  type NllOptions,
  nllLoss,
} from './crossEntropy.js'
export { type CtcOptions, ctcLoss } from './ctc.js'
export * from './diagonals.js'
export {
  binomial,
  cauchy,
  exponential,
  geometric,
  logNormal,
  multinomial,
  poisson,
  truncatedNormal,
} from './distributions.js'
export * from './dropout.js'
export * from './eachTensor.js'
export { type EmbeddingOptions, embedding, oneHot } from './embedding.js'
export * from './embeddingBag.js'
export type { FftManyOptions, FftNorm, FftOptions } from './fft.js'
export * as fft from './fft.js'
export * from './fold.js'
export type { LinearActivation } from './fusedActivation.js'
export {
  gather,
  type ScatterReduceOptions,
  type ScatterReduction,
  scatter,
  scatterAdd,
  scatterReduce,
  takeAlongDim,
} from './gather.js'
export * from './gradientNorm.js'
export * from './grid.js'
export * from './grids.js'
export { expertMatmul, groupedMatmul } from './grouped.js'
export {
  groupNorm,
  type InstanceNormOptions,
  instanceNorm,
  type LocalResponseOptions,
  localResponseNorm,
  rmsNorm,
} from './groupNorm.js'
export { type GumbelSoftmaxOptions, gumbelSoftmax } from './gumbel.js'
export { indexAdd, indexCopy, indexFill, indexReduce, indexSelect, put, take } from './indexing.js'
export * from './inplace.js'
export * from './join.js'
export { type EpilogueOptions, linear } from './linear.js'
export { type LinearCrossEntropyOptions, linearCrossEntropy } from './linearCrossEntropy.js'
export * from './loss.js'
export { type LossScaleRule, unscaleEach_, updateLossScale_ } from './lossScale.js'
export * from './marginLoss.js'
export { matmul } from './matmul.js'
export * from './multiHeadAttention.js'
export {
  argwhere,
  argwhereSync,
  maskedScatter,
  maskedSelect,
  maskedSelectSync,
  type NonzeroOptions,
  nonzero,
  nonzeroStatic,
  nonzeroSync,
  trilIndices,
  triuIndices,
  unravelIndex,
} from './nonzero.js'
export { type BatchNormOptions, batchNorm, layerNorm } from './norm.js'
export {
  allclose,
  allcloseSync,
  type CloseOptions,
  clampMax,
  clampMin,
  equal,
  equalSync,
  fill,
  fix,
  frac,
  frexp,
  isclose,
  isin,
  isinf,
  isneginf,
  isposinf,
  type NanToNumOptions,
  nanToNum,
  positive,
  signbit,
} from './numbers.js'
export * from './optimize.js'
export * from './optimizeByTensor.js'
export { matmulPacked, PackedMatrix, packMatrix } from './packed.js'
export * from './packedSequence.js'
export * from './pad.js'
export * from './paged.js'
export {
  asStridedScatter,
  type DiagonalScatterOptions,
  diagonalScatter,
  selectScatter,
  sliceScatter,
} from './parts.js'
export * from './pool-adaptive.js'
export * from './pooling.js'
export {
  bernoulli,
  defaultGenerator,
  Generator,
  type GeneratorState,
  manualSeed,
  normal,
  type RandomOptions,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  uniform,
} from './random.js'
export type { NestedArray } from './read.js'
export { flip, fliplr, flipud, repeat, roll, rot90, tile } from './rearrange.js'
export {
  gru,
  lstm,
  type RecurrentOptions,
  type RecurrentWeights,
  rnnRelu,
  rnnTanh,
  type Sequences,
  type SequencesLike,
} from './recurrent.js'
export * from './recurrentCells.js'
export {
  type Axes,
  all,
  amax,
  amin,
  any,
  argmax,
  argmin,
  logsumexp,
  mean,
  prod,
  type ReduceOptions,
  type SumOptions,
  sum,
  sumToSize,
} from './reduce.js'
export * from './repeat.js'
export * from './resample.js'
export * from './rotary.js'
export { maskedFill, tril, triu, where } from './select.js'
export * from './sequences.js'
export * from './signal.js'
export {
  type CosineOptions,
  cosineSimilarity,
  type NormalizeOptions,
  normalize,
  type PairwiseOptions,
  pairwiseDistance,
} from './similarity.js'
export { logSoftmax, softmax, softmin } from './softmax.js'
export type { Pair, Single, Sizes, Triple } from './spatial.js'
export * from './special.js'
export * from './split.js'
export { type IstftOptions, istft, type StftOptions, stft } from './stft.js'
export { asStrided, unfoldAxis } from './strided.js'
export * from './ternary.js'
export * from './trig.js'
export * from './unary.js'
export * from './unpool.js'
export {
  expand,
  flatten,
  narrow,
  permute,
  reshape,
  select,
  slice,
  squeeze,
  transpose,
  unsqueeze,
} from './views.js'

// ---- products and linear algebra

export * from './distance.js'
export { einsum } from './einsum.js'
export * from './extrema.js'
export * from './histogram.js'
export * from './integrate.js'
export * as linalg from './linalg/index.js'
export * as masked from './masked.js'
export {
  addbmm,
  addmm,
  addmv,
  addr,
  baddbmm,
  bilinear,
  bmm,
  chainMatmul,
  cross,
  dot,
  inner,
  kron,
  mm,
  multiDot,
  mv,
  outer,
  type ScaleOptions,
  tensordot,
  trace,
  vdot,
  vecdot,
} from './products.js'
export * from './quantile.js'
export { cummax, cummin, cumprod, cumsum, logcumsumexp, type ScanOptions } from './scan.js'
export { bucketize, type SearchOptions, searchSorted } from './search.js'
export * from './sort.js'
export * from './statistics.js'
export * from './unique.js'
export * from './vector-norm.js'
