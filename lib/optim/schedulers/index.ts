// lib/optim/schedulers: learning-rate schedules, one family a file.
export { ChainedScheduler, SequentialLR } from './compose.js'
export {
  CosineAnnealingLR,
  type CosineAnnealingOptions,
  CosineAnnealingWarmRestarts,
  CosineLR,
  type CosineOptions,
  type WarmRestartsOptions,
} from './cosine.js'
export { CyclicLR, type CyclicOptions } from './cyclic.js'
export { InverseSqrtLR } from './inverse-sqrt.js'
export { LambdaLR, MultiplicativeLR } from './lambda.js'
export { OneCycleLR, type OneCycleOptions } from './one-cycle.js'
export { type PlateauOptions, type PlateauState, ReduceLROnPlateau } from './plateau.js'
export { ConstantLR, LinearLR, type LinearOptions, PolynomialLR } from './ramp.js'
export { type ScheduledGroup, type ScheduledOptimizer, Scheduler, type SchedulerState } from './scheduler.js'
export { ExponentialLR, MultiStepLR, StepLR } from './step.js'
export { SWALR, type SWALROptions } from './swa.js'
export { WSD, type WSDOptions } from './wsd.js'
