// Text from a language model, token by token. Place in the whole: the door for users; steps.ts does the work.
import type { LanguageModel } from './decoding.js'
import { type GeneratedToken, type GenerateOptions, type StepOptions, stepsOf } from './steps.js'

export interface GenerateBatchOptions extends Omit<StepOptions, 'logProbabilities'> {}

/**
 * Yields up to `count` tokens that continue `prompt` (at least one token), the one that ends the text included. The event loop is free
 * between tokens. A model with a cache (GPT2, say) computes each token once; another one, the whole context for each token.
 *
 *     for await (const token of generate(model, prompt, 100, { temperature: 0.8, topP: 0.95 })) ...
 *
 * @throws ValueError for an empty prompt and options out of range; the signal's reason when it aborts
 */
export async function* generate(
  model: LanguageModel,
  prompt: readonly number[],
  count: number,
  options: GenerateOptions = {},
): AsyncGenerator<number, void, undefined> {
  for await (const [step] of stepsOf('generate', model, [prompt], count, options)) yield (step as GeneratedToken).token
}

/**
 * Yields, up to `count` times, a token for each prompt, or null where one has ended. All unfinished sequences take part in one call of
 * the model a token, prompts of different lengths too; with a paged cache equal prompts are computed once and share their blocks. Each
 * prompt draws numbers of its own, so what continues it does not depend on the others; the first one's are those of `generate`.
 *
 * @throws ValueError for an empty prompt and options out of range; OutOfBlocksError where a cache that was given is full; the signal's
 *   reason when it aborts
 */
export async function* generateBatch(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  count: number,
  options: GenerateBatchOptions = {},
): AsyncGenerator<(number | null)[], void, undefined> {
  for await (const step of stepsOf('generateBatch', model, prompts, count, options))
    yield step.map((each) => each?.token ?? null)
}

/**
 * `generateBatch` that tells more of each token: why it ends its sequence, its score, and with `logProbabilities` what the model alone
 * says of it and of the likeliest ones.
 *
 * @throws as generateBatch
 */
export function generateSteps(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  count: number,
  options: StepOptions = {},
): AsyncGenerator<(GeneratedToken | null)[], void, undefined> {
  return stepsOf('generateSteps', model, prompts, count, options)
}
