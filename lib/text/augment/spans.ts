// Span corruption, T5's pre-training (Raffel et al. 2020, section 3.1.4). Place in the whole: called where a sample is made, with the sample's
// random numbers; spans are drawn as T5's own code draws them (random_spans_noise_mask).

import { known } from '../../check.js'
import { type Random, shuffle } from '../../data/random.js'
import { ValueError } from '../../errors.js'
import { filled } from '../../filled.js'

export interface SpanOptions {
  /** The tokens that stand for the first, second, ... span: T5's <extra_id_0>, <extra_id_1>, ... */
  readonly sentinelIds: readonly number[]
  /** Share of the tokens that are cut out, in (0, 1). Default 0.15. */
  readonly noiseDensity?: number
  /** Tokens of a span on average, at least 1. Default 3. */
  readonly meanSpanLength?: number
  /** Put at the end of inputs and labels: `tokenizer.specialId('eos')`. Default: nothing. */
  readonly eosId?: number
}

export interface CorruptedSpans {
  /** The tokens, with one sentinel for each span that was cut out. */
  readonly inputIds: Int32Array
  /** Each sentinel and the span for which it stands. */
  readonly labels: Int32Array
}

/**
 * Cuts spans out of a row of tokens. How many there are follows from the length alone, where and how long they are is random; the row
 * begins with a token that stays. Rows of fewer than 2 tokens stay whole: their labels have no span.
 * @throws ValueError for options out of range, and for more spans than sentinels
 */
export function corruptSpans(ids: ArrayLike<number>, random: Random, options: SpanOptions): CorruptedSpans {
  known('corruptSpans', options, ['sentinelIds', 'noiseDensity', 'meanSpanLength', 'eosId'])
  const { sentinelIds, noiseDensity = 0.15, meanSpanLength = 3, eosId } = options
  if (!(noiseDensity > 0 && noiseDensity < 1))
    throw new ValueError(`corruptSpans: noiseDensity is ${noiseDensity}, expected a share between 0 and 1`)
  if (!(meanSpanLength >= 1))
    throw new ValueError(`corruptSpans: meanSpanLength is ${meanSpanLength}, expected at least 1`)
  const { length } = ids
  const [input, labels]: [number[], number[]] = [[], []]
  const noise = length < 2 ? 0 : Math.min(Math.max(Math.round(length * noiseDensity), 1), length - 1)
  const spans = noise === 0 ? 0 : Math.min(Math.max(Math.round(noise / meanSpanLength), 1), length - noise)
  if (spans > sentinelIds.length)
    throw new ValueError(
      `corruptSpans: ${spans} spans of ${length} tokens, but ${sentinelIds.length} sentinels: give more, or shorter rows`,
    )
  const noiseLengths = partition(noise, spans, random)
  const keptLengths = partition(length - noise, spans, random)
  let at = 0
  const move = (count: number, to: number[]) => {
    for (const end = at + count; at < end; at++) to.push(ids[at] as number)
  }
  for (let span = 0; span < spans; span++) {
    move(keptLengths[span] as number, input)
    input.push(sentinelIds[span] as number)
    labels.push(sentinelIds[span] as number)
    move(noiseLengths[span] as number, labels)
  }
  move(length - at, input)
  if (eosId !== undefined) for (const list of [input, labels]) list.push(eosId)
  return { inputIds: Int32Array.from(input), labels: Int32Array.from(labels) }
}

/** Lengths of `parts` parts of `total`, none empty, every partition equally likely. */
function partition(total: number, parts: number, random: Random): number[] {
  if (parts === 0) return []
  const begins = filled(new Uint32Array(Math.max(0, total - 1)), (i) => Number(i < parts - 1))
  shuffle(begins, random)
  const lengths = [1]
  for (const begin of begins) {
    if (begin === 1) lengths.push(1)
    else lengths[lengths.length - 1] = (lengths.at(-1) as number) + 1
  }
  return lengths
}
