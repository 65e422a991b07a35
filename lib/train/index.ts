// lib/train: the training loop, its checkpoints, and run definitions for `sinter train`.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export type { Callback, FitContext, FitResult, Json, StepReport } from './callback.js'
export { type ChartOptions, lineChart, type Series } from './chart.js'
export {
  type Checkpoint,
  type DamagedCheckpoint,
  type HistoryEntry,
  type LoadedCheckpoint,
  listCheckpoints,
  loadCheckpoint,
} from './checkpoint.js'
export { ConfigError } from './config.js'
export { EarlyStopping, type EarlyStoppingOptions } from './early-stopping.js'
export { evaluate, type Measured } from './evaluate.js'
export type { GuardEvent } from './guard.js'
export type { GuardAction, GuardOptions, SpikeOptions } from './guard-options.js'
export { INTERRUPTED } from './interrupt.js'
export { findLearningRate, type LearningRateCurve, type LearningRateRange } from './learning-rate-finder.js'
export { type MemoryReport, type MemoryReportOptions, type ModuleMemory, memoryReport } from './memory-report.js'
export type { ClosureOptimizer, LossScaler, OptimizerSetup } from './optimizers.js'
export type { StepContext, TrainerOptions, TrainingData } from './options.js'
export { Lines, openProgress, type Progress, type ProgressReport, silentProgress } from './progress.js'
export type { Histogram, RunRecord } from './record.js'
export type { KeepBest } from './retention.js'
export {
  defineRun,
  type ExecuteOptions,
  executeRun,
  type RunContext,
  type RunDefinition,
  type RunOptions,
  type RunSetup,
  type Settings,
} from './run.js'
export { type MetricsLine, RunDirectory, type RunDirectoryOptions } from './run-directory.js'
export { Statistics, type StatisticsOptions } from './statistics.js'
export { TensorBoard, type TensorBoardOptions } from './tensorboard/callback.js'
export { hasCheckpoint, Trainer } from './trainer.js'
export { WeightAveraging, type WeightAveragingOptions } from './weight-averaging.js'
