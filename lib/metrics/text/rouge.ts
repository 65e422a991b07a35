// ROUGE: what of a summary's reference is found again. Place in the whole: figures of summarisation. Lin 2004; tokens are lower-case runs of
// letters and digits, as in the rouge-score package (without its stemmer), and scores are means over texts.
import { ShapeError, ValueError } from '../../errors.js'
import { SummingMetric } from '../metric.js'
import { ngrams, overlap } from './ngrams.js'

export type RougeKind = 'rouge1' | 'rouge2' | 'rougeL' | 'rougeLsum'

export interface RougeScore {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

const tokensOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? []

function scoreOf(common: number, reference: number, summary: number): RougeScore {
  const precision = summary === 0 ? 0 : common / summary
  const recall = reference === 0 ? 0 : common / reference
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { precision, recall, f1 }
}

/** Lengths of the longest common subsequence of all beginnings: (a.length + 1) rows of (b.length + 1). */
function lengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const rows = [new Uint32Array(b.length + 1)]
  for (const [i, token] of a.entries()) {
    const [above, row] = [rows[i] as Uint32Array, new Uint32Array(b.length + 1)]
    for (let j = 1; j <= b.length; j++)
      row[j] = token === b[j - 1] ? (above[j - 1] as number) + 1 : Math.max(above[j] as number, row[j - 1] as number)
    rows.push(row)
  }
  return rows
}

/** Which tokens of `a` lie on a longest common subsequence with `b`. */
function onCommon(a: readonly string[], b: readonly string[]): Set<number> {
  const rows = lengths(a, b)
  const found = new Set<number>()
  for (let [i, j] = [a.length, b.length]; i > 0 && j > 0; ) {
    if (a[i - 1] === b[j - 1]) found.add(--i) && j--
    else if ((rows[i] as Uint32Array)[j - 1]! > (rows[i - 1] as Uint32Array)[j]!) j--
    else i--
  }
  return found
}

/** Sentence by sentence, one a line: what of each reference sentence is on a common subsequence with any of the summary's, each token used once. */
function summaryScore(reference: string, summary: string): RougeScore {
  const sentences = (text: string): string[][] =>
    text
      .split('\n')
      .map(tokensOf)
      .filter((tokens) => tokens.length > 0)
  const [wanted, own] = [sentences(reference), sentences(summary)]
  const [left, leftOwn] = [ngrams(wanted.flat(), 1), ngrams(own.flat(), 1)]
  let hits = 0
  for (const sentence of wanted) {
    const union = new Set(own.flatMap((other) => [...onCommon(sentence, other)]))
    for (const i of union) {
      const token = sentence[i] as string
      const [a, b] = [left.get(token) ?? 0, leftOwn.get(token) ?? 0]
      if (a === 0 || b === 0) continue
      hits++
      left.set(token, a - 1)
      leftOwn.set(token, b - 1)
    }
  }
  return scoreOf(hits, wanted.flat().length, own.flat().length)
}

/** The score of one text. */
export function rouge(kind: RougeKind, reference: string, summary: string): RougeScore {
  if (kind === 'rougeLsum') return summaryScore(reference, summary)
  const [wanted, own] = [tokensOf(reference), tokensOf(summary)]
  if (kind === 'rougeL') return scoreOf(lengths(wanted, own).at(-1)?.at(-1) ?? 0, wanted.length, own.length)
  const n = kind === 'rouge1' ? 1 : kind === 'rouge2' ? 2 : 0
  if (n === 0)
    throw new ValueError(`rouge: kind is ${String(kind)}, expected 'rouge1', 'rouge2', 'rougeL' or 'rougeLsum'`)
  const [a, b] = [ngrams(wanted, n), ngrams(own, n)]
  return scoreOf(overlap(a, b), Math.max(wanted.length - n + 1, 0), Math.max(own.length - n + 1, 0))
}

/** The means of precision, recall and F1 over texts. */
export class Rouge extends SummingMetric<RougeScore> {
  readonly #kind: RougeKind

  constructor(kind: RougeKind) {
    super(4)
    rouge(kind, '', '')
    this.#kind = kind
  }

  /** @throws ShapeError unless there are as many summaries as references */
  update(references: readonly string[], summaries: readonly string[]): void {
    if (references.length !== summaries.length)
      throw new ShapeError(`Rouge: ${references.length} references for ${summaries.length} summaries`)
    for (const [i, reference] of references.entries()) {
      const { precision, recall, f1 } = rouge(this.#kind, reference, summaries[i] as string)
      for (const [k, value] of [precision, recall, f1, 1].entries()) this.sums[k] = (this.sums[k] as number) + value
    }
  }

  protected override result(): RougeScore {
    const [precision, recall, f1, count] = this.sums as unknown as [number, number, number, number]
    if (count === 0) throw new ValueError('Rouge: no texts: there is nothing to average')
    return { precision: precision / count, recall: recall / count, f1: f1 / count }
  }
}
