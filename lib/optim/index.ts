// lib/optim: update rules, gradient clipping and learning-rate schedules.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { Adadelta, type AdadeltaOptions } from './adadelta.js'
export { Adafactor, type AdafactorOptions } from './adafactor.js'
export { Adagrad, type AdagradOptions } from './adagrad.js'
export { Adam, type AdamOptions, AdamW } from './adam.js'
export { Adam8bit, type Adam8bitOptions, AdamW8bit } from './adam-8bit.js'
export { Adamax, type AdamaxOptions } from './adamax.js'
export { updateBatchNorm } from './averaging/batch-norm.js'
export {
  type AveragingOptions,
  type AveragingState,
  type EMAOptions,
  ExponentialMovingAverage,
  StochasticWeightAveraging,
  WeightAverage,
} from './averaging/weights.js'
export { type CentralizeOptions, centralizeGrad } from './centralize.js'
export { clipGradNorm, clipGradValue } from './clip.js'
export { GradScaler, type GradScalerOptions, type GradScalerState } from './grad-scaler.js'
export { Lamb, type LambOptions } from './lamb.js'
export { Lars, type LarsOptions } from './lars.js'
export { type Closure, LBFGS, type LBFGSOptions } from './lbfgs.js'
export { Lion, type LionOptions } from './lion.js'
export { Lookahead, type LookaheadOptions } from './lookahead.js'
export { Muon, type MuonOptions } from './muon.js'
export { NAdam, type NAdamOptions } from './nadam.js'
export {
  type GroupOptions,
  Optimizer,
  type OptimizerState,
  type ParamGroup,
  type ParamsInput,
} from './optimizer.js'
export { RAdam, type RAdamOptions } from './radam.js'
export { RMSprop, type RMSpropOptions } from './rmsprop.js'
export { SAM, type SAMOptions } from './sam.js'
export * from './schedulers/index.js'
export { SGD, type SGDOptions } from './sgd.js'
export { SOAP, type SOAPOptions } from './soap.js'
export { type BackwardSteps, stepInBackward } from './step-in-backward.js'
