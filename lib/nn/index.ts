// lib/nn: modules, layers, containers and initial values.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { CausalSelfAttention, type CausalSelfAttentionOptions } from './attention.js'
export { ModuleDict, ModuleList, ParameterList, Sequential } from './containers.js'
export * from './conv.js'
export { fuseConvBn } from './fuse-conv-bn.js'
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
export * as init from './init.js'
export {
  Embedding,
  type EmbeddingOptions,
  Linear,
  LinearInOut,
  type LinearOptions,
} from './linear.js'
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineEmbeddingLoss,
  CTCLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MarginRankingLoss,
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
export { Module } from './module.js'
export type { BackwardHook, BackwardPreHook, ForwardHook, ForwardPreHook } from './module-hooks.js'
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormEpilogue,
  type BatchNormLayerOptions,
  LayerNorm,
  type LayerNormOptions,
} from './norm.js'
export { Buffer, Parameter } from './parameter.js'
export * from './pool.js'
export { GRU, LSTM, type LSTMOptions, type RecurrentLayerOptions, RNN, type RNNOptions } from './recurrent.js'
export { GRUCell, LSTMCell, type RecurrentCellOptions, RNNCell, type RNNCellOptions } from './recurrent-cells.js'
export {
  CrossEntropyLoss,
  Dropout,
  Flatten,
  GELU,
  MSELoss,
  ReLU,
  Sigmoid,
  SiLU,
  Tanh,
} from './simple.js'
export { type LoadReport, type StateDict, StateDictError } from './state-dict.js'
