// Text from a language model, a step at a time: all unfinished sequences get a token each. Place in the whole: what generate.ts,
// generate-batch.ts and stream-text.ts show in their own ways.
import { setImmediate } from 'node:timers/promises'
import { noGrad } from '../../autograd/mode.js'
import { known, whole } from '../../check.js'
import { Random } from '../../data/random.js'
import { scope } from '../../engine/lifetime.js'
import { ValueError } from '../../errors.js'
import { tensor } from '../../ops/creation.js'
import { gather } from '../../ops/gather.js'
import { logSoftmax } from '../../ops/softmax.js'
import { topk } from '../../ops/sort.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { PagedKvCache } from '../paged-cache.js'
import { begin, evaluating } from './begin.js'
import type { Decoding, LanguageModel } from './decoding.js'
import { countPenalty, type LogitsProcessor, minNewTokens, noRepeatNgram, repetitionPenalty } from './processors.js'
import { type Choice, checkedSampling, choose, read, type SamplingOptions } from './sampling.js'
import { type FinishReason, type StopOptions, Stopping } from './stopping.js'

/** What changes logits: by number, or by a function. */
export interface ProcessorOptions {
  /** Above 1 against tokens that have come, the prompt's included. Default 1. See `repetitionPenalty`. */
  readonly repetitionPenalty?: number
  /** Taken off the logit of every token that has been generated. Default 0. */
  readonly presencePenalty?: number
  /** Taken off the logit of a token each time that it has been generated. Default 0. */
  readonly frequencyPenalty?: number
  /** No so many tokens in a row come twice, the prompt's included. */
  readonly noRepeatNgram?: number
  /** No end-of-text token among the first so many. Default 0. */
  readonly minNewTokens?: number
  /** Called in turn, behind those above: for constrained decoding, say. */
  readonly processors?: readonly LogitsProcessor[]
}

export interface GenerateOptions extends SamplingOptions, ProcessorOptions, StopOptions {
  /** Longest context that the model sees; older tokens are left out. Default: the model's `contextLength`, else no limit. */
  readonly blockSize?: number
  /** The same seed gives the same tokens. Default 0. */
  readonly seed?: number
  /** Ends the generation between two tokens: it throws the signal's reason. */
  readonly signal?: AbortSignal
}

export interface StepOptions extends GenerateOptions {
  /** Where the sequences are kept; they are freed at the end. Default: a cache of their own with room for all. */
  readonly cache?: PagedKvCache
  /** Also the model's own probabilities: of the token, and of so many of the likeliest. Default: none. */
  readonly logProbabilities?: number
}

/** A token that continues a sequence. */
export interface GeneratedToken {
  readonly token: number
  /** Why the sequence ends with it; null where it goes on. */
  readonly finish: FinishReason | null
  /** Logarithm of its probability among those that it was chosen from: behind penalties, temperature and top-k. */
  readonly score: number
  /** Logarithm of its probability by the model alone. With `logProbabilities`. */
  readonly logProbability?: number
  /** The likeliest tokens by the model alone. With `logProbabilities`. */
  readonly likeliest?: readonly { readonly token: number; readonly logProbability: number }[]
}

const COMMON = [
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'noRepeatNgram',
  'minNewTokens',
  'processors',
  'endOfText',
  'stop',
  'decode',
  'blockSize',
  'cache',
  'signal',
]
const SAMPLING = ['temperature', 'topK', 'topP', 'minP', 'typicalP', 'seed', 'logProbabilities']

/** @throws ValueError for an option that neither all searches nor this one have */
export const checkOptions = (name: string, options: object, own: readonly string[] = SAMPLING): void =>
  known(name, options, [...own, ...COMMON])

/** The processors that the options name, in Hugging Face's order. */
export function processorsOf(options: ProcessorOptions, ends: Iterable<number>): LogitsProcessor[] {
  const { presencePenalty: presence = 0, frequencyPenalty: frequency = 0, minNewTokens: least = 0 } = options
  const all: LogitsProcessor[] = []
  if (options.repetitionPenalty !== undefined && options.repetitionPenalty !== 1)
    all.push(repetitionPenalty(options.repetitionPenalty))
  if (presence !== 0 || frequency !== 0) all.push(countPenalty({ presence, frequency }))
  if (options.noRepeatNgram !== undefined) all.push(noRepeatNgram(options.noRepeatNgram))
  if (least > 0) all.push(minNewTokens(least, [...ends]))
  return [...all, ...(options.processors ?? [])]
}

/** @throws ValueError for no prompt, an empty one, or a count below 0 */
export function checkPrompts(name: string, prompts: readonly (readonly number[])[], count: number): void {
  if (prompts.length === 0) throw new ValueError(`${name}: no prompt`)
  if (prompts.some((prompt) => prompt.length === 0))
    throw new ValueError(`${name}: a prompt is empty: it needs one token at least`)
  if (!(count >= 0)) throw new ValueError(`${name}: ${count} tokens were asked for, expected at least 0`)
}

/** A sequence that has not ended. */
interface Line {
  readonly prompt: number
  readonly promptLength: number
  readonly random: Random
  readonly tokens: number[]
}

/** See `generateSteps`; `name` is the caller's, for errors. */
export async function* stepsOf(
  name: string,
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  count: number,
  options: StepOptions,
): AsyncGenerator<(GeneratedToken | null)[], void, undefined> {
  checkOptions(name, options)
  checkPrompts(name, prompts, count)
  const sampling = checkedSampling(name, options)
  const stopping = new Stopping(name, options)
  const processors = processorsOf(options, stopping.ends)
  const { seed = 0, signal, logProbabilities: top } = options
  if (top !== undefined) whole(name, { logProbabilities: top }, 0)
  signal?.throwIfAborted()
  if (count === 0) return
  const restore = evaluating(model)
  let decoding: Decoding | null = null
  try {
    decoding = begin(name, model, { ...options, prompts, count })
    let lines = prompts.map((tokens, prompt): Line => {
      return { prompt, promptLength: tokens.length, random: new Random(seed, prompt), tokens: [...tokens] }
    })
    let fed: readonly (readonly number[])[] = prompts
    for (let i = 1; i <= count; i++) {
      const randoms = lines.map(({ random }) => random)
      const chosen = await next(
        decoding,
        fed,
        lines,
        processors,
        (logits_BV) => choose(logits_BV, sampling, randoms),
        top,
      )
      const step: (GeneratedToken | null)[] = prompts.map(() => null)
      const going: number[] = []
      for (const [n, line] of lines.entries()) {
        const choice = chosen[n] as Scored
        line.tokens.push(choice.token)
        const finish = stopping.endsAt(line.tokens, line.promptLength) ?? (i === count ? 'length' : null)
        step[line.prompt] = { ...choice, finish }
        if (finish === null) going.push(n)
      }
      // What has ended gives its room back before anybody looks at the step.
      if (going.length > 0 && going.length < lines.length) noGrad(() => decoding?.select(going))
      if (going.length === 0) {
        decoding.dispose()
        decoding = null
      }
      yield step
      if (decoding === null) return
      // A model that computes on this thread would else keep timers and sockets waiting until the last token.
      await setImmediate()
      signal?.throwIfAborted()
      lines = going.map((n) => lines[n] as Line)
      fed = lines.map(({ tokens }) => tokens.slice(-1))
    }
  } finally {
    decoding?.dispose()
    restore()
  }
}

type Scored = Omit<GeneratedToken, 'finish'>

/** Feeds tokens and chooses those that follow. */
async function next(
  decoding: Decoding,
  fed: readonly (readonly number[])[],
  lines: readonly Line[],
  processors: readonly LogitsProcessor[],
  chosenFrom: (logits_BV: Tensor) => Promise<Choice[]>,
  top: number | undefined,
): Promise<Scored[]> {
  const context = {
    tokens: lines.map(({ tokens }) => tokens),
    promptLengths: lines.map(({ promptLength }) => promptLength),
    prompts: lines.map(({ prompt }) => prompt),
  }
  const [raw_BV, logits_BV] = noGrad(() =>
    scope(() => {
      const raw_BV = decoding.step(fed)
      return [raw_BV, processors.reduce((logits_BV, process) => process(logits_BV, context), raw_BV)]
    }),
  ) as [Tensor, Tensor]
  try {
    const choices = await chosenFrom(logits_BV)
    return top === undefined ? choices : await withProbabilities(raw_BV, choices, top)
  } finally {
    raw_BV.dispose()
    if (logits_BV !== raw_BV) logits_BV.dispose()
  }
}

async function withProbabilities(raw_BV: Tensor, choices: readonly Choice[], top: number): Promise<Scored[]> {
  const k = Math.min(top, raw_BV.shape[1] as number)
  const [own, values, tokens] = await read(() => {
    const logs_BV = logSoftmax(raw_BV, 1)
    const at = tensor(
      Int32Array.from(choices, ({ token }) => token),
      { shape: [choices.length, 1] },
    )
    return [gather(logs_BV, 1, at), ...topk(logs_BV, k)]
  })
  return choices.map((choice, n) => ({
    ...choice,
    logProbability: own?.[n] as number,
    likeliest: Array.from({ length: k }, (_, i) => ({
      token: Number(tokens?.[n * k + i]),
      logProbability: values?.[n * k + i] as number,
    })),
  }))
}
