// BLEU of whole corpora. Place in the whole: figures of translation. Papineni and others 2002; tokens, smoothing and effective lengths are
// sacreBLEU's (Post 2018) with its defaults: tokenizer 13a, smoothing 'exp'.

import { known, whole } from '../../check.js'
import { ShapeError, ValueError } from '../../errors.js'
import { Metric, type MetricState } from '../metric.js'
import { ngrams } from './ngrams.js'

const ENTITIES: readonly (readonly [string, string])[] = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
]

/** The tokens of mteval-v13a: punctuation stands alone, periods and commas but between digits. */
export function tokenize13a(text: string): string[] {
  let line = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ')
  for (const [entity, character] of ENTITIES) line = line.replaceAll(entity, character)
  line = ` ${line} `
    .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
  return line.split(/\s+/).filter((token) => token !== '')
}

export interface BleuOptions {
  /** Longest runs. Default 4. */
  readonly order?: number
  /** What a precision of 0 becomes: half of the one before ('exp': 1 / 2^k n), or 0. Default 'exp'. */
  readonly smoothing?: 'exp' | 'none'
  readonly lowercase?: boolean
  /** Default `tokenize13a`. */
  readonly tokenize?: (text: string) => readonly string[]
}

export interface BleuScore {
  /** 0 to 100. */
  readonly score: number
  /** Of runs of 1, 2, ... tokens, 0 to 100. */
  readonly precisions: readonly number[]
  readonly brevityPenalty: number
  readonly hypothesisLength: number
  readonly referenceLength: number
}

/** Counts of a corpus; `compute` gives the score and what it is made of. */
export class Bleu extends Metric<BleuScore> {
  readonly #options: Required<BleuOptions>
  /** Lengths of hypotheses and references, then of each order what matched and what there was. */
  #counts: number[]

  constructor(options: BleuOptions = {}) {
    known('Bleu', options, ['order', 'smoothing', 'lowercase', 'tokenize'])
    const { order = 4, smoothing = 'exp', lowercase = false, tokenize = tokenize13a } = options
    super()
    whole('Bleu', { order }, 1)
    if (smoothing !== 'exp' && smoothing !== 'none')
      throw new ValueError(`Bleu: smoothing is ${String(smoothing)}, expected 'exp' or 'none'`)
    this.#options = { order, smoothing, lowercase, tokenize }
    this.#counts = new Array(2 + 2 * order).fill(0)
  }

  /** @param references of each hypothesis one text, or several; @throws ShapeError unless there are as many as hypotheses */
  update(references: readonly (string | readonly string[])[], hypotheses: readonly string[]): void {
    if (references.length !== hypotheses.length)
      throw new ShapeError(`Bleu: references for ${references.length} of ${hypotheses.length} hypotheses`)
    for (const [i, text] of hypotheses.entries()) this.#count([references[i] as string | string[]].flat(), text)
  }

  #count(references: readonly string[], text: string): void {
    if (references.length === 0) throw new ValueError('Bleu: a hypothesis without a reference')
    const { order, lowercase, tokenize } = this.#options
    const read = (t: string): readonly string[] => tokenize((lowercase ? t.toLowerCase() : t).trimEnd())
    const [own, others] = [read(text), references.map(read)]
    // The nearest length, of two as near the shorter.
    const lengths = others.map((tokens) => tokens.length)
    const nearest = lengths.reduce((best, n) => {
      const [a, b] = [Math.abs(n - own.length), Math.abs(best - own.length)]
      return a < b || (a === b && n < best) ? n : best
    })
    this.#add(0, own.length)
    this.#add(1, nearest)
    for (let n = 1; n <= order; n++) {
      const counted = others.map((tokens) => ngrams(tokens, n))
      let matched = 0
      for (const [gram, times] of ngrams(own, n))
        matched += Math.min(times, Math.max(...counted.map((counts) => counts.get(gram) ?? 0)))
      this.#add(2 * n, matched)
      this.#add(2 * n + 1, Math.max(own.length - n + 1, 0))
    }
  }

  #add(i: number, value: number): void {
    this.#counts[i] = (this.#counts[i] as number) + value
  }

  protected override result(): BleuScore {
    const { order, smoothing } = this.#options
    const [hypothesisLength, referenceLength] = this.#counts as [number, number]
    if (referenceLength === 0 && hypothesisLength === 0)
      throw new ValueError('Bleu: no text: there is nothing to score')
    const precisions = new Array<number>(order).fill(0)
    let [divisor, logs, zero] = [1, 0, false]
    for (let n = 1; n <= order; n++) {
      const [matched, all] = this.#counts.slice(2 * n, 2 * n + 2) as [number, number]
      if (all === 0) {
        zero = true
        break
      }
      if (matched === 0 && smoothing === 'exp') divisor *= 2
      const value = matched === 0 ? (smoothing === 'exp' ? 100 / (divisor * all) : 0) : (100 * matched) / all
      precisions[n - 1] = value
      if (value === 0) zero = true
      else logs += Math.log(value) / order
    }
    const brevityPenalty =
      hypothesisLength >= referenceLength
        ? 1
        : hypothesisLength === 0
          ? 0
          : Math.exp(1 - referenceLength / hypothesisLength)
    // Without a single match there is nothing that smoothing could extend.
    const score = zero || this.#counts[2] === 0 ? 0 : brevityPenalty * Math.exp(logs)
    return { score, precisions, brevityPenalty, hypothesisLength, referenceLength }
  }

  protected override clear(): void {
    this.#counts.fill(0)
  }

  protected override gathered(): MetricState {
    return { counts: [...this.#counts] }
  }

  protected override add({ counts = [] }: MetricState): void {
    for (const [i, value] of counts.entries()) this.#add(i, value)
  }
}
