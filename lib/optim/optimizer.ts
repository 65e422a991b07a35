// What all optimizers share. Place in the whole: parameter groups, gradients and state dicts in PyTorch's structure;
// a rule (sgd.ts, adam.ts) adds one fused command a step. Nothing here reads back: a step is commands only.
import { noGrad } from '../autograd/mode.js'
import { outsideScopes } from '../engine/lifetime.js'
import { SinterError, ValueError } from '../errors.js'
import { zerosLike } from '../ops/creation.js'
import { copy_ } from '../ops/inplace.js'
import { sameShape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** What every rule's group has; a rule adds its own numbers and switches. */
export interface GroupOptions {
  lr: number
  /** Set by a schedule: the rate that it scales. */
  initialLr?: number
}

export type ParamGroup<O extends GroupOptions> = O & { readonly params: readonly Tensor[] }

/** Tensors to train, or groups of them with options of their own. */
export type ParamsInput<O extends GroupOptions> =
  | Iterable<Tensor>
  | Iterable<Partial<O> & { readonly params: Iterable<Tensor> }>

type OptionValue = number | boolean | null | readonly number[]

/** PyTorch's structure and spelling: what is kept for parameter i, and the groups with indices for parameters. */
export interface OptimizerState {
  state: Record<number, Record<string, Tensor | number>>
  param_groups: ({ params: number[] } & Record<string, OptionValue>)[]
}

/** What a rule keeps for one parameter, by PyTorch's names. */
export type ParamState = Record<string, Tensor | number>

export abstract class Optimizer<O extends GroupOptions> {
  readonly paramGroups: ParamGroup<O>[] = []
  protected readonly state: Map<Tensor, ParamState> = new Map()
  readonly #name: string

  constructor(params: ParamsInput<O>, defaults: O) {
    this.#name = new.target.name
    const items = [...params]
    if (items.length === 0) throw new ValueError(`${this.#name}: no parameters`)
    const groups = items.every((item) => item instanceof Tensor) ? [{ params: items }] : items
    for (const group of groups) {
      if (group instanceof Tensor) throw new ValueError(`${this.#name}: give tensors or groups {params, ...}, not both`)
      this.addParamGroup(group as Partial<O> & { params: Iterable<Tensor> }, defaults)
    }
  }

  /** Adds parameters with options of their own, say after unfreezing a layer. */
  addParamGroup(group: Partial<O> & { readonly params: Iterable<Tensor> }, defaults: O): void {
    const params = [...group.params]
    const taken = new Set(this.paramGroups.flatMap((other) => other.params))
    for (const [i, param] of params.entries()) {
      const where = `${this.#name}: parameter ${i} of group ${this.paramGroups.length}`
      if (!(param instanceof Tensor)) throw new ValueError(`${where} is no tensor`)
      if (!param.isLeaf) throw new ValueError(`${where} was computed by an operator: only leaves can be trained`)
      if (param.dtype !== 'f32' && param.dtype !== 'f64') {
        throw new ValueError(`${where} is ${param.dtype}: optimizers take f32 and f64 parameters`)
      }
      if (taken.has(param)) throw new ValueError(`${where} is there already: a parameter belongs to one group, once`)
      taken.add(param)
    }
    const complete = { ...defaults, ...group, params }
    this.check(complete)
    this.paramGroups.push(complete)
  }

  /** Updates every parameter that has a gradient. */
  abstract step(): void

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

  /** The state's very tensors, and numbers that JSON holds. */
  stateDict(): OptimizerState {
    const state: OptimizerState['state'] = {}
    let next = 0
    const groups = this.paramGroups.map(({ params, ...options }) => {
      const indices = params.map((param) => {
        const kept = this.state.get(param)
        if (kept !== undefined) state[next] = { ...kept }
        return next++
      })
      const entries = Object.entries(options).map(([name, value]) => [snakeCase(name), value])
      return { ...(Object.fromEntries(entries) as Record<string, OptionValue>), params: indices }
    })
    return { state, param_groups: groups }
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
        for (const [name, value] of Object.entries(kept)) {
          if (!(value instanceof Tensor) || value.rank === 0 || sameShape(value.shape, param.shape)) continue
          throw bad(
            `${name} of parameter ${p} of group ${g} has shape ${show(value.shape)}, expected ${show(param.shape)}`,
          )
        }
        loaded.set(param, kept)
      }
    }
    for (const [g, group] of this.paramGroups.entries()) {
      const { params: _, ...options } = from.param_groups[g] as OptimizerState['param_groups'][number]
      for (const [name, value] of Object.entries(options)) Object.assign(group, { [camelCase(name)]: value })
    }
    for (const kept of this.state.values())
      for (const value of Object.values(kept)) if (value instanceof Tensor) value.dispose()
    this.state.clear()
    for (const [param, kept] of loaded) this.state.set(param, this.#copy(param, kept))
  }

  #copy(param: Tensor, kept: ParamState): ParamState {
    const copy: ParamState = {}
    for (const [name, value] of Object.entries(kept)) {
      if (!(value instanceof Tensor)) copy[name] = value
      // PyTorch's own files hold the step count as a tensor of one element.
      else if (value.rank === 0) copy[name] = value.itemSync()
      else {
        const own = freshState(param)
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
      if (param.grad === null) continue
      const state = this.state.get(param) ?? {}
      this.state.set(param, state)
      const name = `${param.dtype} ${param.device} ${key(state)}`
      let batch = batches.get(name)
      if (batch === undefined) {
        batch = { key: key(state), params: [] }
        batches.set(name, batch)
      }
      batch.params.push({ param, grad: param.grad, state })
    }
    return batches.values()
  }
}

export interface Batch {
  readonly key: number
  readonly params: { readonly param: Tensor; readonly grad: Tensor; readonly state: ParamState }[]
}

/** Zeros for a parameter's state: made outside any scope, since they outlive the step. */
export function freshState(param: Tensor): Tensor {
  return outsideScopes(() => zerosLike(param))
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** @throws ValueError unless low <= value < high */
export function checkRange(who: string, name: string, value: number, low: number, high: number): void {
  if (value >= low && value < high) return
  const expected = high === Number.POSITIVE_INFINITY ? `at least ${low}` : `at least ${low} and less than ${high}`
  throw new ValueError(`${who}: ${name} is ${value}, expected ${expected}`)
}
