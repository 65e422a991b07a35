/** Sinter: tensors, operators, automatic differentiation. Layers, optimizers, data and training are in sinter/nn and so on. */
export { detectAnomaly, setDetectAnomaly } from './autograd/anomaly.js'
export type { BackwardOptions } from './autograd/backward.js'
export { type GradOptions, grad } from './autograd/grad.js'
export type { AccumulatedHook, GradHook, HookHandle } from './autograd/hooks.js'
export { enableGrad, isGradEnabled, noGrad } from './autograd/mode.js'
export { type SavedTensorHooks, withSavedTensorHooks } from './autograd/saved.js'
export {
  type CustomOperator,
  defineOperator,
  type GradientContext,
  loadOperators,
  type NativeKernel,
  type OperatorDefinition,
  type TensorSpec,
} from './custom/operator.js'
export { checkpoint, type SelectiveOptions, selectiveCheckpoint } from './derivatives/checkpoint.js'
export { defineFunction, type FunctionContext, type FunctionDefinition } from './derivatives/custom.js'
export {
  type DerivativeOptions,
  hessian,
  hvp,
  jacobian,
  jvp,
  type Products,
  type TensorFunction,
  type TensorsFunction,
  vjp,
} from './derivatives/functional.js'
export { type GradcheckOptions, gradcheck, gradgradcheck } from './derivatives/gradcheck.js'
export { perSampleGradients } from './derivatives/perSample.js'
export { type VmapOptions, vmap } from './derivatives/vmap.js'
export { type Cuda, cuda, type MatmulPrecision, type VendorLibraries, type VendorLibrary } from './engine/cuda.js'
export { defaultDevice, device, setDefaultDevice } from './engine/device.js'
export { type Engine, type EngineInfo, type EngineMemory, engine, VERSION } from './engine/engine.js'
export type { LeakSite } from './engine/leaks.js'
export { asyncScope, keep, Scope, scope } from './engine/lifetime.js'
export { openShared, share, unshare } from './engine/shared.js'
export * from './errors.js'
export { fuse } from './fusion/fuse.js'
export { CudaGraph, type CudaGraphOptions, cudaGraph } from './graphs/cuda-graph.js'
export { type AutocastOptions, autocast, autocastDType } from './ops/autocast.js'
export { AUTOCAST_FULL, AUTOCAST_LOWER, type AutocastLists, type AutocastOperator } from './ops/autocast-lists.js'
export { type ConvPrecision, getConvPrecision, setConvPrecision } from './ops/conv-precision.js'
export * from './ops/index.js'
export {
  type ChromeTrace,
  type OperandInfo,
  type OperatorEvent,
  Profile,
  type ProfileOptions,
  profile,
  type RangeEvent,
  type Summary,
  type SummaryOptions,
  type TraceEvent,
} from './profile/index.js'
export type { Fallback as VmapFallback, Randomness as VmapRandomness } from './tensor/batched.js'
export type { ComplexNumber, DType, TypedArray, TypedArrayOf } from './tensor/dtype.js'
export { broadcastShapes, canCast, promoteTypes, resultType } from './tensor/promotion.js'
export type { Shape } from './tensor/shape.js'
export { Tensor } from './tensor/tensor.js'
export { type CudaTuneOptions, type CudaTuneResult, tuneCuda } from './tune/library.js'
export { clearTuning, type ProductPlan, type TuneOptions, type TuneResult, tune } from './tune/tune.js'
