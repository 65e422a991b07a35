// lib/search: hyper-parameter search and cross-validation.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
  type Figures,
  type FoldContext,
  type FoldResult,
  type Split,
} from './cross-validate.js'
export { type CrossValidateRunOptions, crossValidateRun, StoppedError } from './cross-validate-run.js'
export {
  defineSearch,
  type FileSearchResult,
  type ParameterSpec,
  type RunSearchOptions,
  runSearch,
  type SearchConfig,
} from './file.js'
export {
  type Objective,
  type SearchOptions,
  type SearchResult,
  search,
  type TrialContext,
  TrialError,
} from './search.js'
export { choice, int, logUniform, type Parameter, type Parameters, type Space, uniform, type When } from './space.js'
export type { Budgets } from './strategies.js'
export type { TPEOptions } from './tpe.js'
export type { Result, Trial } from './trial.js'
export { type TrialRunsOptions, trialRuns } from './trial-runs.js'
