// Early stopping. Place in the whole: a Callback that follows an evaluation's figure, ends the run when it no longer improves, and can put
// the best weights back.
import { noGrad } from '../autograd/mode.js'
import { known, whole } from '../check.js'
import { outsideScopes } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import type { Module } from '../nn/module.js'
import { clone } from '../ops/convert.js'
import { copy_ } from '../ops/inplace.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Callback, FitContext, FitResult, Json } from './callback.js'
import type { HistoryEntry } from './checkpoint.js'
import { figureOf, improved, type Mode } from './monitor.js'

export interface EarlyStoppingOptions {
  /** The evaluation's figure that is followed. */
  readonly monitor: string
  /** Whether small or large is good. Default 'min'. */
  readonly mode?: Mode
  /** Evaluations without an improvement that are allowed one after the other; the next one ends the run. Default 3. */
  readonly patience?: number
  /** What a change must exceed to be an improvement. Default 0. */
  readonly minDelta?: number
  /**
   * Put the weights and buffers of the best evaluation into the model when the run ends as complete (not when it was interrupted or
   * failed). They are kept on the model's device, as much memory as the model. The last checkpoint keeps the weights that training
   * ended with. Default false.
   */
  readonly restoreBest?: boolean
}

const OPTIONS = ['monitor', 'mode', 'patience', 'minDelta', 'restoreBest']

/**
 * Ends a run when a figure has not improved for more than `patience` evaluations (Prechelt, "Early stopping - but when?", 1998). A NaN is
 * no improvement. A resumed run goes on counting where it was; one that was ended so ends at once.
 *
 * @throws ValueError for options that make no sense, and when an evaluation lacks the figure
 */
export class EarlyStopping implements Callback {
  readonly name: string
  readonly #options: Required<EarlyStoppingOptions>
  #context: FitContext | undefined
  #best: { value: number; step: number } | undefined
  #waited = 0
  #ended = false
  /** The best evaluation's weights, by the model's names. */
  readonly #weights = new Map<string, Tensor>()

  constructor(options: EarlyStoppingOptions) {
    known('EarlyStopping', options, OPTIONS)
    const { monitor, mode = 'min', patience = 3, minDelta = 0, restoreBest = false } = options
    if (typeof monitor !== 'string' || monitor === '')
      throw new ValueError(`EarlyStopping: monitor is ${String(monitor)}, expected a figure's name`)
    if (mode !== 'min' && mode !== 'max')
      throw new ValueError(`EarlyStopping: mode is ${String(mode)}, expected 'min' or 'max'`)
    whole('EarlyStopping', { patience }, 0)
    if (!(minDelta >= 0)) throw new ValueError(`EarlyStopping: minDelta is ${minDelta}, expected at least 0`)
    this.#options = { monitor, mode, patience, minDelta, restoreBest }
    this.name = `early-stopping-${monitor}`
  }

  /** The best evaluation so far. */
  get best(): { readonly value: number; readonly step: number } | undefined {
    return this.#best
  }

  onFitStart(context: FitContext): void {
    this.#context = context
    if (this.#ended) this.#end()
  }

  onEvaluate({ step, metrics }: HistoryEntry): void {
    const { monitor, mode, patience, minDelta, restoreBest } = this.#options
    const value = figureOf('EarlyStopping', monitor, metrics)
    if (improved(value, this.#best?.value, mode, minDelta)) {
      this.#best = { value, step }
      this.#waited = 0
      if (restoreBest) this.#keep((this.#context as FitContext).model)
    } else if (++this.#waited > patience) {
      this.#ended = true
      this.#end()
    }
  }

  onFitEnd({ stopped, error }: FitResult): void {
    const { model, log } = this.#context as FitContext
    if (stopped || error !== undefined || this.#weights.size === 0) return
    const own = model.stateDict()
    noGrad(() => {
      for (const [name, weight] of this.#weights) copy_(own.get(name) as Tensor, weight)
    })
    log(`the weights of step ${this.#best?.step} are put back, where ${this.#options.monitor} was ${this.#best?.value}`)
  }

  stateDict(): Json {
    return { best: this.#best ?? null, waited: this.#waited, ended: this.#ended }
  }

  stateTensors(): ReadonlyMap<string, Tensor> {
    return this.#weights
  }

  loadStateDict(state: Json, tensors: ReadonlyMap<string, Tensor>): void {
    const { best, waited, ended } = state as {
      best: { value: number; step: number } | null
      waited: number
      ended: boolean
    }
    this.#best = best ?? undefined
    this.#waited = waited
    this.#ended = ended
    this.#take(tensors)
  }

  #end(): void {
    const { monitor, patience } = this.#options
    const found =
      this.#best === undefined ? 'was never a number' : `is best at step ${this.#best.step}, ${this.#best.value}`
    this.#context?.finish(`${monitor} ${found}, and has not improved in ${patience + 1} evaluations`)
  }

  #keep(model: Module): void {
    this.#take(model.stateDict())
  }

  /** Copies tensors into those that are kept, which are made where they are not there yet. */
  #take(tensors: ReadonlyMap<string, Tensor>): void {
    noGrad(() => {
      for (const [name, tensor] of tensors) {
        const kept = this.#weights.get(name)
        if (kept !== undefined) copy_(kept, tensor)
        else
          this.#weights.set(
            name,
            outsideScopes(() => clone(tensor.detach())),
          )
      }
    })
  }
}
