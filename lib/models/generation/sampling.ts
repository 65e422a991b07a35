// How a token is chosen by logits. Place in the whole: the last part of a step in generate.ts. The vocabulary is never sorted, and few
// numbers leave the engine: the candidates' logits, or a single token.
// Definitions: Hugging Face transformers' warpers, in their order: temperature, top-k, top-p, min-p, typical.
// Shapes: B rows, V vocabulary, K candidates.
import { noGrad } from '../../autograd/mode.js'
import type { Random } from '../../data/random.js'
import { scope } from '../../engine/lifetime.js'
import { ValueError } from '../../errors.js'
import { cast } from '../../ops/convert.js'
import { tensor } from '../../ops/creation.js'
import { gather } from '../../ops/gather.js'
import { logsumexp, sum } from '../../ops/reduce.js'
import { cumsum } from '../../ops/scan.js'
import { searchSorted } from '../../ops/search.js'
import { logSoftmax, softmax } from '../../ops/softmax.js'
import { topk } from '../../ops/sort.js'
import { abs, exp } from '../../ops/unary.js'
import { narrow } from '../../ops/views.js'
import type { Tensor } from '../../tensor/tensor.js'

export interface SamplingOptions {
  /** Below 1 prefers likely tokens, 0 always takes the likeliest. Default 1. */
  readonly temperature?: number
  /** Only the k likeliest tokens. Default: all. */
  readonly topK?: number
  /** Only the likeliest tokens whose probabilities come to topP (Holtzman et al. 2020, nucleus sampling). Default 1: all. */
  readonly topP?: number
  /** Only tokens that are at least minP times as likely as the likeliest (Nguyen et al. 2024). Default 0: all. */
  readonly minP?: number
  /**
   * Only tokens whose information is nearest to the entropy, until their probabilities come to typicalP (Meister et al. 2023, locally
   * typical sampling). Default 1: all.
   */
  readonly typicalP?: number
}

type Sampling = Required<SamplingOptions>

/** With defaults. @throws ValueError for options out of range */
export function checkedSampling(name: string, options: SamplingOptions): Sampling {
  const { temperature = 1, topK = Number.POSITIVE_INFINITY, topP = 1, minP = 0, typicalP = 1 } = options
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw new ValueError(`${name}: temperature is ${temperature}, expected at least 0`)
  if (!(topK >= 1)) throw new ValueError(`${name}: topK is ${topK}, expected at least 1`)
  for (const [which, p] of Object.entries({ topP, typicalP }))
    if (!(p > 0 && p <= 1)) throw new ValueError(`${name}: ${which} is ${p}, expected above 0 and up to 1`)
  if (!(minP >= 0 && minP <= 1)) throw new ValueError(`${name}: minP is ${minP}, expected from 0 to 1`)
  return { temperature, topK: Math.floor(topK), topP, minP, typicalP }
}

/** A token of a row, and the logarithm of its probability among the candidates (at temperature 0: among all tokens, at 1). */
export interface Choice {
  readonly token: number
  readonly score: number
}

/** Tokens with logarithms of their probabilities, which are those of all candidates together, the likeliest first. */
export interface Candidates {
  readonly tokens: readonly number[]
  readonly logProbabilities: readonly number[]
}

/** A token for each row of logits (B, V). Row n draws from randoms[n]. */
export async function choose(logits_BV: Tensor, sampling: Sampling, randoms: readonly Random[]): Promise<Choice[]> {
  const { temperature, topK, topP, minP, typicalP } = sampling
  if (temperature === 0) return likeliest(logits_BV)
  const all = topK >= (logits_BV.shape[1] as number) && topP === 1 && minP === 0 && typicalP === 1
  if (all) return drawFromAll(logits_BV, temperature, randoms)
  const rows = await candidates(logits_BV, sampling)
  return rows.map((row, n) => draw(row, (randoms[n] as Random).uniform()))
}

async function likeliest(logits_BV: Tensor): Promise<Choice[]> {
  const [values, tokens, totals] = await read(() => [...topk(logits_BV, 1), logsumexp(logits_BV, 1)])
  return Array.from(values as Float32Array, (value, n) => {
    checkLargest(value, n)
    return { token: Number((tokens as BigInt64Array)[n]), score: value - ((totals as Float32Array)[n] as number) }
  })
}

/** By the running sum of the probabilities, in which a number from 0 to 1 is searched for. */
async function drawFromAll(logits_BV: Tensor, temperature: number, randoms: readonly Random[]): Promise<Choice[]> {
  const [b, v] = logits_BV.shape as [number, number]
  const [largest, first, tokens, scores] = await read(() => {
    const [largest, first] = topk(logits_BV, 1)
    const wide_BV = cast(logits_BV, 'f64').div(temperature)
    const sums_BV = cumsum(softmax(wide_BV, 1), 1)
    const drawn = tensor(
      Float64Array.from(randoms, (random) => random.uniform()),
      { shape: [b, 1] },
    )
    const places = searchSorted(sums_BV, drawn.mul(narrow(sums_BV, 1, v - 1, 1)), { right: true })
    const tokens = places.clamp(0, v - 1)
    return [largest, first, places, gather(logSoftmax(wide_BV, 1), 1, tokens)]
  })
  return Array.from(tokens as BigInt64Array, (place, n) => {
    checkLargest((largest as Float32Array)[n] as number, n)
    // Rounding may put the number behind the last sum.
    const token = Number(place) < v ? place : ((first as BigInt64Array)[n] as bigint)
    return { token: Number(token), score: (scores as Float64Array)[n] as number }
  })
}

/** So many are read at first where no topK says how many; eight times as many where they do not do. */
const FIRST = 64

/** The tokens that may follow each row of logits (B, V), and how likely each is. */
export async function candidates(logits_BV: Tensor, sampling: Sampling): Promise<Candidates[]> {
  const { temperature, topK, topP, minP } = sampling
  const vocabulary = logits_BV.shape[1] as number
  const scaled_BV = noGrad(() => scope(() => logits_BV.div(temperature === 0 ? 1 : temperature)))
  try {
    if (topK >= vocabulary && topP === 1 && minP === 0 && sampling.typicalP < 1)
      return await typical(scaled_BV, sampling.typicalP)
    for (let k = Math.min(vocabulary, topK < vocabulary ? topK : FIRST); ; k = Math.min(vocabulary, 8 * k)) {
      const [values, tokens, totals] = await read(() => {
        const [values, tokens] = topk(scaled_BV, k)
        return [values, tokens, logsumexp(topK < vocabulary ? values : scaled_BV, 1)]
      })
      const whole = k === vocabulary || k === topK
      const rows = Array.from(totals as Float32Array, (total, n) => {
        const logits = (values as Float32Array).subarray(n * k, (n + 1) * k)
        checkLargest(logits[0] as number, n)
        return cut(logits, (tokens as BigInt64Array).subarray(n * k, (n + 1) * k), total, whole, sampling)
      })
      if (rows.every((row) => row !== null)) return rows as Candidates[]
    }
  } finally {
    scaled_BV.dispose()
  }
}

/** Top-p, min-p and typical of logits that fall. null where it takes more than these to tell. */
function cut(
  logits: Float32Array,
  tokens: BigInt64Array,
  total: number,
  whole: boolean,
  { topP, minP, typicalP }: Sampling,
): Candidates | null {
  let count = 0
  let before = 0
  const least = (logits[0] as number) + Math.log(minP)
  // Rounded probabilities may come to 1 before all have been added.
  const short = (): boolean => topP === 1 || before < topP
  while (count < logits.length && short() && (logits[count] as number) >= least) {
    const logit = logits[count] as number
    if (logit === Number.NEGATIVE_INFINITY) break
    before += Math.exp(logit - total)
    count++
  }
  if (count === logits.length && short() && !whole) return null
  const kept = {
    tokens: Array.from(tokens.subarray(0, count), Number),
    logProbabilities: normalized(logits.subarray(0, count)),
  }
  return typicalP < 1 ? mostTypical(kept, typicalP) : kept
}

/** Logarithms of softmax. */
function normalized(logits: ArrayLike<number>): number[] {
  const all = Array.from(logits)
  const most = Math.max(...all)
  const total = most + Math.log(all.reduce((sum, logit) => sum + Math.exp(logit - most), 0))
  return all.map((logit) => logit - total)
}

/** Locally typical ones of all tokens: only those nearest to the entropy are read. */
async function typical(logits_BV: Tensor, typicalP: number): Promise<Candidates[]> {
  const vocabulary = logits_BV.shape[1] as number
  for (let k = Math.min(vocabulary, FIRST); ; k = Math.min(vocabulary, 8 * k)) {
    const [values, tokens, largest] = await read(() => {
      const logs_BV = logSoftmax(logits_BV, 1)
      // A token that cannot come adds nothing.
      const entropy_B1 = sum(exp(logs_BV).mul(logs_BV.clamp(-1e30)), 1, { keepDim: true }).neg()
      const [, tokens] = topk(abs(logs_BV.add(entropy_B1)), k, 1, { largest: false })
      return [gather(logs_BV, 1, tokens), tokens, topk(logits_BV, 1)[0]]
    })
    const rows = Array.from(largest as Float32Array, (value, n) => {
      checkLargest(value, n)
      const logs = Array.from((values as Float32Array).subarray(n * k, (n + 1) * k))
      const ids = Array.from((tokens as BigInt64Array).subarray(n * k, (n + 1) * k), Number)
      const count = reach(logs, typicalP)
      if (count === null && k < vocabulary) return null
      return byLikelihood(ids.slice(0, count ?? k), logs.slice(0, count ?? k))
    })
    if (rows.every((row) => row !== null)) return rows as Candidates[]
  }
}

/** Locally typical ones of candidates. */
function mostTypical({ tokens, logProbabilities }: Candidates, typicalP: number): Candidates {
  const entropy = -logProbabilities.reduce((sum, log) => sum + Math.exp(log) * log, 0)
  const order = [...tokens.keys()].sort(
    (a, b) =>
      Math.abs(-(logProbabilities[a] as number) - entropy) - Math.abs(-(logProbabilities[b] as number) - entropy),
  )
  const logs = order.map((i) => logProbabilities[i] as number)
  const count = reach(logs, typicalP) ?? logs.length
  return byLikelihood(
    order.slice(0, count).map((i) => tokens[i] as number),
    logs.slice(0, count),
  )
}

/** How many probabilities come to p; null: more than these. */
function reach(logs: readonly number[], p: number): number | null {
  let sum = 0
  for (const [i, log] of logs.entries()) {
    sum += Math.exp(log)
    if (sum >= p) return i + 1
  }
  return null
}

function byLikelihood(tokens: readonly number[], logs: readonly number[]): Candidates {
  const order = [...tokens.keys()]
    .filter((i) => logs[i] !== Number.NEGATIVE_INFINITY)
    .sort((a, b) => (logs[b] as number) - (logs[a] as number))
  return {
    tokens: order.map((i) => tokens[i] as number),
    logProbabilities: normalized(order.map((i) => logs[i] as number)),
  }
}

function draw({ tokens, logProbabilities }: Candidates, uniform: number): Choice {
  const weights = logProbabilities.map(Math.exp)
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0)
  let at = 0
  while (at < tokens.length - 1) {
    left -= weights[at] as number
    if (left < 0) break
    at++
  }
  return { token: tokens[at] as number, score: logProbabilities[at] as number }
}

function checkLargest(largest: number, row: number): void {
  if (Number.isFinite(largest)) return
  const what =
    largest === Number.NEGATIVE_INFINITY ? 'all -Infinity: the processors leave no token' : `not finite: ${largest}`
  throw new ValueError(`generation: the logits of row ${row} are ${what}`)
}

/** Values of what `make` gives, whose other tensors are freed. */
export async function read(make: () => readonly Tensor[]): Promise<ArrayLike<number | bigint>[]> {
  const tensors = noGrad(() => scope(make))
  try {
    return await Promise.all(tensors.map((t) => t.data()))
  } finally {
    for (const t of tensors) t.dispose()
  }
}
