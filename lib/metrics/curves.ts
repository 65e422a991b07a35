// What thresholds on scores give. Place in the whole: figures of binary decisions, and of several classes one against the rest. Definitions:
// scikit-learn's roc_curve, roc_auc_score, precision_recall_curve and average_precision_score.

import { known, whole } from '../check.js'
import { ValueError } from '../errors.js'
import { GatheringMetric } from './metric.js'
import { binary, descending, finite, labels, sameLength, table, type Values } from './values.js'

/** At each distinct score, from the highest: how many positive and negative items have at least it. */
interface Steps {
  readonly thresholds: number[]
  readonly truePositives: number[]
  readonly falsePositives: number[]
}

function stepsOf(metric: string, targets: ArrayLike<number>, scores: ArrayLike<number>): Steps {
  sameLength(metric, ['targets', 'scores'], targets, scores)
  binary(metric, 'target', targets)
  finite(metric, 'score', scores)
  const steps: Steps = { thresholds: [], truePositives: [], falsePositives: [] }
  const order = descending(scores)
  let [positives, negatives] = [0, 0]
  for (const [k, i] of order.entries()) {
    if (targets[i] === 1) positives++
    else negatives++
    const next = order[k + 1]
    if (next !== undefined && scores[next] === scores[i]) continue
    steps.thresholds.push(scores[i] as number)
    steps.truePositives.push(positives)
    steps.falsePositives.push(negatives)
  }
  return steps
}

export interface RocCurve {
  readonly falsePositiveRate: readonly number[]
  readonly truePositiveRate: readonly number[]
  /** Infinity first: nothing is called positive. */
  readonly thresholds: readonly number[]
}

/**
 * The receiver operating characteristic, every distinct score a point.
 *
 * @param targets 0 or 1; @param scores higher for 1
 * @throws ValueError where one of the two classes is missing
 */
export function rocCurve(targets: ArrayLike<number>, scores: ArrayLike<number>): RocCurve {
  const { thresholds, truePositives, falsePositives } = stepsOf('rocCurve', targets, scores)
  const [positives, negatives] = [truePositives.at(-1) as number, falsePositives.at(-1) as number]
  if (positives === 0 || negatives === 0)
    throw new ValueError(`rocCurve: all targets are ${positives === 0 ? 0 : 1}: it takes both classes`)
  return {
    falsePositiveRate: [0, ...falsePositives.map((n) => n / negatives)],
    truePositiveRate: [0, ...truePositives.map((n) => n / positives)],
    thresholds: [Number.POSITIVE_INFINITY, ...thresholds],
  }
}

/** The area under the ROC curve: how likely a positive item is scored above a negative one. Of several classes see `AUROC`. */
export function rocAuc(targets: ArrayLike<number>, scores: ArrayLike<number>): number {
  const { falsePositiveRate: x, truePositiveRate: y } = rocCurve(targets, scores)
  let area = 0
  for (let i = 1; i < x.length; i++)
    area += (((x[i] as number) - (x[i - 1] as number)) * ((y[i] as number) + (y[i - 1] as number))) / 2
  return area
}

export interface PrecisionRecallCurve {
  /** As long as the thresholds and one more, 1. */
  readonly precision: readonly number[]
  /** Falling; the last is 0. */
  readonly recall: readonly number[]
  /** Rising. */
  readonly thresholds: readonly number[]
}

/** Precision and recall at every distinct score; recall is 1 where nothing is positive, as in scikit-learn. */
export function precisionRecallCurve(targets: ArrayLike<number>, scores: ArrayLike<number>): PrecisionRecallCurve {
  const { thresholds, truePositives, falsePositives } = stepsOf('precisionRecallCurve', targets, scores)
  const positives = truePositives.at(-1) as number
  const precision = truePositives.map((t, i) => t / (t + (falsePositives[i] as number)))
  const recall = truePositives.map((t) => (positives === 0 ? 1 : t / positives))
  return {
    precision: [...precision.reverse(), 1],
    recall: [...recall.reverse(), 0],
    thresholds: [...thresholds].reverse(),
  }
}

/** The precisions at every threshold, by how much recall each adds. */
export function averagePrecision(targets: ArrayLike<number>, scores: ArrayLike<number>): number {
  const { precision, recall } = precisionRecallCurve(targets, scores)
  let sum = 0
  for (let i = 0; i + 1 < precision.length; i++)
    sum += ((recall[i] as number) - (recall[i + 1] as number)) * (precision[i] as number)
  return sum
}

export interface CurveOptions {
  /** Default 2: one score an item. */
  readonly classes?: number
  /** Over classes, each against the rest. Default 'macro'. */
  readonly average?: 'macro' | 'weighted'
}

/** Keeps all scores, and averages a figure of each class against the rest. */
abstract class OneAgainstRest extends GatheringMetric {
  readonly #classes: number
  readonly #average: 'macro' | 'weighted'

  constructor(options: CurveOptions = {}) {
    known(new.target.name, options, ['classes', 'average'])
    const { classes = 2, average = 'macro' } = options
    super()
    whole(new.target.name, { classes }, 2)
    if (average !== 'macro' && average !== 'weighted')
      throw new ValueError(`${new.target.name}: average is ${String(average)}, expected 'macro' or 'weighted'`)
    this.#classes = classes
    this.#average = average
  }

  /** @param targets (n) labels; @param scores (n) of class 1, or with more classes (n, classes) */
  update(targets: Values, scores: Values): void {
    this.take([targets, scores], ({ data: t }, s) => {
      labels(this.constructor.name, 'target', t, this.#classes)
      table(this.constructor.name, 'scores', s, t.length, this.#classes === 2 ? 1 : this.#classes)
      this.append('targets', t)
      this.append('scores', s.data)
    })
  }

  protected abstract figure(targets: ArrayLike<number>, scores: ArrayLike<number>): number

  protected override result(): number {
    const [targets, scores] = [this.column('targets'), this.column('scores')]
    const classes = this.#classes
    if (classes === 2) return this.figure(targets, scores)
    let [total, weights] = [0, 0]
    for (let k = 0; k < classes; k++) {
      const own = targets.map((t) => (t === k ? 1 : 0))
      const weight = this.#average === 'macro' ? 1 : own.filter((t) => t === 1).length
      total +=
        weight *
        this.figure(
          own,
          targets.map((_, i) => scores[i * classes + k] as number),
        )
      weights += weight
    }
    return total / weights
  }
}

/** The area under the ROC curve, of two classes, or the mean of each against the rest. @throws ValueError where a class is missing */
export class AUROC extends OneAgainstRest {
  protected override figure(targets: ArrayLike<number>, scores: ArrayLike<number>): number {
    return rocAuc(targets, scores)
  }
}

/** Average precision, of two classes, or the mean of each against the rest. */
export class AveragePrecision extends OneAgainstRest {
  protected override figure(targets: ArrayLike<number>, scores: ArrayLike<number>): number {
    return averagePrecision(targets, scores)
  }
}
