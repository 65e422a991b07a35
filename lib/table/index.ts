// lib/table: tables of numbers and categories on their way into networks.
export {
  type BinOptions,
  bin,
  type ClipOptions,
  clip,
  type Filling,
  type ImputeOptions,
  impute,
  log1p,
  minMax,
  robust,
  standardize,
} from './number-steps.js'
export { type Features, type FitTransformOptions, type PipelineState, TablePipeline } from './pipeline.js'
export { type FitContext, type FittedStep, type Step, type StepState, step } from './step.js'
export { type Column, type NumberColumn, selectRows, type Table, type WordColumn } from './table.js'
export {
  type OneHotOptions,
  type OrdinalOptions,
  oneHot,
  ordinal,
  type TargetEncodeOptions,
  targetEncode,
} from './word-steps.js'
