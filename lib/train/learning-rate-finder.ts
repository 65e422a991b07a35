// The learning-rate range test. Place in the whole: a short run of the Trainer with a rate that rises, after which everything is as before.
import { noGrad } from '../autograd/mode.js'
import { known, whole } from '../check.js'
import { disposeBatch } from '../data/loader.js'
import { outsideScopes } from '../engine/lifetime.js'
import { SinterError, ValueError } from '../errors.js'
import { clone } from '../ops/convert.js'
import { defaultGenerator } from '../ops/random.js'
import type { OptimizerBase, OptimizerState } from '../optim/optimizer.js'
import { Scheduler } from '../optim/schedulers/scheduler.js'
import { Tensor } from '../tensor/tensor.js'
import type { FitContext, StepReport } from './callback.js'
import { lineChart, smoothed } from './chart.js'
import type { TrainerOptions } from './options.js'
import { silentProgress } from './progress.js'
import { Trainer } from './trainer.js'

export interface LearningRateRange {
  /** The first rate. Default 1e-7. */
  readonly minLr?: number
  /** The last one. Default 10. */
  readonly maxLr?: number
  /** Steps from one to the other, by a constant factor. Default 100. */
  readonly steps?: number
  /** Running mean of the loss: 0 none, towards 1 more. Default 0.9. */
  readonly smoothing?: number
  /** The test ends when the smoothed loss is above this many times its least. Default 4. */
  readonly stopFactor?: number
}

export interface LearningRateCurve {
  /** The loss of each step, at the rate that the step then used. */
  readonly points: readonly { readonly lr: number; readonly loss: number; readonly smoothed: number }[]
  /** The rate where the smoothed loss falls fastest over the logarithm of the rate; undefined where it nowhere falls. */
  readonly suggestion: number | undefined
  /** The curve as an SVG picture. */
  readonly svg: string
}

/** Points at the beginning, where the smoothed loss is of too few, that suggest nothing: a part of all. */
const UNSURE = 0.1

/**
 * Raises the learning rate step by step until the loss diverges, and suggests a rate (Smith, "Cyclical learning rates for training neural
 * networks", 2017, section 3.3). Takes the Trainer's options; of several parameter groups the rates keep their proportions, `minLr` and
 * `maxLr` being those of the first. Afterwards weights, buffers, optimizer, scaler, random numbers and the data's place are as they were,
 * to the bit; only data without `state` have moved on, and a loader whose epoch was left goes on in it. Scheduler, guard, callbacks, evaluation and checkpoints play no part.
 *
 *     const { suggestion, svg } = await findLearningRate(options)
 *
 * The suggestion is a beginning, not an answer: look at the curve.
 *
 * @throws ValueError for a range that makes no sense, and several optimizers
 */
export async function findLearningRate<B>(
  options: TrainerOptions<B>,
  range: LearningRateRange = {},
): Promise<LearningRateCurve> {
  known('findLearningRate', range, ['minLr', 'maxLr', 'steps', 'smoothing', 'stopFactor'])
  const { minLr = 1e-7, maxLr = 10, steps = 100, smoothing = 0.9, stopFactor = 4 } = range
  if (!(minLr > 0 && maxLr > minLr && maxLr < Number.POSITIVE_INFINITY))
    throw new ValueError(`findLearningRate: from ${minLr} to ${maxLr} is no range of rates above 0`)
  whole('findLearningRate', { steps }, 2)
  if (!(smoothing >= 0 && smoothing < 1))
    throw new ValueError(`findLearningRate: smoothing is ${smoothing}, expected at least 0 and less than 1`)
  if (!(stopFactor > 1)) throw new ValueError(`findLearningRate: stopFactor is ${stopFactor}, expected more than 1`)
  const { model, optimizer, data, scaler } = options
  if (optimizer === undefined)
    throw new ValueError('findLearningRate: it takes one optimizer: of several give the options of a Trainer for one')

  const modes = [...model.modules()].map((module) => [module, module.training] as const)
  const before = copied({ model: model.stateDict(), optimizer: optimizer.stateDict() })
  const [random, place, scale] = [defaultGenerator.state, data.state?.(), scaler?.stateDict?.()]
  const losses: [number, number][] = []
  try {
    const collector = collect(losses, smoothing, stopFactor)
    const { loss, step, accumulate, autocast, clipNorm, clipValue, throughput } = options
    const kept = { loss, step, accumulate, autocast, clipNorm, clipValue, throughput, scaler }
    await new Trainer<B>({
      ...(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as Partial<
        TrainerOptions<B>
      >),
      model,
      optimizer,
      data,
      steps,
      scheduler: new Rising(optimizer, minLr, maxLr, steps),
      callbacks: [collector],
      progress: silentProgress,
    })
      .fit()
      .catch((error: unknown) => {
        // The end that was looked for.
        if (!(error instanceof SinterError) || error.code !== 'SINTER_TRAIN_DIVERGED') throw error
      })
  } finally {
    noGrad(() => model.loadStateDict(before.model))
    optimizer.loadStateDict(before.optimizer)
    disposeBatch([...before.model.values(), before.optimizer.state])
    if (scale !== undefined) scaler?.loadStateDict?.(scale)
    if (place !== undefined) data.loadState?.(place)
    defaultGenerator.state = random
    for (const [module, training] of modes) module.training = training
  }
  return curve(losses, smoothing)
}

/** Writes rates that rise by a constant factor. */
class Rising extends Scheduler {
  readonly #factor: number
  readonly #share: readonly number[]
  readonly #first: number

  constructor(optimizer: OptimizerBase<any>, minLr: number, maxLr: number, steps: number) {
    super(optimizer)
    const [first] = optimizer.paramGroups
    this.#first = minLr
    this.#factor = (maxLr / minLr) ** (1 / (steps - 1))
    this.#share = optimizer.paramGroups.map(({ lr }) => (first?.lr ? lr / first.lr : 1))
    this.apply()
  }

  protected override rate(step: number, _: number, index: number): number {
    return this.#first * this.#factor ** step * (this.#share[index] as number)
  }
}

/** Collects the losses, and ends the run when they rise. */
function collect(losses: [number, number][], smoothing: number, stopFactor: number) {
  let [context, mean, weight, least]: [FitContext | undefined, number, number, number] = [
    undefined,
    0,
    0,
    Number.POSITIVE_INFINITY,
  ]
  return {
    onFitStart(given: FitContext): void {
      context = given
    },
    onStep({ lr, loss }: StepReport): void {
      losses.push([lr, loss])
      mean = smoothing * mean + (1 - smoothing) * loss
      weight = smoothing * weight + (1 - smoothing)
      const now = mean / weight
      least = Math.min(least, now)
      if (now > least + (stopFactor - 1) * Math.abs(least)) context?.finish('the loss rises')
    },
  }
}

function curve(losses: readonly (readonly [number, number])[], smoothing: number): LearningRateCurve {
  const logarithmic = losses.map(([lr, loss]) => [Math.log10(lr), loss] as const)
  const line = smoothed(logarithmic, smoothing)
  const points = losses.map(([lr, loss], i) => ({ lr, loss, smoothed: (line[i] as readonly [number, number])[1] }))
  let [at, steepest] = [-1, 0]
  for (let i = Math.max(1, Math.ceil(points.length * UNSURE)); i < points.length - 1; i++) {
    const [[x0, y0], [x1, y1]] = [line[i - 1], line[i + 1]] as [readonly [number, number], readonly [number, number]]
    const slope = (y1 - y0) / (x1 - x0)
    if (slope < steepest) [at, steepest] = [i, slope]
  }
  const suggestion = points[at]?.lr
  const title =
    suggestion === undefined
      ? 'Loss over learning rate'
      : `Loss over learning rate: ${suggestion.toExponential(1)} falls fastest`
  const marked = at < 0 ? [] : [{ name: 'steepest', points: [line[at] as readonly [number, number]], color: 1 }]
  const series = [
    { name: 'loss', points: logarithmic, pale: true, color: 0 },
    { name: 'smoothed', points: line, color: 0 },
    ...marked,
  ]
  const log = losses.every(([, loss]) => loss > 0)
  return { points, suggestion, svg: lineChart(series, { title, xLabel: 'log10 of the learning rate', log }) }
}

/** Copies of tensors, wherever they are. */
function copied<T extends { model: ReadonlyMap<string, Tensor>; optimizer: OptimizerState }>({ model, optimizer }: T) {
  const copy = (t: Tensor): Tensor => outsideScopes(() => noGrad(() => clone(t.detach())))
  const state = Object.entries(optimizer.state).map(([index, kept]) => {
    const entries = Object.entries(kept).map(([name, value]) => [name, value instanceof Tensor ? copy(value) : value])
    return [index, Object.fromEntries(entries) as Record<string, Tensor | number>] as const
  })
  return {
    model: new Map([...model].map(([name, t]) => [name, copy(t)])),
    optimizer: { ...optimizer, state: Object.fromEntries(state) } as OptimizerState,
  }
}
