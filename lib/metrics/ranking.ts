// How good orders are. Place in the whole: retrieval and recommendation; a query is a row of scores and relevances. Sources: Järvelin and
// Kekäläinen 2002 for the cumulative gain (scikit-learn's ndcg_score without ties), Manning, Raghavan and Schütze 2008, chapter 8, for the rest.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { SummingMetric } from './metric.js'
import { descending, finite, table, type Values } from './values.js'

export interface RankingOptions {
  /** How many of the highest scores count. Default: all. */
  readonly k?: number
}

/** A mean over queries, of the relevances in falling order of the scores. */
abstract class MeanOfQueries extends SummingMetric {
  readonly #k: number

  constructor(options: RankingOptions = {}) {
    known(new.target.name, options, ['k'])
    const { k = Number.POSITIVE_INFINITY } = options
    if (!(k >= 1 && (Number.isInteger(k) || k === Number.POSITIVE_INFINITY)))
      throw new ValueError(`${new.target.name}: k is ${k}, expected a whole number of at least 1`)
    super(2)
    this.#k = k
  }

  /** @param relevance (queries, items), of one query also (items): 0, or how relevant; @param scores of the same shape; equal ones stay in their order */
  update(relevance: Values, scores: Values): void {
    this.take([relevance, scores], (r, s) => {
      const name = this.constructor.name
      const rows = r.shape.length >= 2 ? (r.shape[0] as number) : 1
      const width = table(name, 'relevances', r, rows)
      table(name, 'scores', s, rows, width)
      finite(name, 'score', s.data)
      finite(name, 'relevance', r.data)
      for (let row = 0; row < rows; row++) {
        const cut = (a: ArrayLike<number>): number[] =>
          Array.from({ length: width }, (_, i) => a[row * width + i] as number)
        const own = cut(r.data)
        const sorted = [...descending(cut(s.data))].map((i) => own[i] as number)
        const value = this.of(sorted, Math.min(this.#k, width))
        if (value === null) continue
        this.sums[0] = (this.sums[0] as number) + value
        this.sums[1] = (this.sums[1] as number) + 1
      }
    })
  }

  /** The figure of one query whose first k items count; null: it says nothing. */
  protected abstract of(relevance: readonly number[], k: number): number | null

  protected override result(): number {
    if (this.sums[1] === 0)
      throw new ValueError(`${this.constructor.name}: no query with a relevant item: there is nothing to average`)
    return (this.sums[0] as number) / (this.sums[1] as number)
  }
}

const relevant = (relevance: readonly number[]): number => relevance.filter((r) => r > 0).length

/** Relevance over log2(1 + place), by what the best order would have; queries without a relevant item count as 0. */
export class NDCG extends MeanOfQueries {
  protected override of(relevance: readonly number[], k: number): number {
    const gain = (order: readonly number[]): number =>
      order.slice(0, k).reduce((sum, r, place) => sum + r / Math.log2(place + 2), 0)
    const best = gain([...relevance].sort((a, b) => b - a))
    return best === 0 ? 0 : gain(relevance) / best
  }
}

/** The share of relevant items among the first k; queries without one are left out. */
export class RecallAtK extends MeanOfQueries {
  protected override of(relevance: readonly number[], k: number): number | null {
    const all = relevant(relevance)
    return all === 0 ? null : relevant(relevance.slice(0, k)) / all
  }
}

/** How many of the first k are relevant. */
export class PrecisionAtK extends MeanOfQueries {
  protected override of(relevance: readonly number[], k: number): number {
    return relevant(relevance.slice(0, k)) / k
  }
}

/** Whether one of the first k is relevant. */
export class HitRate extends MeanOfQueries {
  protected override of(relevance: readonly number[], k: number): number {
    return relevant(relevance.slice(0, k)) > 0 ? 1 : 0
  }
}

/** One over the place of the first relevant item; 0 where there is none among the first k. */
export class MeanReciprocalRank extends MeanOfQueries {
  protected override of(relevance: readonly number[], k: number): number {
    const place = relevance.slice(0, k).findIndex((r) => r > 0)
    return place < 0 ? 0 : 1 / (place + 1)
  }
}

/** The mean precision at the places of relevant items, over the smaller of k and their number; queries without one are left out. */
export class MeanAveragePrecisionAtK extends MeanOfQueries {
  protected override of(relevance: readonly number[], k: number): number | null {
    const all = relevant(relevance)
    if (all === 0) return null
    let [found, sum] = [0, 0]
    for (const [place, r] of relevance.slice(0, k).entries()) if (r > 0) sum += ++found / (place + 1)
    return sum / Math.min(all, k)
  }
}
