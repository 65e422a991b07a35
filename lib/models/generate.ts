// Text from a language model, token by token. Place in the whole: works with any module that maps tokens (B, T) to logits
// (B, T, V); the event loop stays free between tokens.
import { noGrad } from '../autograd/mode.js'
import { Random } from '../data/random.js'
import { scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import type { Module } from '../nn/module.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { select } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'

export interface GenerateOptions {
  /** Longest context that the model takes; older tokens are left out. */
  readonly blockSize: number
  /** Below 1 prefers likely tokens, 0 always takes the likeliest. Default 1. */
  readonly temperature?: number
  /** Only the k likeliest tokens. Default: all. */
  readonly topK?: number
  readonly seed?: number
}

/** Yields `count` tokens that continue `prompt` (at least one token). */
export async function* generate(
  model: Module,
  prompt: readonly number[],
  count: number,
  options: GenerateOptions,
): AsyncGenerator<number> {
  const { blockSize, seed = 0 } = options
  const { temperature, topK } = checkSampling('generate', [prompt], options)
  const random = new Random(seed)
  const tokens = [...prompt]
  const training = model.training
  model.eval()
  try {
    for (let i = 0; i < count; i++) {
      const last = noGrad(() => scope(() => lastLogits(model, tokens.slice(-blockSize))))
      const logits = await last.data()
      last.dispose()
      const token = pick(logits, temperature, topK, random)
      tokens.push(token)
      yield token
    }
  } finally {
    model.train(training)
  }
}

/** How a token is chosen, with defaults. */
export function checkSampling(
  name: string,
  prompts: readonly (readonly number[])[],
  { temperature = 1, topK = Number.POSITIVE_INFINITY }: Pick<GenerateOptions, 'temperature' | 'topK'>,
): { temperature: number; topK: number } {
  if (prompts.some((prompt) => prompt.length === 0))
    throw new ValueError(`${name}: a prompt is empty: it needs one token at least`)
  if (!(temperature >= 0)) throw new ValueError(`${name}: temperature is ${temperature}, expected at least 0`)
  if (!(topK >= 1)) throw new ValueError(`${name}: topK is ${topK}, expected at least 1`)
  return { temperature, topK }
}

function lastLogits(model: Module, context: readonly number[]): Tensor<'f32'> {
  const tokens_BT = tensor(Int32Array.from(context), { shape: [1, context.length] })
  const logits_BTV = model.call(tokens_BT) as Tensor
  return cast(select(select(logits_BTV, 0, 0), 0, -1), 'f32')
}

/** A token by its logit. */
export function pick(logits: Float32Array, temperature: number, topK: number, random: Random): number {
  const order = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number))
  const best = order[0] as number
  if (temperature === 0) return best
  const candidates = order.slice(0, topK)
  const weights = candidates.map((token) =>
    Math.exp(((logits[token] as number) - (logits[best] as number)) / temperature),
  )
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return candidates[i] as number
  }
  return best
}
