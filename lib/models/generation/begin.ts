// Which decoding serves which model. Place in the whole: the one door from searches and samplers to decoding.ts.
import { ValueError } from '../../errors.js'
import { Module } from '../../nn/module.js'
import type { KeyValueCache } from '../kv-cache.js'
import { BLOCK_SIZE, type PagedKvCache } from '../paged-cache.js'
import { CachedDecoding, TargetDecoding } from './cached.js'
import type {
  CachedDecoder,
  Decoding,
  EncodedSources,
  LanguageModel,
  StepwiseDecoder,
  StepwiseSources,
} from './decoding.js'
import { PagedDecoding } from './paged.js'
import { RecomputingDecoding } from './recomputing.js'

export interface BeginOptions {
  readonly prompts: readonly (readonly number[])[]
  /** Tokens that each gets at most. */
  readonly count: number
  /** Continuations of each at once. */
  readonly copies?: number
  /** Tokens that the model sees at most. Default: its `contextLength`. */
  readonly blockSize?: number
  readonly cache?: PagedKvCache
}

/** @throws ValueError for options that do not fit the model */
export function begin(name: string, model: LanguageModel, options: BeginOptions): Decoding {
  const { prompts, count, copies = 1, cache } = options
  const rows = prompts.length
  const window = windowOf(name, model, options.blockSize)
  // The last token is never read.
  const lengths = prompts.map((prompt) => Math.min(prompt.length + Math.max(count, 1) - 1, window))
  const longest = Math.max(...lengths)
  if (cache !== undefined && !isCached(model))
    throw new ValueError(`${name}: takes a cache for a model with pagedCache(), which ${nameOf(model)} does not have`)
  if (isEncoded(model) && model.rows !== rows)
    throw new ValueError(`${name}: ${rows} prompts for ${model.rows} encoded sources; give one for each`)
  if (isStepwise(model)) return model.decoding({ lengths, copies })
  if (isEncoded(model)) return new TargetDecoding(model, longest)
  if (!isCached(model)) return new RecomputingDecoding(model, rows, window)
  if (cache === undefined && rows === 1 && copies === 1 && model.cache !== undefined) {
    const own = model.cache({ batch: 1, capacity: longest })
    return new CachedDecoding((tokens_BT, cache: KeyValueCache) => model.call(tokens_BT, cache, KEEP_LAST), own, window)
  }
  // So many that no sequence has to share.
  const blocks = copies * lengths.reduce((sum, length) => sum + Math.ceil(length / BLOCK_SIZE), 0)
  return new PagedDecoding(model, cache ?? model.pagedCache({ blocks }), rows, window, cache === undefined)
}

const KEEP_LAST = { logitsToKeep: 1 } as const

function windowOf(name: string, model: LanguageModel, blockSize: number | undefined): number {
  const most = (model as Partial<CachedDecoder>).contextLength ?? Number.POSITIVE_INFINITY
  if (blockSize === undefined) return most
  if (!(blockSize >= 1)) throw new ValueError(`${name}: blockSize is ${blockSize}, expected at least 1`)
  return Math.min(most, Math.floor(blockSize))
}

const isEncoded = (model: LanguageModel): model is EncodedSources | StepwiseSources => !(model instanceof Module)
const isStepwise = (model: LanguageModel): model is StepwiseDecoder | StepwiseSources =>
  typeof (model as Partial<StepwiseDecoder>).decoding === 'function'
const isCached = (model: LanguageModel): model is CachedDecoder =>
  typeof (model as Partial<CachedDecoder>).pagedCache === 'function'
const moduleOf = (model: LanguageModel): Module => (isEncoded(model) ? model.model : model)
const nameOf = (model: LanguageModel): string => moduleOf(model).constructor.name

/** Puts the model into evaluation mode; gives what brings every module back into its own. */
export function evaluating(model: LanguageModel): () => void {
  const module = moduleOf(model)
  const modes = [...module.modules()].map((each) => [each, each.training] as const)
  module.eval()
  return () => {
    for (const [each, training] of modes) each.training = training
  }
}
