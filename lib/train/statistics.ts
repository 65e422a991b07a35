// Figures of weights, gradients and updates. Place in the whole: a Callback that measures every n-th update on the device, in the step's own
// commands; the figures are read with the step's loss, so that nothing waits for them.
import { noGrad } from '../autograd/mode.js'
import { known, whole } from '../check.js'
import { ValueError } from '../errors.js'
import { cast, clone } from '../ops/convert.js'
import { histc } from '../ops/histogram.js'
import { abs, concat, countNonzero, sub, varMean } from '../ops/index.js'
import { amax, amin } from '../ops/reduce.js'
import type { OptimizerBase } from '../optim/optimizer.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Callback, FitContext, StepReport } from './callback.js'
import type { Histogram } from './record.js'

export interface StatisticsOptions {
  /** Steps from one measurement to the next. Default 100. */
  readonly every?: number
  /** One set of figures for each parameter, or for each of the optimizer's parameter groups. Default 'parameter'. */
  readonly per?: 'parameter' | 'group'
  /** Buckets of a histogram of each parameter's weights and gradients; 0: none. Default 0. */
  readonly bins?: number
}

/** Of one tensor: the numbers that are read, from which all others follow and which add up over tensors. */
interface Moments {
  readonly count: number
  readonly mean: number
  readonly variance: number
  /** Largest absolute value. */
  readonly max: number
  readonly zeros: number
}
const NUMBERS = 4

type Kind = 'weights' | 'gradients' | 'updates'

/** What has been measured and is on its way. */
interface Measured {
  readonly kind: Kind
  readonly name: string
  readonly count: number
  /** Mean, variance, largest absolute value, non-zeros; with a histogram then least, greatest and counts. */
  readonly values: Promise<ArrayLike<number>>
  readonly bins: number
}

/**
 * Every `every` steps, by tag: `weights/<name>/norm`, `mean`, `std`, `max` (largest absolute value) and `zeros` (their fraction), of the
 * weights before the update; the same of `gradients`, after clipping; `updates/<name>/norm`, and `ratio`: the norm of the update over
 * that of the weights, about 1e-3 where a learning rate suits. Standard deviations are the population's. A measured step holds a copy
 * of the weights. Weights of an optimizer that computes the loss itself (LBFGS, SAM) are not measured.
 */
export class Statistics implements Callback {
  readonly name = 'statistics'
  readonly #options: Required<StatisticsOptions>
  #context: FitContext | undefined
  #names = new Map<Tensor, string>()
  #before = new Map<Tensor, Tensor>()
  readonly #measured = new Map<number, Measured[]>()

  /** @throws ValueError for options that make no sense */
  constructor(options: StatisticsOptions = {}) {
    known('Statistics', options, ['every', 'per', 'bins'])
    const { every = 100, per = 'parameter', bins = 0 } = options
    whole('Statistics', { every }, 1)
    whole('Statistics', { bins }, 0)
    if (per !== 'parameter' && per !== 'group')
      throw new ValueError(`Statistics: per is ${String(per)}, expected 'parameter' or 'group'`)
    if (per === 'group' && bins > 0)
      throw new ValueError('Statistics: histograms are of parameters: leave out per or bins')
    this.#options = { every, per, bins }
  }

  onFitStart(context: FitContext): void {
    this.#context = context
    this.#measured.clear()
    this.#names = new Map([...context.model.namedParameters()].map(([name, parameter]) => [parameter, name]))
  }

  onBeforeUpdate({ step, optimizer }: { step: number; optimizer: string }): void {
    if ((step + 1) % this.#options.every !== 0) return
    noGrad(() => {
      for (const [parameter, name] of this.#parameters(optimizer)) {
        const { grad } = parameter
        if (grad === null || parameter.numel === 0) continue
        this.#measure(step + 1, 'weights', name, parameter)
        this.#measure(step + 1, 'gradients', name, grad)
        this.#before.set(parameter, clone(parameter.detach()))
      }
    })
  }

  onUpdate({ step, optimizer }: { step: number; optimizer: string }): void {
    if (this.#before.size === 0) return
    noGrad(() => {
      for (const [parameter, name] of this.#parameters(optimizer)) {
        const before = this.#before.get(parameter)
        if (before === undefined) continue
        const change = sub(cast(parameter.detach(), wide(before)), cast(before, wide(before)))
        this.#measure(step + 1, 'updates', name, change)
        this.#before.delete(parameter)
      }
    })
  }

  async onStep({ step, epoch }: StepReport): Promise<void> {
    const measured = this.#measured.get(step)
    if (measured === undefined) return
    this.#measured.delete(step)
    const scalars: Record<string, number> = {}
    const histograms: Record<string, Histogram> = {}
    const all = { weights: new Map(), gradients: new Map(), updates: new Map() } as Record<Kind, Map<string, Moments>>
    for (const { kind, name, count, values, bins } of measured) {
      const read = await values
      const [mean, variance, max, nonzeros] = [0, 1, 2, 3].map((i) => read[i] as number) as [
        number,
        number,
        number,
        number,
      ]
      const moments = { count, mean, variance, max, zeros: count - nonzeros }
      const before = all[kind].get(name)
      all[kind].set(name, before === undefined ? moments : together(before, moments))
      const histogram = bins === 0 ? undefined : histogramOf(read, moments)
      if (histogram !== undefined) histograms[`${kind}/${name}`] = histogram
    }
    for (const kind of ['weights', 'gradients', 'updates'] as const)
      for (const [name, moments] of all[kind]) {
        const tag = `${kind}/${name}`
        scalars[`${tag}/norm`] = norm(moments)
        if (kind === 'updates') scalars[`${tag}/ratio`] = norm(moments) / norm(all.weights.get(name) as Moments)
        else
          Object.assign(scalars, {
            [`${tag}/mean`]: moments.mean,
            [`${tag}/std`]: Math.sqrt(moments.variance),
            [`${tag}/max`]: moments.max,
            [`${tag}/zeros`]: moments.zeros / moments.count,
          })
      }
    await this.#context?.record({ step, epoch, scalars, ...(this.#options.bins === 0 ? {} : { histograms }) })
  }

  /** An optimizer's parameters, and what figures of them are called. */
  *#parameters(optimizer: string): Generator<readonly [Tensor, string]> {
    const { optimizers } = this.#context as FitContext
    const prefix = optimizers.size === 1 ? '' : `${optimizer}.`
    const groups = (optimizers.get(optimizer) as OptimizerBase<any>).paramGroups
    for (const [g, { params }] of groups.entries())
      for (const [i, parameter] of params.entries())
        yield [
          parameter,
          this.#options.per === 'group'
            ? `${prefix}group${g}`
            : (this.#names.get(parameter) ?? `${prefix}group${g}.${i}`),
        ]
  }

  #measure(step: number, kind: Kind, name: string, tensor: Tensor): void {
    const bins = kind === 'updates' ? 0 : this.#options.bins
    const x = cast(tensor.detach(), wide(tensor)).flatten()
    const [variance, mean] = varMean(x, undefined, { correction: 0 })
    const numbers = [mean, variance, amax(abs(x)), cast(countNonzero(x), x.dtype)]
    if (bins > 0) numbers.push(amin(x), amax(x))
    const line: Tensor[] = numbers.map((number) => number.reshape([1]))
    if (bins > 0) line.push(histc(x, bins))
    const values = concat(line).data() as Promise<ArrayLike<number>>
    values.catch(() => {})
    const list = this.#measured.get(step) ?? []
    this.#measured.set(step, list)
    list.push({ kind, name, count: tensor.numel, values, bins })
  }
}

const wide = ({ dtype }: Tensor): 'f32' | 'f64' => (dtype === 'f64' ? 'f64' : 'f32')
const norm = ({ count, mean, variance }: Moments): number => Math.sqrt(count * (variance + mean * mean))

/** Of both tensors' elements (Chan, Golub and LeVeque 1983). */
function together(a: Moments, b: Moments): Moments {
  const count = a.count + b.count
  const apart = b.mean - a.mean
  return {
    count,
    mean: a.mean + (apart * b.count) / count,
    variance: (a.variance * a.count + b.variance * b.count + (apart * apart * a.count * b.count) / count) / count,
    // Math.max of a NaN is NaN, as it should be.
    max: Math.max(a.max, b.max),
    zeros: a.zeros + b.zeros,
  }
}

/** Equal buckets from the least to the greatest; none of values that are not finite. */
function histogramOf(read: ArrayLike<number>, { count, mean, variance }: Moments): Histogram | undefined {
  const [least, greatest] = [read[NUMBERS] as number, read[NUMBERS + 1] as number]
  if (!Number.isFinite(least) || !Number.isFinite(greatest)) return undefined
  const buckets = Array.from({ length: read.length - NUMBERS - 2 }, (_, i) => read[NUMBERS + 2 + i] as number)
  // histc widens an empty range by one on both sides.
  const [low, high] = least === greatest ? [least - 1, greatest + 1] : [least, greatest]
  const limits = buckets.map((_, i) => low + ((high - low) * (i + 1)) / buckets.length)
  return {
    min: least,
    max: greatest,
    count,
    sum: count * mean,
    sumSquares: count * (variance + mean * mean),
    limits,
    buckets,
  }
}
