// lib/config: runs as configuration files, and the names that they may use.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export type { FoldPart, Holdout, Part } from './parts.js'
export {
  type ConfigMetric,
  type Context,
  type Factory,
  type Kind,
  type Kinds,
  type LossFunction,
  type Options,
  type ParamGroups,
  register,
  registered,
} from './registry.js'
export {
  type EvaluateRunOptions,
  evaluateRun,
  type LoadedRun,
  type LoadOptions,
  loadRun,
  type RunFigures,
  resumeRun,
  type TrainOptions,
} from './run.js'
export {
  type Component,
  type Config,
  type DataConfig,
  defineConfig,
  type TrainerConfig,
  type WeightsConfig,
} from './schema.js'
