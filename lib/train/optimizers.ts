// How a step's gradients become updates. Place in the whole: between the Trainer, which knows when, and lib/optim, which knows the rules.
// It knows of several optimizers by name, each with its own schedule, clipping and loss scaling, and of gradients that several batches add to.
import { backward } from '../autograd/backward.js'
import { noGrad } from '../autograd/mode.js'
import { add } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { totalNorm } from '../ops/gradientNorm.js'
import { mul_ } from '../ops/inplace.js'
import { isfinite, logicalNot } from '../ops/unary.js'
import { clipGradNorm, clipGradValue } from '../optim/clip.js'
import { LBFGS } from '../optim/lbfgs.js'
import { Optimizer, type OptimizerBase, type OptimizerState } from '../optim/optimizer.js'
import { type PlateauState, ReduceLROnPlateau } from '../optim/schedulers/plateau.js'
import type { Scheduler, SchedulerState } from '../optim/schedulers/scheduler.js'
import { didYouMean } from '../suggest.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Json } from './callback.js'
import { ConfigError } from './config.js'

/**
 * Scales a loss so that small gradients do not vanish in f16, in the manner of torch.amp.GradScaler: `scale` before
 * backward, `unscale` before clipping, `step` instead of the optimizer's own, which it may leave out, and `update`
 * after it.
 */
export interface LossScaler {
  scale(loss: Tensor): Tensor
  unscale(optimizer: Optimizer<any>): void
  step(optimizer: Optimizer<any>): unknown
  update(): unknown
  stateDict?(): Json
  loadStateDict?(state: any): void
}

/** An optimizer that computes the loss itself, once or often: LBFGS, SAM. */
export interface ClosureOptimizer extends OptimizerBase<any> {
  step(closure: () => Tensor): Tensor | Promise<Tensor>
}

/** An optimizer and what goes with it. */
export interface OptimizerSetup {
  // Any optimizer will do, whatever its groups hold
  readonly optimizer: Optimizer<any> | ClosureOptimizer
  /** Moved on after every update of this optimizer; a ReduceLROnPlateau after every evaluation. */
  readonly scheduler?: Scheduler | ReduceLROnPlateau
  /** Moves the schedule on after every epoch instead. Default 'step'. */
  readonly scheduleEvery?: 'step' | 'epoch'
  /** The evaluation's figure that a ReduceLROnPlateau takes. Default: the only one. */
  readonly monitor?: string
  /** Joint 2-norm that gradients are clipped to. */
  readonly clipNorm?: number
  /** Bound of each element of a gradient, applied before `clipNorm`. */
  readonly clipValue?: number
  readonly scaler?: LossScaler
}

/** States of what goes with the optimizers, by their names. */
export interface CompanionStates {
  readonly schedulers: Readonly<Record<string, SchedulerState | PlateauState>>
  readonly scalers: Readonly<Record<string, Json>>
}

/** Is told, inside the step's scope, that an optimizer is about to update with its gradients, and that it has encoded the update. */
export interface UpdateListener {
  before(optimizer: string): void
  after(optimizer: string): void
}

export interface FlushOptions {
  /** Only this optimizer's; of a single one it may be left out. Default: all. */
  readonly only?: { readonly optimizer: string | undefined }
  readonly norms?: boolean
  readonly skip?: boolean
  readonly loss?: Tensor
}

interface Driven extends OptimizerSetup {
  readonly name: string
  /** What the batches whose gradients have been added up count for; 0: no gradients. */
  weight: number
}

/** The name of a single optimizer. */
export const MAIN = 'main'

export class Optimizers {
  readonly #all: ReadonlyMap<string, Driven>
  readonly #told: UpdateListener
  /** Multiplies the rates that updates use: a run that was rolled back goes on with lower ones, whatever schedules say. */
  rateScale = 1

  /** @param told is told of every update */
  constructor(setups: Readonly<Record<string, OptimizerSetup>>, told: UpdateListener) {
    this.#all = new Map(Object.entries(setups).map(([name, setup]) => [name, { ...setup, name, weight: 0 }]))
    this.#told = told
    for (const { name, monitor, scheduler, optimizer, scaler, clipNorm, clipValue } of this.#all.values()) {
      if (monitor !== undefined && !(scheduler instanceof ReduceLROnPlateau))
        throw new ConfigError('Trainer', this.#field(name, 'monitor'), 'only a ReduceLROnPlateau as scheduler takes it')
      if (optimizer instanceof Optimizer) continue
      const who = optimizer.constructor.name
      if (this.#all.size > 1)
        throw new ConfigError(
          'Trainer',
          this.#field(name, 'optimizer'),
          `${who} computes the loss itself and must be the only optimizer`,
        )
      if (scaler !== undefined) throw new ConfigError('Trainer', this.#field(name, 'scaler'), `${who} takes none`)
      if (optimizer instanceof LBFGS && (clipNorm !== undefined || clipValue !== undefined))
        throw new ConfigError(
          'Trainer',
          this.#field(name, 'clipNorm'),
          'LBFGS takes none: its line search needs the true gradient',
        )
    }
  }

  get byName(): ReadonlyMap<string, OptimizerBase<any>> {
    return new Map([...this.#all].map(([name, { optimizer }]) => [name, optimizer]))
  }

  /** The single optimizer that computes the loss itself, if it is one. */
  get closure(): ClosureOptimizer | undefined {
    const [first] = this.#all.values()
    return first === undefined || first.optimizer instanceof Optimizer ? undefined : first.optimizer
  }

  /** Whether some gradients are scaled, so that infinite ones are nothing unusual. */
  get scaled(): boolean {
    return [...this.#all.values()].some(({ scaler }) => scaler !== undefined)
  }

  /** The rate of the first optimizer's first group, as updates use it. */
  get lr(): number {
    const [first] = this.#all.values()
    return (first?.optimizer.paramGroups[0]?.lr ?? 0) * this.rateScale
  }

  /**
   * Adds a batch's gradients, and updates unless more batches are to come. Of several optimizers, only the named one's parameters receive
   * gradients.
   * @param weight what the batch counts for beside the others of the same update
   */
  update(loss: Tensor, name: string | undefined, weight: number, complete: boolean): void {
    const driven = this.#find(name)
    const { optimizer, scaler } = driven
    const weighted = weight === 1 ? loss : loss.mul(weight)
    const scaled = scaler === undefined ? weighted : scaler.scale(weighted)
    if (this.#all.size === 1) backward(scaled)
    else backward(scaled, { inputs: parametersOf(optimizer).filter((param) => param.requiresGrad) })
    driven.weight += weight
    if (complete) this.#apply(driven)
  }

  /**
   * Updates with the gradients that have been added up. With `skip` the device leaves out an update whose gradients, or whose loss, if it
   * is given, are not finite; nothing is waited for.
   * @returns norms as `gradientNorms` gives them, made NaN by such a loss; none unless asked for
   */
  flush({ only, norms = false, skip = false, loss }: FlushOptions = {}): Record<string, Tensor> {
    const chosen = only === undefined ? [...this.#all.values()] : [this.#find(only.optimizer)]
    const measured = norms || skip ? this.#norms(chosen) : {}
    for (const driven of chosen) {
      if (driven.weight === 0) continue
      const key = this.#normKey(driven.name)
      const norm = measured[key]
      if (norm === undefined || !skip) {
        this.#apply(driven)
        continue
      }
      const judged = noGrad(() => (loss === undefined ? norm : add(norm, cast(loss.detach(), norm.dtype).mul(0))))
      measured[key] = judged
      this.#apply(
        driven,
        noGrad(() => cast(logicalNot(isfinite(judged)), 'f32')),
      )
    }
    return measured
  }

  /** Drops the gradients that have been added up; schedules move on as if there had been an update. */
  discard(): void {
    for (const driven of this.#all.values()) {
      if (driven.weight === 0) continue
      driven.optimizer.zeroGrad()
      driven.weight = 0
      this.#schedule(driven)
    }
  }

  /**
   * Joint norms of the gradients that have been added up and not yet used, before clipping: numbers on the device, by `gradNorm`, or
   * `gradNorm.<optimizer>` of several. Those that a scaler scales have none.
   */
  gradientNorms(): Record<string, Tensor> {
    return this.#norms(this.#all.values())
  }

  #norms(chosen: Iterable<Driven>): Record<string, Tensor> {
    const norms: Record<string, Tensor> = {}
    for (const { name, optimizer, weight, scaler } of chosen) {
      const grads = parametersOf(optimizer).flatMap(({ grad }) => (grad === null ? [] : [grad]))
      if (weight === 0 || scaler !== undefined || grads.length === 0) continue
      const norm = () => (weight === 1 ? totalNorm(grads) : totalNorm(grads).mul(1 / weight))
      norms[this.#normKey(name)] = noGrad(norm)
    }
    return norms
  }

  /**
   * Makes the single closure optimizer's step.
   * @param evaluate computes the loss and its gradients
   */
  async stepByClosure(evaluate: () => Tensor): Promise<void> {
    const [driven] = this.#all.values() as Iterable<Driven & { optimizer: ClosureOptimizer }>
    const { optimizer, name } = driven
    const losses: Tensor[] = []
    const closure = () => {
      optimizer.zeroGrad()
      driven.weight = 1
      const loss = evaluate()
      this.#clip(driven)
      losses.push(loss)
      return loss
    }
    await this.#atScaledRate(optimizer, () => optimizer.step(closure))
    for (const loss of losses) loss.dispose()
    optimizer.zeroGrad()
    driven.weight = 0
    this.#schedule(driven)
    this.#told.after(name)
  }

  #normKey(name: string): string {
    return this.#all.size === 1 ? 'gradNorm' : `gradNorm.${name}`
  }

  /** @param unless one f32: where it is 1, the optimizer's step does not happen */
  #apply(driven: Driven, unless?: Tensor): void {
    const { optimizer, scaler, clipNorm, clipValue, weight, name } = driven
    if (weight !== 1)
      noGrad(() => {
        for (const { grad } of parametersOf(optimizer)) if (grad !== null) mul_(grad, 1 / weight)
      })
    if (clipNorm !== undefined || clipValue !== undefined) scaler?.unscale(optimizer as Optimizer<any>)
    this.#clip(driven)
    this.#told.before(name)
    this.#atScaledRate(optimizer, () => {
      const plain = optimizer as Optimizer<any>
      if (unless !== undefined) plain.stepUnless(unless)
      else if (scaler === undefined) plain.step()
      else {
        scaler.step(plain)
        scaler.update()
      }
    })
    optimizer.zeroGrad()
    driven.weight = 0
    this.#schedule(driven)
    this.#told.after(name)
  }

  #clip({ optimizer, clipNorm, clipValue }: Driven): void {
    if (clipValue !== undefined) clipGradValue(parametersOf(optimizer), clipValue)
    if (clipNorm !== undefined) clipGradNorm(parametersOf(optimizer), clipNorm)
  }

  /** Schedules write rates into the groups: they find what they wrote, whatever factor an update uses. */
  #atScaledRate<T>(optimizer: OptimizerBase<any>, fn: () => T): T {
    const scale = this.rateScale
    if (scale === 1) return fn()
    const rates = optimizer.paramGroups.map((group) => group.lr as number)
    const put = (factor: number) =>
      optimizer.paramGroups.forEach((group, i) => {
        group.lr = (rates[i] as number) * factor
      })
    put(scale)
    let result: T
    try {
      result = fn()
    } catch (error) {
      put(1)
      throw error
    }
    if (result instanceof Promise) return result.finally(() => put(1)) as T
    put(1)
    return result
  }

  #schedule({ scheduler, scheduleEvery = 'step' }: Driven): void {
    if (scheduleEvery === 'step' && scheduler !== undefined && !(scheduler instanceof ReduceLROnPlateau))
      scheduler.step()
  }

  /** An epoch has ended. */
  epochEnded(): void {
    for (const { scheduler, scheduleEvery } of this.#all.values())
      if (scheduleEvery === 'epoch' && scheduler !== undefined && !(scheduler instanceof ReduceLROnPlateau))
        scheduler.step()
  }

  /**
   * An evaluation has been made.
   * @throws ConfigError when a ReduceLROnPlateau's figure is not there, or which one it takes is not said
   */
  evaluated(metrics: Readonly<Record<string, number>>): void {
    const names = Object.keys(metrics)
    for (const { name, scheduler, monitor } of this.#all.values()) {
      if (!(scheduler instanceof ReduceLROnPlateau)) continue
      const chosen = monitor ?? (names.length === 1 ? names[0] : undefined)
      const field = this.#field(name, 'monitor')
      const known = names.join(', ') || 'none'
      if (chosen === undefined)
        throw new ConfigError(
          'Trainer',
          field,
          `ReduceLROnPlateau needs the name of a figure (evaluate returns ${known})`,
        )
      const value = metrics[chosen]
      if (value === undefined)
        throw new ConfigError(
          'Trainer',
          field,
          `evaluate returns no "${chosen}"${didYouMean(chosen, names)} (${known})`,
        )
      scheduler.step(value)
    }
  }

  /** All optimizers' states as one, the parameters numbered through in the optimizers' order. */
  stateDict(): OptimizerState {
    const joined: OptimizerState = { state: {}, param_groups: [] }
    let before = 0
    for (const { optimizer } of this.#all.values()) {
      const { state, param_groups } = optimizer.stateDict()
      for (const [index, kept] of Object.entries(state)) joined.state[before + Number(index)] = kept
      for (const group of param_groups)
        joined.param_groups.push({ ...group, params: group.params.map((index) => before + index) })
      before += parametersOf(optimizer).length
    }
    return joined
  }

  loadStateDict({ state, param_groups }: OptimizerState): void {
    let [before, group] = [0, 0]
    const parts = [...this.#all.values()]
    for (const [i, { optimizer }] of parts.entries()) {
      const after = before + parametersOf(optimizer).length
      // The last one takes the rest, so that it says what does not fit.
      const last = i === parts.length - 1
      const to = last ? param_groups.length : group + optimizer.paramGroups.length
      const own = Object.entries(state).filter(([index]) => Number(index) >= before && (last || Number(index) < after))
      optimizer.loadStateDict({
        state: Object.fromEntries(own.map(([index, kept]) => [Number(index) - before, kept])),
        param_groups: param_groups
          .slice(group, to)
          .map((one) => ({ ...one, params: one.params.map((index) => index - before) })),
      })
      before = after
      group = to
    }
  }

  companionStates(): CompanionStates {
    const schedulers: Record<string, SchedulerState | PlateauState> = {}
    const scalers: Record<string, Json> = {}
    for (const { name, scheduler, scaler } of this.#all.values()) {
      if (scheduler !== undefined) schedulers[name] = scheduler.stateDict()
      const state = scaler?.stateDict?.()
      if (state !== undefined) scalers[name] = state
    }
    return { schedulers, scalers }
  }

  loadCompanionStates({ schedulers, scalers }: CompanionStates): void {
    for (const { name, scheduler, scaler } of this.#all.values()) {
      const [schedule, scale] = [schedulers[name], scalers[name]]
      if (schedule !== undefined) scheduler?.loadStateDict(schedule as SchedulerState & PlateauState)
      if (scale !== undefined) scaler?.loadStateDict?.(scale)
    }
  }

  #find(name: string | undefined): Driven {
    const names = [...this.#all.keys()]
    const found = this.#all.get(name ?? (names.length === 1 ? (names[0] as string) : ''))
    if (found !== undefined) return found
    const problem =
      name === undefined ? 'which optimizer is not said' : `no optimizer "${name}"${didYouMean(name, names)}`
    throw new ConfigError('Trainer', 'step', `context.update: ${problem} (optimizers: ${names.join(', ')})`)
  }

  #field(name: string, option: string): string {
    return name === MAIN ? option : `optimizers.${name}.${option}`
  }
}

const parametersOf = (optimizer: OptimizerBase<any>): Tensor[] =>
  optimizer.paramGroups.flatMap(({ params }) => [...params])
