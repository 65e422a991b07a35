// What users see of generation. Place in the whole: part of sinter/models.
export { type Beam, type BeamSearchOptions, beamSearch } from './beam-search.js'
export type {
  CachedDecoder,
  DecoderCallOptions,
  Decoding,
  DecodingOptions,
  EncodedSources,
  LanguageModel,
  StepwiseDecoder,
  StepwiseSources,
} from './decoding.js'
export { type GenerateBatchOptions, generate, generateBatch, generateSteps } from './generate.js'
export {
  type AllowedTokens,
  countPenalty,
  type LogitsContext,
  type LogitsProcessor,
  minNewTokens,
  noRepeatNgram,
  onlyAllowed,
  onlyTokens,
  repetitionPenalty,
  suppressTokens,
} from './processors.js'
export type { SamplingOptions } from './sampling.js'
export { type State, type Stateful, StatefulDecoding } from './stateful.js'
export type { GeneratedToken, GenerateOptions, ProcessorOptions, StepOptions } from './steps.js'
export type { Decode, FinishReason, StopOptions } from './stopping.js'
export { type StreamTextOptions, streamText } from './stream-text.js'
