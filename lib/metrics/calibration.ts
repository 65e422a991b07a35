// Whether probabilities mean what they say. Place in the whole: beside curves.ts, for models that give probabilities.

import { known, whole } from '../check.js'
import { ValueError } from '../errors.js'
import { SummingMetric } from './metric.js'
import { labels, largestOf, table, type Values } from './values.js'

/**
 * Expected calibration error (Naeini, Cooper and Hauskrecht 2015): items are put in `bins` equal intervals by the probability of the class that they
 * are called; each bin's distance between mean probability and accuracy is averaged by the bins' sizes. `norm` 'max': the largest distance.
 */
export class CalibrationError extends SummingMetric {
  readonly #bins: number
  readonly #norm: 'l1' | 'max'

  constructor(options: { readonly bins?: number; readonly norm?: 'l1' | 'max' } = {}) {
    known('CalibrationError', options, ['bins', 'norm'])
    const { bins = 15, norm = 'l1' } = options
    whole('CalibrationError', { bins }, 1)
    if (norm !== 'l1' && norm !== 'max')
      throw new ValueError(`CalibrationError: norm is ${String(norm)}, expected 'l1' or 'max'`)
    super(3 * bins)
    this.#bins = bins
    this.#norm = norm
  }

  /** @param targets (n) labels; @param probabilities (n, classes) */
  update(targets: Values, probabilities: Values): void {
    this.take([targets, probabilities], ({ data: t }, p) => {
      const width = table('CalibrationError', 'probabilities', p, t.length)
      labels('CalibrationError', 'target', t, width)
      for (let i = 0; i < t.length; i++) {
        const called = largestOf(p.data, i * width, width)
        const confidence = p.data[i * width + called] as number
        if (!(confidence >= 0 && confidence <= 1 + 1e-6))
          throw new ValueError(`CalibrationError: a probability of item ${i} is ${confidence}, expected 0 to 1`)
        // The bins are open below: (a, b].
        const bin = Math.min(Math.max(Math.ceil(confidence * this.#bins) - 1, 0), this.#bins - 1)
        for (const [k, value] of [1, confidence, called === t[i] ? 1 : 0].entries())
          this.sums[3 * bin + k] = (this.sums[3 * bin + k] as number) + value
      }
    })
  }

  protected override result(): number {
    let [total, items, most] = [0, 0, 0]
    for (let bin = 0; bin < this.#bins; bin++) {
      const [count, confidence, hits] = this.sums.subarray(3 * bin, 3 * bin + 3) as unknown as [number, number, number]
      if (count === 0) continue
      const distance = Math.abs(confidence - hits)
      total += distance
      items += count
      most = Math.max(most, distance / count)
    }
    if (items === 0) throw new ValueError('CalibrationError: no items: there is nothing to average')
    return this.#norm === 'max' ? most : total / items
  }
}

/** Mean of -log p(target): sklearn.metrics.log_loss. Probabilities below the smallest number of f64's precision count as that. */
export class LogLoss extends SummingMetric {
  constructor() {
    super(2)
  }

  /** @param targets (n) labels; @param probabilities (n, classes), or (n) of class 1 */
  update(targets: Values, probabilities: Values): void {
    this.take([targets, probabilities], ({ data: t }, p) => {
      const width = table('LogLoss', 'probabilities', p, t.length)
      labels('LogLoss', 'target', t, Math.max(width, 2))
      for (let i = 0; i < t.length; i++) {
        const [target, first] = [t[i] as number, p.data[i * width] as number]
        const value = width === 1 ? (target === 1 ? first : 1 - first) : (p.data[i * width + target] as number)
        if (!(value >= 0 && value <= 1 + 1e-6))
          throw new ValueError(`LogLoss: a probability of item ${i} is ${value}, expected 0 to 1`)
        this.sums[0] = (this.sums[0] as number) - Math.log(Math.min(Math.max(value, Number.EPSILON), 1))
        this.sums[1] = (this.sums[1] as number) + 1
      }
    })
  }

  protected override result(): number {
    if (this.sums[1] === 0) throw new ValueError('LogLoss: no items: there is nothing to average')
    return (this.sums[0] as number) / (this.sums[1] as number)
  }
}

/** Mean squared distance of a probability from the event, 0 or 1 (Brier 1950). */
export class BrierScore extends SummingMetric {
  constructor() {
    super(2)
  }

  /** @param targets (n) 0 or 1; @param probabilities (n) of 1 */
  update(targets: Values, probabilities: Values): void {
    this.take([targets, probabilities], ({ data: t }, p) => {
      labels('BrierScore', 'target', t, 2)
      table('BrierScore', 'probabilities', p, t.length, 1)
      const odd = Array.from(p.data).findIndex((v) => !(v >= 0 && v <= 1 + 1e-6))
      if (odd >= 0) throw new ValueError(`BrierScore: a probability of item ${odd} is ${p.data[odd]}, expected 0 to 1`)
      for (let i = 0; i < t.length; i++)
        this.sums[0] = (this.sums[0] as number) + ((p.data[i] as number) - (t[i] as number)) ** 2
      this.sums[1] = (this.sums[1] as number) + t.length
    })
  }

  protected override result(): number {
    if (this.sums[1] === 0) throw new ValueError('BrierScore: no items: there is nothing to average')
    return (this.sums[0] as number) / (this.sums[1] as number)
  }
}
