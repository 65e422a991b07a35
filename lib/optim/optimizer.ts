// What all optimizers share. Place in the whole: parameter groups, gradients, f32 copies of parameters and state dicts in
// PyTorch's structure; a rule (sgd.ts, adam.ts, ...) adds one fused command a step. Nothing here reads back: a step is
// commands only.
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { isRecorded, willRepeat } from '../engine/graphing.js'
import { outsideScopes } from '../engine/lifetime.js'
import { SinterError, ValueError } from '../errors.js'
import { writesUnless } from '../ops/conditional.js'
import { cast } from '../ops/convert.js'
import { full } from '../ops/creation.js'
import { add_, copy_ } from '../ops/inplace.js'
import type { StepCount } from '../ops/multiTensor.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { SkippedSteps } from './skipped-steps.js'

/** What every rule's group has; a rule adds its own numbers and switches. */
export interface GroupOptions {
  lr: number
  /** Set by a schedule: the rate that it scales. */
  initialLr?: number
  /**
   * Keeps an f32 copy of every parameter in bf16 or f16 (`master_param` of its state), updates that and rounds it into the
   * parameter; the rest of the state is f32 too. Without it (the default, as in PyTorch) state has the parameter's dtype, steps
   * are computed in f32, and what a step changes by less than half a unit of the parameter's last place is lost.
   * The copies are made at the first step; what is written into a parameter afterwards, but by `loadStateDict`, does not last.
   */
  masterWeights?: boolean
  /**
   * Rounds what a step gives parameters in bf16 or f16 to one of the two numbers beside it, the nearer one as much more often, by numbers
   * of the default generator: updates that are far smaller than the spacing of 16 bits arrive on average, without an f32 copy
   * (Gupta et al. 2015). Default false: to the nearest. State is rounded to the nearest, so second moments in 16 bits want a
   * beta2 of at most 0.99. Not with `masterWeights`, and not in Muon, SOAP and LBFGS.
   */
  stochasticRounding?: boolean
}

export type ParamGroup<O extends GroupOptions> = O & { readonly params: readonly Tensor[] }

/** Tensors to train, or groups of them with options of their own. */
export type ParamsInput<O extends GroupOptions> =
  | Iterable<Tensor>
  | Iterable<Partial<O> & { readonly params: Iterable<Tensor> }>

type OptionValue = number | boolean | string | null | readonly (number | null)[]

/** PyTorch's structure and spelling: what is kept for parameter i, and the groups with indices for parameters. */
export interface OptimizerState {
  state: Record<number, Record<string, Tensor | number>>
  param_groups: ({ params: number[] } & Record<string, OptionValue>)[]
}

/** What a rule keeps for one parameter, by PyTorch's names. */
export type ParamState = Record<string, Tensor | number>

/** All but the step. */
export abstract class OptimizerBase<O extends GroupOptions> {
  readonly paramGroups: ParamGroup<O>[] = []
  protected readonly state: Map<Tensor, ParamState> = new Map()
  protected readonly skipped: SkippedSteps = new SkippedSteps()
  /**
   * Whether a step may be encoded before it is known whether, or how often, it will happen: nothing that `step` does on the host, but
   * `batchesByStep`, depends on the number of steps taken. A rule that says no waits for the device in `stepUnless`, and has no graphs.
   */
  protected readonly skipsOnDevice: boolean = false
  /** The one parameter that a step is for; null: all. */
  protected only: Tensor | null = null
  readonly #name: string
  /** Names that a group's options may have. */
  readonly #options: readonly string[]

  /** @param options what the caller gave: takes the place of defaults. Other names than those of the defaults are an error. */
  constructor(
    params: ParamsInput<O>,
    defaults: Omit<O, keyof GroupOptions> & Partial<GroupOptions>,
    options: Partial<O> = {},
  ) {
    this.#name = new.target.name
    this.#options = [
      'lr',
      ...Object.keys(defaults).filter((name) => name !== 'lr'),
      'initialLr',
      'masterWeights',
      'stochasticRounding',
    ]
    known(this.#name, options, this.#options)
    const complete = { ...defaults, ...options } as unknown as O
    const items = [...params]
    if (items.length === 0) throw new ValueError(`${this.#name}: no parameters`)
    const groups = items.every((item) => item instanceof Tensor) ? [{ params: items }] : items
    for (const group of groups) {
      if (group instanceof Tensor) throw new ValueError(`${this.#name}: give tensors or groups {params, ...}, not both`)
      this.addParamGroup(group as Partial<O> & { params: Iterable<Tensor> }, complete)
    }
  }

  /** Adds parameters with options of their own, say after unfreezing a layer. */
  addParamGroup(group: Partial<O> & { readonly params: Iterable<Tensor> }, defaults: O): void {
    known(this.#name, group, ['params', ...this.#options])
    const params = [...group.params]
    const taken = new Set(this.paramGroups.flatMap((other) => other.params))
    for (const [i, param] of params.entries()) {
      const where = `${this.#name}: parameter ${i} of group ${this.paramGroups.length}`
      if (!(param instanceof Tensor)) throw new ValueError(`${where} is no tensor`)
      if (!param.isLeaf) throw new ValueError(`${where} was computed by an operator: only leaves can be trained`)
      if (!isFloating(param.dtype))
        throw new ValueError(`${where} is ${param.dtype}: optimizers take f32, f64, bf16 and f16 parameters`)
      if (taken.has(param)) throw new ValueError(`${where} is there already: a parameter belongs to one group, once`)
      taken.add(param)
    }
    const complete = { ...defaults, ...group, params }
    if (complete.masterWeights && complete.stochasticRounding)
      throw new ValueError(
        `${this.#name}: masterWeights and stochasticRounding: f32 copies lose no updates, so choose one`,
      )
    this.check(complete)
    this.paramGroups.push(complete)
  }

  /** @throws ValueError for a group's options that make no sense */
  protected abstract check(group: O): void

  /** Frees the gradients of all parameters. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) {
      for (const param of params) {
        param.grad?.dispose()
        param.grad = null
      }
    }
  }

  /**
   * The state's very tensors, and numbers that JSON holds. After steps that may have been skipped (`stepUnless`) it waits for the
   * device, which knows how many were.
   */
  stateDict(): OptimizerState {
    this.skipped.settle((param, skipped) => this.#uncount(param, skipped))
    const taken = this.skipped.taken()
    const state: OptimizerState['state'] = {}
    let next = 0
    const groups = this.paramGroups.map(({ params, ...options }) => {
      const indices = params.map((param) => {
        const kept = this.state.get(param)
        if (kept !== undefined) {
          const more = taken.get(param)
          state[next] = more === undefined ? { ...kept } : { ...kept, step: Number(kept['step']) + more }
        }
        return next++
      })
      const entries = Object.entries(options).map(([name, value]) => [snakeCase(name), value])
      return { ...(Object.fromEntries(entries) as Record<string, OptionValue>), params: indices }
    })
    return { state, param_groups: groups }
  }

  /** Takes skipped steps off a parameter's count; where none are left it has no state yet. */
  #uncount(param: Tensor, skipped: number): void {
    const state = this.state.get(param)
    if (typeof state?.['step'] !== 'number') return
    state['step'] -= skipped
    if (state['step'] > 0) return
    for (const value of Object.values(state)) if (value instanceof Tensor) value.dispose()
    this.state.delete(param)
  }

  /**
   * What the rule's state of this name is like; by default it has the shape of the parameter, and its dtype or f32 beside
   * a `master_param`.
   */
  protected stateLike(param: Tensor, group: ParamGroup<O>, _name: string): StateLike {
    return { shape: param.shape, dtype: hasMaster(param, group) ? 'f32' : param.dtype }
  }

  /**
   * State that does not exist yet: made outside any scope, since it outlives the step.
   * @throws ValueError while a graph is recorded, which would make it anew every time
   */
  protected fresh(param: Tensor, group: ParamGroup<O>, name: string, value = 0): Tensor {
    const { shape, dtype } = this.stateLike(param, group, name)
    return this.#kept(param, name, () => full(shape, value, { dtype, device: param.device }))
  }

  #kept(param: Tensor, what: string, make: () => Tensor): Tensor {
    if (isRecorded(param.device))
      throw new ValueError(`${this.#name}: ${what} of a parameter that took no step in cudaGraph's first run`)
    return outsideScopes(make)
  }

  /**
   * Takes over a state dict: options, counters, and copies of the tensors.
   * @throws SinterError SINTER_OPTIMIZER_STATE when its groups or shapes are not this optimizer's
   */
  loadStateDict(from: OptimizerState): void {
    const bad = (what: string) => new SinterError('SINTER_OPTIMIZER_STATE', `${this.#name}.loadStateDict: ${what}`)
    const sizes = (groups: readonly { params: readonly unknown[] }[]) =>
      groups.map(({ params }) => params.length).join(', ')
    if (sizes(from.param_groups) !== sizes(this.paramGroups)) {
      const found = `groups of ${sizes(from.param_groups)} parameters`
      throw bad(`the state is for ${found}, this optimizer has groups of ${sizes(this.paramGroups)}`)
    }
    const loaded = new Map<Tensor, ParamState>()
    for (const [g, { params }] of this.paramGroups.entries()) {
      for (const [p, param] of params.entries()) {
        const kept = from.state[from.param_groups[g]?.params[p] as number]
        if (kept === undefined) continue
        // Options decide what state is like, and those of the state dict are about to be this optimizer's.
        const group = { ...(this.paramGroups[g] as ParamGroup<O>), ...optionsOf<O>(from, g) }
        for (const [name, value] of Object.entries(kept)) {
          if (isNumber(value, name)) continue
          const { shape } = this.stateLike(param, group, name)
          if (!sameShape(value.shape, shape))
            throw bad(`${name} of parameter ${p} of group ${g} has shape ${show(value.shape)}, expected ${show(shape)}`)
        }
        loaded.set(param, kept)
      }
    }
    for (const [g, group] of this.paramGroups.entries()) Object.assign(group, optionsOf<O>(from, g))
    // Copied before the old state is freed: it may be what is loaded.
    const copies: [Tensor, ParamState][] = []
    for (const group of this.paramGroups)
      for (const param of group.params) {
        const kept = loaded.get(param)
        if (kept !== undefined) copies.push([param, this.#copy(param, group, kept)])
      }
    for (const kept of this.state.values())
      for (const value of Object.values(kept)) if (value instanceof Tensor) value.dispose()
    this.state.clear()
    this.skipped.clear()
    for (const [param, kept] of copies) this.state.set(param, kept)
  }

  #copy(param: Tensor, group: ParamGroup<O>, kept: ParamState): ParamState {
    const copy: ParamState = {}
    for (const [name, value] of Object.entries(kept)) {
      if (isNumber(value, name)) {
        copy[name] = value instanceof Tensor ? value.itemSync() : value
      } else {
        const own = this.fresh(param, group, name)
        noGrad(() => copy_(own, value))
        copy[name] = own
      }
    }
    return copy
  }

  /**
   * Parameters of a group that have gradients, in batches that are updated alike: one dtype, and one `key`, which
   * stands for a number that a command has once.
   */
  protected batches(group: ParamGroup<O>, key: (state: ParamState) => number): Iterable<Batch> {
    const batches = new Map<string, Batch>()
    for (const param of group.params) {
      const { grad } = param
      if (grad === null || (this.only !== null && this.only !== param)) continue
      if (willRepeat(param.device) && !this.skipsOnDevice)
        throw new ValueError(
          `${this.#name}: its steps depend on numbers that the host counts, which cudaGraph repeats as they are`,
        )
      const state = this.state.get(param) ?? {}
      this.state.set(param, state)
      const master = hasMaster(param, group)
      if (master)
        state['master_param'] ??= this.#kept(param, 'an f32 copy', () => noGrad(() => cast(param.detach(), 'f32')))
      const cohort = this.skipped.of(param)
      const name = `${param.dtype} ${grad.dtype} ${master} ${param.device} ${key(state)} ${cohort?.id}`
      let batch = batches.get(name)
      if (batch === undefined) {
        batch = { key: key(state), skipped: cohort?.skipped ?? null, members: [] }
        batches.set(name, batch)
      }
      const updated = master ? (state['master_param'] as Tensor) : param
      const stochastic = group.stochasticRounding === true
      batch.members.push({ owner: param, state, param: updated, grad, low: master ? param : null, stochastic })
    }
    return batches.values()
  }

  /**
   * `batches` by the number of steps that a parameter has taken, which one that joined later has of its own; counts this one, on the device
   * where graphs take steps too. `step` is what commands take; `key` counts skipped steps, too, of which there are none where the rule does
   * not skip on the device.
   */
  protected *batchesByStep(group: ParamGroup<O>): Iterable<Batch & { readonly step: StepCount }> {
    for (const { key, skipped, members } of this.batches(group, ({ step }) => Number(step ?? 0))) {
      const owners = members.map(({ owner }) => owner)
      const [first] = owners as [Tensor]
      if (willRepeat(first.device) || this.skipped.of(first)?.onDevice) {
        const cohort = this.skipped.counted(owners)
        noGrad(() => add_(cohort.skipped, -1))
        for (const { state } of members) state['step'] ??= 0
        yield { key, step: { attempts: key, skipped: cohort.skipped }, skipped: cohort.skipped, members }
        continue
      }
      const attempts = key + 1
      for (const { state } of members) state['step'] = attempts
      yield { key: attempts, step: skipped ? { attempts, skipped } : attempts, skipped, members }
    }
  }
}

export abstract class Optimizer<O extends GroupOptions> extends OptimizerBase<O> {
  /** Updates every parameter that has a gradient. */
  abstract step(): void

  /**
   * A step of one parameter, which has a gradient; the others, and their counts of steps, stay as they are.
   * @throws ValueError for a tensor that is none of the parameters, and for an optimizer whose steps are of all parameters together
   */
  stepParameter(param: Tensor): void {
    if (!this.paramGroups.some(({ params }) => params.includes(param)))
      throw new ValueError(`${this.constructor.name}.stepParameter: the tensor is none of its parameters`)
    this.only = param
    try {
      this.step()
    } finally {
      this.only = null
    }
  }

  /**
   * `step`, which does not happen, and is not counted, if `flag`, one f32, is 1 and not 0. The rules whose steps are commands that do
   * not depend on earlier ones read nothing back; NAdam, SOAP, Lookahead, and rules from outside that do not say `skipsOnDevice`, wait
   * until the flag is known.
   */
  stepUnless(flag: Tensor): void {
    if (!this.skipsOnDevice) {
      if (flag.itemSync() === 0) this.step()
      return
    }
    const params = this.paramGroups.flatMap((group) => group.params.filter((param) => param.grad !== null))
    this.skipped.count(params, flag, () => writesUnless(flag, () => this.step()))
  }
}

export interface StateLike {
  shape: Shape
  dtype: DType
}

/** A parameter's part in a step: `param` is what is updated, the parameter itself (`owner`) or its f32 copy. */
export interface Member {
  readonly owner: Tensor
  readonly state: ParamState
  readonly param: Tensor
  readonly grad: Tensor
  /** The parameter that takes the rounded result, where `param` is its f32 copy. */
  readonly low: Tensor | null
  readonly stochastic: boolean
}

/** For rules composed of several roundings. @throws ValueError for a group that asks for stochastic ones */
export function refuseStochastic(who: string, { stochasticRounding }: GroupOptions): void {
  if (stochasticRounding) throw new ValueError(`${who}: takes no stochasticRounding: its step is several operators`)
}

export interface Batch {
  readonly key: number
  /** How many of these parameters' steps the device has left out; null: none. */
  readonly skipped: Tensor | null
  readonly members: Member[]
}

const hasMaster = (param: Tensor, { masterWeights }: GroupOptions): boolean =>
  masterWeights === true && (param.dtype === 'bf16' || param.dtype === 'f16')

/** PyTorch's own files hold the step count, and NAdam's product, as tensors of one element. */
const isNumber = (value: Tensor | number, name: string): value is number | Tensor<DType, readonly []> =>
  !(value instanceof Tensor) || ((name === 'step' || name === 'mu_product') && value.rank === 0)

function optionsOf<O extends GroupOptions>(from: OptimizerState, g: number): Partial<O> {
  const { params: _, ...options } = from.param_groups[g] as OptimizerState['param_groups'][number]
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value])) as Partial<O>
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** @throws ValueError unless low <= value < high */
export function checkRange(who: string, name: string, value: number, low: number, high: number): void {
  if (value >= low && value < high) return
  const expected = high === Number.POSITIVE_INFINITY ? `at least ${low}` : `at least ${low} and less than ${high}`
  throw new ValueError(`${who}: ${name} is ${value}, expected ${expected}`)
}
