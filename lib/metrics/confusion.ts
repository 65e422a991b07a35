// What is counted of classes. Place in the whole: a confusion matrix, and the figures that are functions of it. Definitions: scikit-learn's.

import { known, whole } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { SummingMetric } from './metric.js'
import { finite, labels, largestOf, type Numbers, sameLength, table, type Values } from './values.js'

/** Row i, column j: how many items of class i were called j. */
export type ConfusionCounts = readonly (readonly number[])[]

/** 'binary': of class 1 alone; 'micro': of all decisions; 'macro': the mean over classes; 'weighted': that by the classes' sizes. */
export type Average = 'binary' | 'micro' | 'macro' | 'weighted' | 'none'

export interface AverageOptions {
  /** Default 'binary' for two classes, else 'macro'. */
  readonly average?: Average
  /** What a fraction without a denominator is. Default 0. */
  readonly zeroDivision?: number
}

/** How often each class was called what (sklearn.metrics.confusion_matrix). `classes`: default the largest label + 1. */
export function confusionMatrix(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number = largest(targets, predictions) + 1,
): number[][] {
  sameLength('confusionMatrix', ['targets', 'predictions'], targets, predictions)
  labels('confusionMatrix', 'target', targets, classes)
  labels('confusionMatrix', 'prediction', predictions, classes)
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < targets.length; i++) {
    const row = counts[targets[i] as number] as number[]
    row[predictions[i] as number] = (row[predictions[i] as number] as number) + 1
  }
  return counts
}

function largest(...lists: readonly ArrayLike<number>[]): number {
  let most = 0
  for (const list of lists) for (let i = 0; i < list.length; i++) most = Math.max(most, list[i] as number)
  return most
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const share = (part: number, whole: number, otherwise: number): number => (whole === 0 ? otherwise : part / whole)

/** Of each class: items called it and of it, called it, of it. */
function margins(counts: ConfusionCounts): { hits: number[]; called: number[]; actual: number[] } {
  return {
    hits: counts.map((row, i) => row[i] as number),
    called: counts.map((_, j) => sum(counts.map((row) => row[j] as number))),
    actual: counts.map(sum),
  }
}

function averaged(
  metric: string,
  counts: ConfusionCounts,
  { average = counts.length === 2 ? 'binary' : 'macro', zeroDivision = 0 }: AverageOptions,
  of: (hits: number, called: number, actual: number, otherwise: number) => number,
): number | number[] {
  const { hits, called, actual } = margins(counts)
  const each = hits.map((h, i) => of(h, called[i] as number, actual[i] as number, zeroDivision))
  // A class that neither occurs nor is called is none of the data's.
  const present = each.map((_, i) => (called[i] as number) + (actual[i] as number) > 0)
  switch (average) {
    case 'binary':
      if (counts.length !== 2)
        throw new ValueError(
          `${metric}: average 'binary' is for 2 classes, found ${counts.length}; choose 'macro', 'micro' or 'weighted'`,
        )
      return each[1] as number
    case 'micro':
      return of(sum(hits), sum(called), sum(actual), zeroDivision)
    case 'macro':
      return share(sum(each.filter((_, i) => present[i])), present.filter(Boolean).length, zeroDivision)
    case 'weighted':
      return share(sum(each.map((value, i) => value * (actual[i] as number))), sum(actual), zeroDivision)
    case 'none':
      return each
    default:
      throw new ValueError(
        `${metric}: average is ${String(average satisfies never)}, expected 'binary', 'micro', 'macro', 'weighted' or 'none'`,
      )
  }
}

/** Of what was called a class, the share that is of it. With average 'none' one figure a class. */
export const precision = (counts: ConfusionCounts, options: AverageOptions = {}): number | number[] =>
  averaged('precision', counts, options, (hits, called, _, otherwise) => share(hits, called, otherwise))

/** Of the items of a class, the share that was called it. */
export const recall = (counts: ConfusionCounts, options: AverageOptions = {}): number | number[] =>
  averaged('recall', counts, options, (hits, _, actual, otherwise) => share(hits, actual, otherwise))

/** (1 + beta^2) precision recall / (beta^2 precision + recall); F1 by default. */
export const fScore = (
  counts: ConfusionCounts,
  { beta = 1, ...options }: AverageOptions & { readonly beta?: number } = {},
): number | number[] =>
  averaged('fScore', counts, options, (hits, called, actual, otherwise) =>
    share((1 + beta ** 2) * hits, beta ** 2 * actual + called, otherwise),
  )

/** Intersection over union (the Jaccard index), of classes or of a segmentation's pixels. */
export const jaccard = (counts: ConfusionCounts, options: AverageOptions = {}): number | number[] =>
  averaged('jaccard', counts, options, (hits, called, actual, otherwise) =>
    share(hits, called + actual - hits, otherwise),
  )

/** The share of items that are called what they are. */
export const accuracyOf = (counts: ConfusionCounts): number =>
  share(sum(margins(counts).hits), sum(margins(counts).actual), Number.NaN)

/** The mean of the classes' recalls, of those that occur. */
export function balancedAccuracy(counts: ConfusionCounts): number {
  const { hits, actual } = margins(counts)
  const present = hits.map((h, i) => [h, actual[i] as number] as const).filter(([, n]) => n > 0)
  return sum(present.map(([h, n]) => h / n)) / present.length
}

/** Agreement beyond chance (Cohen 1960). */
export function cohenKappa(counts: ConfusionCounts): number {
  const { hits, called, actual } = margins(counts)
  const n = sum(actual)
  const chance = sum(called.map((c, i) => (c * (actual[i] as number)) / n))
  return (sum(hits) - chance) / (n - chance)
}

/** The correlation of targets and predictions (Matthews 1975, Gorodkin 2004 for several classes); 0 where either is constant. */
export function matthewsCorrelation(counts: ConfusionCounts): number {
  const { hits, called, actual } = margins(counts)
  const n = sum(actual)
  const product = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * (b[i] as number)))
  const covariance = sum(hits) * n - product(called, actual)
  const spread = (n * n - product(called, called)) * (n * n - product(actual, actual))
  return spread === 0 ? 0 : covariance / Math.sqrt(spread)
}

/** Counts classes; the figures of this file take what it computes. */
export class ConfusionMatrix extends SummingMetric<number[][]> {
  readonly classes: number

  /** @throws ValueError unless `classes` is a whole number of at least 2 */
  constructor(options: { readonly classes: number }) {
    known('ConfusionMatrix', options, ['classes'])
    const { classes } = options
    whole('ConfusionMatrix', { classes }, 2)
    super(classes * classes)
    this.classes = classes
  }

  /** @param targets (n) labels; @param predictions (n) labels, or (n, classes) scores, of which the largest counts */
  update(targets: Values, predictions: Values): void {
    this.take([targets, predictions], (t, p) => {
      const found = calledClasses('ConfusionMatrix', p, t.data.length, this.classes)
      const counts = confusionMatrix(t.data, found, this.classes).flat()
      for (const [i, count] of counts.entries()) this.sums[i] = (this.sums[i] as number) + count
    })
  }

  protected override result(): number[][] {
    return Array.from({ length: this.classes }, (_, i) => [
      ...this.sums.subarray(i * this.classes, (i + 1) * this.classes),
    ])
  }
}

/** Labels as they are, scores (n, classes) as the class of the largest. */
function calledClasses(metric: string, p: Numbers, count: number, classes: number): ArrayLike<number> {
  if (p.data.length === count && p.shape.length < 2) return p.data
  const width = table(metric, 'predictions', p, count, classes)
  finite(metric, 'score', p.data)
  return filled(new Float64Array(count), (i) => largestOf(p.data, i * width, width))
}

/** The share of items whose class is among the `topK` largest scores; of equal scores the lower class comes first, as in scikit-learn. */
export class Accuracy extends SummingMetric {
  readonly #topK: number

  constructor(options: { readonly topK?: number } = {}) {
    known('Accuracy', options, ['topK'])
    const { topK = 1 } = options
    whole('Accuracy', { topK }, 1)
    super(2)
    this.#topK = topK
  }

  /** @param targets (n) labels; @param predictions (n, classes) scores, or with topK 1 also (n) labels */
  update(targets: Values, predictions: Values): void {
    this.take([targets, predictions], ({ data: t }, p) => {
      labels('Accuracy', 'target', t)
      const tabular = p.shape.length >= 2 || p.data.length !== t.length
      if (!tabular && this.#topK > 1)
        throw new ShapeError('Accuracy: topK above 1 takes scores (n, classes), found labels')
      const width = tabular ? table('Accuracy', 'predictions', p, t.length) : 1
      let hits = 0
      for (let i = 0; i < t.length; i++) {
        const target = t[i] as number
        if (!tabular) hits += p.data[i] === target ? 1 : 0
        else hits += rankOf(p.data, i * width, width, target) < this.#topK ? 1 : 0
      }
      this.sums[0] = (this.sums[0] as number) + hits
      this.sums[1] = (this.sums[1] as number) + t.length
    })
  }

  protected override result(): number {
    const [hits, count] = this.sums as unknown as [number, number]
    if (count === 0) throw new ValueError('Accuracy: no items: there is nothing to average')
    return hits / count
  }
}

/** How many classes come before `target`. @throws ValueError for one that the scores do not have */
function rankOf(scores: ArrayLike<number>, start: number, count: number, target: number): number {
  if (target >= count)
    throw new ValueError(`Accuracy: a target is ${target}, the scores have classes 0 to ${count - 1}`)
  const own = scores[start + target] as number
  let before = 0
  for (let j = 0; j < count; j++) {
    const other = scores[start + j] as number
    if (other > own || (other === own && j < target)) before++
  }
  // NaN is before nothing and nothing before it: it would be right always.
  return Number.isNaN(own) ? count : before
}

/** The mean of whatever is given, say losses: values, each of a weight. */
export class Mean extends SummingMetric {
  constructor() {
    super(2)
  }

  /** @param weights one each; default 1 */
  update(values: Values, weights?: Values): void {
    this.take(weights === undefined ? [values] : [values, weights], (v, w) => {
      if (w) sameLength('Mean', ['weights', 'values'], w.data, v.data)
      for (let i = 0; i < v.data.length; i++) {
        const weight = w ? (w.data[i] as number) : 1
        this.sums[0] = (this.sums[0] as number) + weight * (v.data[i] as number)
        this.sums[1] = (this.sums[1] as number) + weight
      }
    })
  }

  protected override result(): number {
    if (this.sums[1] === 0) throw new ValueError('Mean: no values: there is nothing to average')
    return (this.sums[0] as number) / (this.sums[1] as number)
  }
}

/** exp of the mean loss a token. */
export class Perplexity extends Mean {
  protected override result(): number {
    return Math.exp(super.result())
  }
}
