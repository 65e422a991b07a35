// Text for several prompts of different lengths at once, with a paged cache. Place in the whole: what generate.ts is for one prompt and
// any model; the event loop stays free between tokens.
import { noGrad } from '../autograd/mode.js'
import { Random } from '../data/random.js'
import { scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { select } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkSampling, type GenerateOptions, pick } from './generate.js'
import type { CachedDecoder } from './generation/decoding.js'
import { BLOCK_SIZE, type PagedKvCache } from './paged-cache.js'

export interface GenerateBatchOptions extends Omit<GenerateOptions, 'blockSize'> {
  /** A token that ends its sequence, whose blocks are then free. */
  readonly stop?: number
  /** Where the sequences are kept; they are freed at the end. Default: one of their own with room for all. */
  readonly cache?: PagedKvCache
}

interface Line {
  readonly index: number
  readonly sequence: number
  readonly random: Random
  logits: Float32Array
}

/**
 * Yields, up to `count` times, a token for each prompt, or null where one has ended. All unfinished sequences take part in one call of
 * the model a token. Equal prompts are computed once and share their blocks. Each prompt draws numbers of its own, so what continues it
 * does not depend on the others; the first one's are those of `generate`.
 *
 * @throws ValueError for an empty prompt and options out of range; ShapeError where the model has too few positions; OutOfBlocksError
 *   where a cache that was given is full
 */
export async function* generateBatch(
  model: CachedDecoder,
  prompts: readonly (readonly number[])[],
  count: number,
  options: GenerateBatchOptions = {},
): AsyncGenerator<(number | null)[]> {
  if (prompts.length === 0) throw new ValueError('generateBatch: no prompt')
  const { temperature, topK } = checkSampling('generateBatch', prompts, options)
  const { stop, seed = 0 } = options
  const cache = options.cache ?? model.pagedCache({ blocks: blocksFor(prompts, count) })
  const training = model.training
  model.eval()
  let lines: Line[] = []
  try {
    for (const [index, prompt] of prompts.entries()) {
      const same = lines.find((line) => sameTokens(prompts[line.index] as readonly number[], prompt))
      const sequence = same ? cache.fork(same.sequence) : cache.allocate()
      const line = { index, sequence, random: new Random(seed, index), logits: same?.logits ?? new Float32Array() }
      lines.push(line)
      if (!same) line.logits = (await lastLogits(model, cache, [sequence], prompt))[0] as Float32Array
    }
    for (let i = 0; i < count && lines.length > 0; i++) {
      const tokens: (number | null)[] = prompts.map(() => null)
      for (const line of lines) tokens[line.index] = pick(line.logits, temperature, topK, line.random)
      yield tokens
      for (const line of lines) if (tokens[line.index] === stop) cache.free(line.sequence)
      lines = lines.filter((line) => tokens[line.index] !== stop)
      if (i + 1 === count || lines.length === 0) break
      const sequences = lines.map((line) => line.sequence)
      const next = lines.map((line) => tokens[line.index] as number)
      for (const [n, logits] of (await lastLogits(model, cache, sequences, next)).entries())
        (lines[n] as Line).logits = logits
    }
  } finally {
    for (const { sequence } of lines) cache.free(sequence)
    if (options.cache === undefined) cache.dispose()
    model.train(training)
  }
}

/** Logits behind the tokens, which are as many for each sequence. */
async function lastLogits(
  model: CachedDecoder,
  cache: PagedKvCache,
  sequences: readonly number[],
  tokens: readonly number[],
): Promise<Float32Array[]> {
  const [b, t] = [sequences.length, tokens.length / sequences.length]
  const logits_BV = noGrad(() =>
    scope(() => {
      const tokens_BT = tensor(Int32Array.from(tokens), { shape: [b, t] })
      const logits_BTV = model.call(tokens_BT, cache.extend(sequences, t)) as Tensor
      return cast(select(logits_BTV, 1, -1), 'f32')
    }),
  )
  const all = await logits_BV.data()
  logits_BV.dispose()
  const v = all.length / b
  return sequences.map((_, n) => all.slice(n * v, (n + 1) * v))
}

/** So many that no sequence has to share. */
const blocksFor = (prompts: readonly (readonly number[])[], count: number): number =>
  prompts.reduce((sum, prompt) => sum + Math.ceil((prompt.length + Math.max(count, 1)) / BLOCK_SIZE), 0)

const sameTokens = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((token, i) => token === b[i])
