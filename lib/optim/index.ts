// lib/optim: update rules, gradient clipping and learning-rate schedules.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { Adam, type AdamOptions, AdamW } from './adam.js'
export { clipGradNorm } from './clip.js'
export {
  type GroupOptions,
  Optimizer,
  type OptimizerState,
  type ParamGroup,
  type ParamsInput,
} from './optimizer.js'
export {
  CosineLR,
  type CosineOptions,
  LambdaLR,
  OneCycleLR,
  type OneCycleOptions,
  type ScheduledGroup,
  type ScheduledOptimizer,
  Scheduler,
  type SchedulerState,
  StepLR,
} from './scheduler.js'
export { SGD, type SGDOptions } from './sgd.js'
