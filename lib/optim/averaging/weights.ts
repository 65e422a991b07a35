// Averages of a model's weights over training. Place in the whole: updated after optimizer steps by one fused command a dtype;
// evaluation borrows the model for them. Definitions: torch.optim.swa_utils.AveragedModel, whose copy of the model is here a copy of
// the weights alone.
import { noGrad } from '../../autograd/mode.js'
import { outsideScopes } from '../../engine/lifetime.js'
import { SinterError, ValueError } from '../../errors.js'
import type { Module } from '../../nn/module.js'
import { cast, clone } from '../../ops/convert.js'
import { lerpEach_ } from '../../ops/eachTensor.js'
import { copy_ } from '../../ops/inplace.js'
import { isFloating } from '../../tensor/dtype.js'
import { sameShape, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'

export interface AveragingOptions {
  /** Average buffers, such as running statistics, too (integer ones are copied). Default false: the model's own are used. */
  readonly useBuffers?: boolean
}

/** JSON beside tensors by the model's names. */
export interface AveragingState {
  readonly updates: number
  readonly averages: ReadonlyMap<string, Tensor>
}

interface Pair {
  readonly own: Tensor
  readonly average: Tensor
}

export abstract class WeightAverage {
  /** Averages of bf16 and f16 weights are kept in f32, where small changes are not lost. */
  readonly #pairs = new Map<string, Pair>()
  #updates = 0
  #borrowed: Map<Tensor, Tensor> | null = null

  constructor(model: Module, { useBuffers = false }: AveragingOptions = {}) {
    const named: [string, Tensor][] = [...model.namedParameters(), ...(useBuffers ? model.namedBuffers() : [])]
    for (const [name, own] of named) {
      const half = own.dtype === 'bf16' || own.dtype === 'f16'
      const copy = () => noGrad(() => (half ? cast(own.detach(), 'f32') : clone(own.detach())))
      this.#pairs.set(name, { own, average: outsideScopes(copy) })
    }
  }

  /** Updates so far. */
  get updates(): number {
    return this.#updates
  }

  /** How far this update, the n-th from 0, moves the average towards the weights. */
  protected abstract weight(n: number): number

  /** Takes the model's weights into the average; the first time they are it. */
  update(): void {
    if (this.#borrowed)
      throw new ValueError(`${this.constructor.name}.update: the model holds the averages: call swap first`)
    const weight = this.#updates === 0 ? 1 : this.weight(this.#updates)
    const pairs = [...this.#pairs.values()]
    const floating = pairs.filter(({ own }) => isFloating(own.dtype))
    noGrad(() => {
      lerpEach_(
        floating.map(({ average }) => average),
        floating.map(({ own }) => own),
        weight,
      )
      for (const { own, average } of pairs) if (!isFloating(own.dtype)) copy_(average, own)
    })
    this.#updates++
  }

  /** Puts the averages into the model and sets its weights aside; the second time it gives these back, to the bit. */
  swap(): void {
    const borrowed = this.#borrowed
    noGrad(() => {
      if (borrowed) {
        for (const [own, before] of borrowed) {
          copy_(own, before)
          before.dispose()
        }
        this.#borrowed = null
        return
      }
      const aside = new Map<Tensor, Tensor>()
      for (const { own, average } of this.#pairs.values()) {
        aside.set(
          own,
          outsideScopes(() => clone(own.detach())),
        )
        copy_(own, average)
      }
      this.#borrowed = aside
    })
  }

  /** Runs `fn`, say an evaluation, with the averages in the model. */
  async during<T>(fn: () => T | Promise<T>): Promise<T> {
    this.swap()
    try {
      return await fn()
    } finally {
      this.swap()
    }
  }

  /** Overwrites the model's weights by the averages, at the end of training. */
  copyTo(): void {
    noGrad(() => {
      for (const { own, average } of this.#pairs.values()) copy_(own, average)
    })
  }

  /** The very tensors, by the model's names. */
  stateDict(): AveragingState {
    return {
      updates: this.#updates,
      averages: new Map([...this.#pairs].map(([name, { average }]) => [name, average])),
    }
  }

  /** Copies a state. @throws SinterError SINTER_OPTIMIZER_STATE, before anything is written, when it is another model's */
  loadStateDict({ updates, averages }: AveragingState): void {
    for (const [name, { average }] of this.#pairs) {
      const found = averages.get(name)
      const problem =
        found === undefined ? 'is missing' : `has shape ${show(found.shape)}, expected ${show(average.shape)}`
      if (found === undefined || !sameShape(found.shape, average.shape))
        throw new SinterError('SINTER_OPTIMIZER_STATE', `${this.constructor.name}.loadStateDict: ${name} ${problem}`)
    }
    noGrad(() => {
      for (const [name, { average }] of this.#pairs) copy_(average, averages.get(name) as Tensor)
    })
    this.#updates = updates
  }

  /** Frees the averages. */
  dispose(): void {
    if (this.#borrowed) this.swap()
    for (const { average } of this.#pairs.values()) average.dispose()
    this.#pairs.clear()
  }
}

export interface EMAOptions extends AveragingOptions {
  /** Share of the old average. Default 0.999. */
  readonly decay?: number
  /** Start with less: at update n (from 0) the share is at most (1 + n) / (10 + n). Default false. */
  readonly warmUp?: boolean
}

/** average = decay * average + (1 - decay) * weights (Polyak and Juditsky 1992; torch's get_ema_multi_avg_fn). */
export class ExponentialMovingAverage extends WeightAverage {
  readonly #decay: number
  readonly #warmUp: boolean

  constructor(model: Module, options: EMAOptions = {}) {
    super(model, options)
    const { decay = 0.999, warmUp = false } = options
    if (!(decay >= 0 && decay <= 1))
      throw new ValueError(`ExponentialMovingAverage: decay is ${decay}, expected 0 to 1`)
    this.#decay = decay
    this.#warmUp = warmUp
  }

  protected override weight(n: number): number {
    return 1 - (this.#warmUp ? Math.min(this.#decay, (1 + n) / (10 + n)) : this.#decay)
  }
}

/**
 * The mean of all weights taken in (Izmailov et al., "Averaging weights leads to wider optima and better generalization", 2018):
 * `update` once an epoch of the last part of a run, at a constant rate (`SWALR`), then `updateBatchNorm` with the averages in.
 */
export class StochasticWeightAveraging extends WeightAverage {
  protected override weight(n: number): number {
    return 1 / (n + 1)
  }
}
