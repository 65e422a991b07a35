// lib/nn: modules, layers, containers and initial values.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export * from './activations.js'
export {
  type AdaptiveLogSoftmaxOptions,
  type AdaptiveLogSoftmaxResult,
  AdaptiveLogSoftmaxWithLoss,
} from './adaptive-softmax.js'
export { CausalSelfAttention, type CausalSelfAttentionInputs, type CausalSelfAttentionOptions } from './attention.js'
export type { AttentionCache, CachedAttentionOptions, Past } from './attention-cache.js'
export { Bilinear } from './bilinear.js'
export { checkpointModules } from './checkpoint-modules.js'
export { ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential } from './containers.js'
export * from './conv.js'
export {
  Conv2dNormActivation,
  Conv3dNormActivation,
  type ConvNormActivationOptions,
} from './conv-norm-activation.js'
export { CosineSimilarity, PairwiseDistance } from './distance.js'
export {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  FeatureAlphaDropout,
  StochasticDepth,
} from './dropout.js'
export { Embedding, EmbeddingBag, type EmbeddingBagOptions, type EmbeddingOptions } from './embedding.js'
export {
  FeedForward,
  type FeedForwardActivation,
  type FeedForwardOptions,
} from './feed-forward.js'
export { Flatten, Identity, Unflatten } from './flatten.js'
export { Fold, Unfold } from './fold.js'
export { type Folds, foldNorms } from './fold-norms.js'
export { fuseConvBn } from './fuse-conv-bn.js'
export { type GraphOptions, modelGraph } from './graph.js'
export {
  GroupNorm,
  type GroupNormOptions,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormLayerOptions,
  RMSNorm,
  type RMSNormOptions,
} from './group-norm.js'
export {
  GroupedQueryAttention,
  type GroupedQueryAttentionInputs,
  type GroupedQueryAttentionOptions,
} from './grouped-query-attention.js'
export * as init from './init.js'
export { InvertedResidual, type InvertedResidualOptions } from './inverted-residual.js'
export { LayerNorm2d } from './layer-norm-2d.js'
export { Linear, LinearInOut, type LinearOptions } from './linear.js'
export { LinearCrossEntropyLoss, type LinearCrossEntropyLossOptions } from './linear-cross-entropy.js'
export { LocalResponseNorm } from './local-response-norm.js'
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineEmbeddingLoss,
  CrossEntropyLoss,
  CTCLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MarginRankingLoss,
  MSELoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  NLLLoss,
  PoissonNLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from './losses.js'
export { loadBalancingLoss, MixtureOfExperts, type MixtureOfExpertsOptions } from './mixture-of-experts.js'
export { type GraphEdge, type GraphGroup, type GraphNode, ModelGraph } from './model-graph.js'
export { Module } from './module.js'
export type { BackwardHook, BackwardPreHook, ForwardHook, ForwardPreHook, HookOptions } from './module-hooks.js'
export {
  type KeysAndValues,
  MultiheadAttention,
  type MultiheadAttentionInputs,
  type MultiheadAttentionOptions,
} from './multihead-attention.js'
export type { ActivationName } from './named-activation.js'
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormEpilogue,
  type BatchNormLayerOptions,
  LayerNorm,
  type LayerNormOptions,
} from './norm.js'
export * from './padding.js'
export { Buffer, Parameter } from './parameter.js'
export * as parametrizations from './parametrizations.js'
export {
  isParametrized,
  type Parametrization,
  ParametrizationList,
  type RemoveOptions,
  registerParametrization,
  removeParametrizations,
} from './parametrize.js'
export { ChannelShuffle, PixelShuffle, PixelUnshuffle } from './pixel-shuffle.js'
export * from './pool.js'
export {
  type AlibiOptions,
  alibiSlopes,
  LearnedPositionalEmbedding,
  type LearnedPositionsOptions,
  type Places,
  SinusoidalPositionalEncoding,
  type SinusoidalPositionsOptions,
} from './positions.js'
export { GRU, LSTM, type LSTMOptions, type RecurrentLayerOptions, RNN, type RNNOptions } from './recurrent.js'
export { GRUCell, LSTMCell, type RecurrentCellOptions, RNNCell, type RNNCellOptions } from './recurrent-cells.js'
export { type Replacement, type ReplaceOptions, replaceModules } from './replace.js'
export { Residual, type ResidualOptions } from './residual.js'
export * from './rotary-embedding.js'
export {
  freeze,
  type ModuleClass,
  type ModulePattern,
  modulePaths,
  modulesMatching,
  type ParameterPattern,
  parametersMatching,
  unfreeze,
} from './select.js'
export { LogSoftmax, Softmax, Softmax2d, Softmin } from './softmax.js'
export { SqueezeExcitation, type SqueezeExcitationOptions } from './squeeze-excitation.js'
export { type LoadReport, type StateDict, StateDictError } from './state-dict.js'
export {
  ModelSummary,
  type Structure,
  type SummaryColumn,
  type SummaryOptions,
  type SummaryRow,
  type SummaryTableOptions,
  summary,
} from './summary.js'
export { tieWeights } from './tie.js'
export * from './transformer.js'
export type { TrialInput, TrialInputs } from './trial.js'
export {
  Upsample,
  type UpsampleOptions,
  type Upsampling2dOptions,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
} from './upsample.js'
