// The likeliest continuations that a search of limited width finds. Place in the whole: beside generate.ts, which samples; works with the
// same models. Definition: Hugging Face transformers' beam search, whose scores and order these are.
// Shapes: R rows, the running beams of all prompts; V vocabulary.
import { setImmediate } from 'node:timers/promises'
import { noGrad } from '../../autograd/mode.js'
import { ValueError } from '../../errors.js'
import { add } from '../../ops/binary.js'
import { tensor } from '../../ops/creation.js'
import { logSoftmax } from '../../ops/softmax.js'
import { topk } from '../../ops/sort.js'
import { narrow, reshape } from '../../ops/views.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { PagedKvCache } from '../paged-cache.js'
import { begin, evaluating } from './begin.js'
import type { Decoding, LanguageModel } from './decoding.js'
import type { LogitsProcessor } from './processors.js'
import { read } from './sampling.js'
import { checkOptions, checkPrompts, type ProcessorOptions, processorsOf } from './steps.js'
import { type FinishReason, type StopOptions, Stopping } from './stopping.js'

export interface BeamSearchOptions extends ProcessorOptions, StopOptions {
  /** Continuations that are followed at once. Default 4. */
  readonly numBeams?: number
  /** How many are returned, up to `numBeams`. Default 1. */
  readonly numReturnSequences?: number
  /** A score is the sum of the tokens' log-probabilities over the length to this power: above 0 favours long ones. Default 1. */
  readonly lengthPenalty?: number
  /**
   * true: a search ends as soon as numBeams have ended. false: when no running one, at its present length, would beat the worst of them.
   * 'never': when none could, at the length that favours it most. Default false.
   */
  readonly earlyStopping?: boolean | 'never'
  /** Longest context that the model sees; older tokens are left out. Default: the model's `contextLength`, else no limit. */
  readonly blockSize?: number
  /** Where the sequences are kept; they are freed at the end. Default: a cache of their own with room for all. */
  readonly cache?: PagedKvCache
  /** Ends the search between two tokens: it throws the signal's reason. */
  readonly signal?: AbortSignal
}

export interface Beam {
  /** What continues the prompt, the token that ends it included. */
  readonly tokens: readonly number[]
  /** Sum of the log-probabilities over length ** lengthPenalty. */
  readonly score: number
  readonly finish: FinishReason
}

type Search = Required<Pick<BeamSearchOptions, 'numBeams' | 'numReturnSequences' | 'lengthPenalty' | 'earlyStopping'>>

/**
 * Up to `count` tokens for each prompt by beam search: `numReturnSequences` continuations, the best first. All prompts' beams take part
 * in one call of the model a token; no prompt's result depends on the others. Processors see log-probabilities.
 *
 * @throws ValueError for an empty prompt and options out of range; OutOfBlocksError where a cache that was given is full; the signal's
 *   reason when it aborts
 */
export async function beamSearch(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  count: number,
  options: BeamSearchOptions = {},
): Promise<Beam[][]> {
  const name = 'beamSearch'
  checkOptions(name, options, ['numBeams', 'numReturnSequences', 'lengthPenalty', 'earlyStopping'])
  checkPrompts(name, prompts, count)
  const search = checkedSearch(name, options)
  const stopping = new Stopping(name, options)
  const processors = processorsOf(options, stopping.ends)
  options.signal?.throwIfAborted()
  if (count === 0) return prompts.map(() => [])
  const restore = evaluating(model)
  let decoding: Decoding | null = null
  try {
    decoding = begin(name, model, { ...options, prompts, count, copies: search.numBeams })
    const groups = prompts.map((prompt, n) => new Group(n, prompt, search, stopping, count))
    let open = groups
    let fed: readonly (readonly number[])[] = prompts
    while (open.length > 0) {
      const found = await continuations(decoding, fed, open, processors)
      const rows: number[] = []
      let from = 0
      for (const [n, group] of open.entries()) {
        const parents = group.advance(found[n] as Continuation[])
        rows.push(...parents.map((parent) => from + parent))
        from += group.width
        group.width = parents.length
      }
      open = open.filter((group) => group.width > 0)
      if (open.length === 0) break
      noGrad(() => decoding?.select(rows))
      fed = open.flatMap((group) => group.running.map(({ tokens }) => tokens.slice(-1)))
      await setImmediate()
      options.signal?.throwIfAborted()
    }
    return groups.map((group) => group.finished.slice(0, search.numReturnSequences))
  } finally {
    decoding?.dispose()
    restore()
  }
}

function checkedSearch(name: string, options: BeamSearchOptions): Search {
  const { numBeams = 4, numReturnSequences = 1, lengthPenalty = 1, earlyStopping = false } = options
  for (const [which, value] of Object.entries({ numBeams, numReturnSequences })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ValueError(`${name}: ${which} is ${value}, expected a whole number of at least 1`)
  }
  if (numReturnSequences > numBeams)
    throw new ValueError(`${name}: ${numReturnSequences} sequences of ${numBeams} beams; give more numBeams`)
  if (!Number.isFinite(lengthPenalty))
    throw new ValueError(`${name}: lengthPenalty is ${lengthPenalty}, expected a finite number`)
  if (typeof earlyStopping !== 'boolean' && earlyStopping !== 'never')
    throw new ValueError(`${name}: earlyStopping is ${String(earlyStopping)}, expected true, false or 'never'`)
  return { numBeams, numReturnSequences, lengthPenalty, earlyStopping }
}

/** A beam's next token, and the sum of the log-probabilities with it. */
interface Continuation {
  readonly beam: number
  readonly token: number
  readonly sum: number
}

interface Running {
  /** The prompt's too. */
  readonly tokens: readonly number[]
  readonly sum: number
}

/** One prompt's search. */
class Group {
  readonly prompt: number
  readonly promptLength: number
  running: Running[]
  finished: Beam[] = []
  /** Rows of the decoding that are its running beams. */
  width = 1
  readonly #search: Search
  readonly #stopping: Stopping
  readonly #count: number

  constructor(prompt: number, tokens: readonly number[], search: Search, stopping: Stopping, count: number) {
    this.prompt = prompt
    this.promptLength = tokens.length
    this.running = [{ tokens, sum: 0 }]
    this.#search = search
    this.#stopping = stopping
    this.#count = count
  }

  /** Candidates that are looked at: were each beam's likeliest tokens the ends of texts, as many beams would still go on. */
  get candidates(): number {
    return Math.max(2, 1 + this.#stopping.ends.size) * this.#search.numBeams
  }

  /** Takes the best continuations, in falling order, and gives the beams that the running ones now continue: none at the end. */
  advance(found: readonly Continuation[]): number[] {
    const { numBeams, lengthPenalty, earlyStopping } = this.#search
    const parents: number[] = []
    const running: Running[] = []
    const ended: Beam[] = []
    const length = (this.running[0] as Running).tokens.length - this.promptLength + 1
    for (const [rank, { beam, token, sum }] of found.entries()) {
      const tokens = [...(this.running[beam] as Running).tokens, token]
      const finish = this.#stopping.endsAt(tokens, this.promptLength) ?? (length >= this.#count ? 'length' : null)
      if (finish === null && running.length < numBeams) {
        running.push({ tokens, sum })
        parents.push(beam)
      } else if (finish !== null && rank < numBeams) {
        ended.push({ tokens: tokens.slice(this.promptLength), score: sum / length ** lengthPenalty, finish })
      }
    }
    this.finished = [...this.finished, ...ended].sort((a, b) => b.score - a.score).slice(0, numBeams)
    this.running = running
    const best = running[0]
    const full = this.finished.length === numBeams
    if (best === undefined || (full && earlyStopping === true)) return []
    const bestLength = earlyStopping === 'never' && lengthPenalty > 0 ? this.#count : length
    const worst = full ? (this.finished.at(-1) as Beam).score : Number.NEGATIVE_INFINITY
    return best.sum / bestLength ** lengthPenalty > worst ? parents : []
  }
}

/** Feeds tokens and finds each group's best continuations. */
async function continuations(
  decoding: Decoding,
  fed: readonly (readonly number[])[],
  groups: readonly Group[],
  processors: readonly LogitsProcessor[],
): Promise<Continuation[][]> {
  const beams = groups.flatMap((group) => group.running.map((beam) => ({ group, ...beam })))
  const context = {
    tokens: beams.map(({ tokens }) => tokens),
    promptLengths: beams.map(({ group }) => group.promptLength),
    prompts: beams.map(({ group }) => group.prompt),
  }
  let vocabulary = 0
  const found = await read(() => {
    const logits_RV = processors.reduce(
      (logs_RV, process) => process(logs_RV, context),
      logSoftmax(decoding.step(fed), 1) as Tensor,
    )
    vocabulary = logits_RV.shape[1] as number
    const sums = tensor(
      Float32Array.from(beams, ({ sum }) => sum),
      { shape: [beams.length, 1] },
    )
    const sums_RV = add(logits_RV, sums)
    let from = 0
    return groups.flatMap((group) => {
      const own = reshape(narrow(sums_RV, 0, from, group.width), [group.width * vocabulary])
      from += group.width
      return topk(own, Math.min(group.candidates, own.numel))
    })
  })
  return groups.map((_, n) => {
    const [sums, places] = [found[2 * n] as Float32Array, found[2 * n + 1] as BigInt64Array]
    const all = Array.from(sums, (sum, i): Continuation => {
      const place = Number(places[i])
      return { beam: Math.floor(place / vocabulary), token: place % vocabulary, sum }
    })
    if (Number.isNaN(all[0]?.sum)) throw new ValueError('beamSearch: the logits are NaN')
    const possible = all.filter(({ sum }) => sum > Number.NEGATIVE_INFINITY)
    if (possible.length === 0)
      throw new ValueError(`beamSearch: the processors leave no token for prompt ${groups[n]?.prompt}`)
    return possible
  })
}
