// How far numbers are from what they should be. Place in the whole: figures of regressions. Definitions: scikit-learn's; Pearson 1895,
// Spearman 1904.
import { ValueError } from '../errors.js'
import { sequence } from '../filled.js'
import { GatheringMetric, SummingMetric } from './metric.js'
import { finite, sameLength, type Values } from './values.js'

function checked(metric: string, targets: ArrayLike<number>, predictions: ArrayLike<number>): void {
  sameLength(metric, ['targets', 'predictions'], targets, predictions)
  finite(metric, 'target', targets)
  finite(metric, 'prediction', predictions)
}

/** A mean over pairs. */
abstract class MeanOfPairs extends SummingMetric {
  constructor() {
    super(2)
  }

  /** @param targets any shape; @param predictions as many */
  update(targets: Values, predictions: Values): void {
    this.take([targets, predictions], ({ data: t }, { data: p }) => {
      checked(this.constructor.name, t, p)
      let sum = 0
      for (let i = 0; i < t.length; i++) sum += this.of(t[i] as number, p[i] as number)
      this.sums[0] = (this.sums[0] as number) + sum
      this.sums[1] = (this.sums[1] as number) + t.length
    })
  }

  protected abstract of(target: number, prediction: number): number

  protected override result(): number {
    if (this.sums[1] === 0) throw new ValueError(`${this.constructor.name}: no values: there is nothing to average`)
    return (this.sums[0] as number) / (this.sums[1] as number)
  }
}

export class MeanAbsoluteError extends MeanOfPairs {
  protected override of(target: number, prediction: number): number {
    return Math.abs(target - prediction)
  }
}

export class MeanSquaredError extends MeanOfPairs {
  protected override of(target: number, prediction: number): number {
    return (target - prediction) ** 2
  }
}

export class RootMeanSquaredError extends MeanSquaredError {
  protected override result(): number {
    return Math.sqrt(super.result())
  }
}

/** Mean of |target - prediction| / |target|; a target of 0 counts as the smallest step of f64. */
export class MeanAbsolutePercentageError extends MeanOfPairs {
  protected override of(target: number, prediction: number): number {
    return Math.abs(target - prediction) / Math.max(Math.abs(target), Number.EPSILON)
  }
}

/** The share of the targets' variance that the predictions explain: 1 - squares of errors / squares of distances from the mean. */
export class R2Score extends GatheringMetric {
  update(targets: Values, predictions: Values): void {
    this.take([targets, predictions], ({ data: t }, { data: p }) => {
      checked('R2Score', t, p)
      this.append('targets', t)
      this.append('predictions', p)
    })
  }

  protected override result(): number {
    const [targets, predictions] = [this.column('targets'), this.column('predictions')]
    if (targets.length < 2) throw new ValueError(`R2Score: ${targets.length} values: it takes at least 2`)
    const middle = mean(targets)
    const errors = targets.reduce((sum, t, i) => sum + (t - (predictions[i] as number)) ** 2, 0)
    const spread = targets.reduce((sum, t) => sum + (t - middle) ** 2, 0)
    // As scikit-learn: constant targets are met or not.
    if (spread === 0) return errors === 0 ? 1 : 0
    return 1 - errors / spread
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The linear correlation, -1 to 1; NaN where either side is constant. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checked('pearson', a, b)
  const [x, y] = [Array.from(a), Array.from(b)]
  const [mx, my] = [mean(x), mean(y)]
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] as number) - mx, (y[i] as number) - my]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xy / Math.sqrt(xx * yy)
}

/** The linear correlation of ranks; equal values share their mean rank. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checked('spearman', a, b)
  return pearson(ranks(a), ranks(b))
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = sequence(values.length).sort((i, j) => (values[i] as number) - (values[j] as number))
  const result = new Float64Array(values.length)
  for (let first = 0; first < order.length; ) {
    let end = first + 1
    while (end < order.length && values[order[end] as number] === values[order[first] as number]) end++
    for (let k = first; k < end; k++) result[order[k] as number] = (first + end - 1) / 2
    first = end
  }
  return result
}
