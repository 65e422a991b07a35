// The base of every layer and model. Place in the whole: lib/nn builds on it, models and users derive from it; it knows
// tensors and scopes, nothing of training.
//
// Whatever is assigned to a field is registered: a Parameter, a Buffer, another Module. Names follow PyTorch: a field in
// camelCase has its snake_case name (`this.runningMean` is `running_mean`), so that state dicts go both ways.
import type { HookHandle } from '../autograd/hooks.js'
import { isGradEnabled } from '../autograd/mode.js'
import { noteOwner, scope, type TensorOwner } from '../engine/lifetime.js'
import { profiling } from '../engine/profiling.js'
import { ValueError } from '../errors.js'
import type { Sequences, SequencesLike } from '../ops/recurrent.js'
import { CODE, type DType, isFloating } from '../tensor/dtype.js'
import type { Fits, LastDim, ShapeOf } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import { leaving } from './error-path.js'
import {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookOptions,
  hooksOf,
  register,
} from './module-hooks.js'
import { Buffer, castHeld, moveHeld, Parameter } from './parameter.js'
import { checkStateDict, type LoadReport, type StateDict } from './state-dict.js'

/** A module that maps the last dimension from In to Out says so by this type (Linear), and its calls are checked by it. */
interface MapsLast<In extends number, Out extends number> {
  readonly _mapsLast: readonly [In, Out]
}

/** A recurrent layer says by this type what its states are: its calls give sequences of the kind that they take, and states. */
interface Recurs<States> {
  readonly _states: States
}

/** `unknown` for arguments that fit, else what is wrong. */
type Accepts<M, A extends readonly unknown[]> =
  M extends MapsLast<infer In, infer Out>
    ? A extends readonly [Tensor<DType, infer S>]
      ? [Fits<LastDim<S, In, Out>>]
      : unknown
    : unknown

/** Result of a call: forward's, with the shape where the types know it. */
type Called<M extends Module, A extends readonly unknown[]> =
  M extends MapsLast<infer In, infer Out>
    ? A extends readonly [Tensor<DType, infer S>]
      ? Tensor<DType, ShapeOf<LastDim<S, In, Out>>>
      : ReturnType<M['forward']>
    : M extends Recurs<infer States>
      ? A extends readonly [infer X extends Sequences, ...unknown[]]
        ? [SequencesLike<X>, States]
        : ReturnType<M['forward']>
      : ReturnType<M['forward']>

let depth = 0

export abstract class Module implements TensorOwner {
  /** Names, in state dicts, of fields that have another than their own in snake_case: field to name. */
  static readonly stateNames: Readonly<Record<string, string>> = {}

  /** True in training mode; dropout and batch norm behave differently in evaluation mode. */
  training = true

  constructor() {
    noteOwner(this)
  }

  /** The computation. Call it through `call`. */
  // `any`: subclasses narrow arguments and result, and `call` reads them from here
  abstract forward(...args: any[]): any

  /**
   * Runs `forward`. The outermost call under `noGrad` is a scope of its own: of the tensors made inside only those
   * returned, or held by modules, survive. The message of an error from a module further in ends with that module's path.
   */
  call<A extends Parameters<this['forward']>>(...args: A & Accepts<this, A>): Called<this, A>
  // `any`: what the signature above promises depends on types that only the caller knows
  call(...args: any): any {
    if (depth > 0) return this.#run(args)
    return isGradEnabled() ? this.#outermost(args) : scope(() => this.#outermost(args))
  }

  // An owner speaks for all modules below it, so the outermost is noted alone, in the scope whose end it must outlive.
  #outermost(args: Parameters<this['forward']>): ReturnType<this['forward']> {
    noteOwner(this)
    return this.#run(args)
  }

  #run(args: Parameters<this['forward']>): ReturnType<this['forward']> {
    if (profiling.session !== null) return profiling.session.range('module', this, () => this.#forward(args))
    return this.#forward(args)
  }

  #forward(args: Parameters<this['forward']>): ReturnType<this['forward']> {
    depth++
    try {
      const hooks = hooksOf(this)
      return hooks === undefined
        ? this.forward(...args)
        : (hooks.run(this, args, (...given) => this.forward(...given)) as ReturnType<this['forward']>)
    } catch (error) {
      leaving(this, error, depth === 1)
      throw error
    } finally {
      depth--
    }
  }

  // ---- hooks

  // They run in the order of their registration; one that is removed during a call still runs in that call.

  /** Calls `hook` before `forward`; arguments that it returns (an array, or the only one) take the place of the given ones. */
  registerForwardPreHook(hook: ForwardPreHook, options: HookOptions = {}): HookHandle {
    return register(this, 'before', hook, options)
  }

  /** Calls `hook` after `forward`; a result that it returns takes the place of forward's. */
  registerForwardHook(hook: ForwardHook, options: HookOptions = {}): HookHandle {
    return register(this, 'after', hook, options)
  }

  /**
   * Calls `hook` in backward with the gradients of this module's tensor results (one tensor, an array of them, or by name in a plain
   * object), before they go through it; gradients that it returns take their place.
   */
  registerFullBackwardPreHook(hook: BackwardPreHook, options: HookOptions = {}): HookHandle {
    return register(this, 'backwardBefore', hook, options)
  }

  /**
   * Calls `hook` in backward once the gradients of this module's tensor arguments are known, with those of its results;
   * gradients that it returns take the place of the arguments'. Null where there is none.
   */
  registerFullBackwardHook(hook: BackwardHook, options: HookOptions = {}): HookHandle {
    return register(this, 'backwardAfter', hook, options)
  }

  // ---- what is inside

  /** The modules in this one's fields, by name. */
  *namedChildren(): Generator<[string, Module]> {
    for (const [name, value] of this._fields()) if (value instanceof Module) yield [name, value]
  }

  /** This module ('') and all below it, each once. */
  *namedModules(prefix = '', seen: Set<Module> = new Set()): Generator<[string, Module]> {
    if (seen.has(this)) return
    seen.add(this)
    yield [prefix, this]
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(join(prefix, name), seen)
  }

  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module
  }

  /** All parameters, each once, even where two modules share one. */
  *namedParameters(): Generator<[string, Parameter]> {
    const seen = new Set<Parameter>()
    for (const [name, tensor] of this._namedTensors()) {
      if (!(tensor instanceof Parameter) || seen.has(tensor)) continue
      seen.add(tensor)
      yield [name, tensor]
    }
  }

  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter
  }

  *namedBuffers(): Generator<[string, Buffer]> {
    const seen = new Set<Buffer>()
    for (const [name, tensor] of this._namedTensors()) {
      if (!(tensor instanceof Buffer) || seen.has(tensor)) continue
      seen.add(tensor)
      yield [name, tensor]
    }
  }

  *buffers(): Generator<Buffer> {
    for (const [, buffer] of this.namedBuffers()) yield buffer
  }

  /** Every tensor that fields hold, caches in arrays and Maps included: what a closing scope must spare. */
  ownedTensors(): Tensor[] {
    const found: Tensor[] = []
    collect(this, found, new Set())
    return found
  }

  // ---- changes to all of it

  /** Switches this module and all below to training mode (or, with false, to evaluation mode). */
  train(on = true): this {
    for (const module of this.modules()) module.training = on
    return this
  }

  eval(): this {
    return this.train(false)
  }

  /** Calls `fn` with every module, children first. */
  apply(fn: (module: Module) => void): this {
    for (const module of [...this.modules()].reverse()) fn(module)
    return this
  }

  /**
   * With a dtype: casts floating-point parameters, their gradients, and buffers. With a device's name: moves all of them there. The objects
   * stay the same, so optimizers go on referring to them, and what is tied stays tied. Move a model before its optimizer has made state.
   *
   * @throws ValueError for a dtype that is not a floating-point one, DeviceError for a device that is not there
   */
  to(target: DType | (string & {})): this {
    const held = [...this.parameters(), ...this.buffers()]
    if (!(target in CODE)) moveHeld(held, target)
    else if (isFloating(target as DType)) castHeld(held, target as DType)
    else throw new ValueError(`Module.to: ${target} is not a floating-point dtype`)
    return this
  }

  /** Whether the parameters collect gradients: `requiresGrad_(false)` freezes them. */
  requiresGrad_(on = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(on)
    return this
  }

  /** Frees all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) {
      parameter.grad?.dispose()
      parameter.grad = null
    }
  }

  /** Frees parameters and buffers now; the module cannot be used afterwards. */
  dispose(): void {
    for (const tensor of this.ownedTensors()) tensor.dispose()
  }

  // ---- state

  /** Parameters and persistent buffers by PyTorch's names: the very tensors, not copies. */
  stateDict(): StateDict {
    const state: StateDict = new Map()
    for (const [name, tensor] of this._namedTensors()) {
      if (tensor instanceof Parameter || tensor.persistent) state.set(name, tensor)
    }
    return state
  }

  /**
   * Copies a state dict's values into the parameters and buffers, cast to their dtypes; nothing is changed unless all
   * of it fits. A tensor that the module has under several names may come under one of them.
   * @param options.strict whether missing or unexpected names are an error (default true)
   * @throws StateDictError naming the missing and unexpected entries, those of another shape or kind of numbers, and what is no tensor
   */
  loadStateDict(
    state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    { strict = true }: { strict?: boolean } = {},
  ): LoadReport {
    return checkStateDict(this.constructor.name, this.stateDict(), state, strict)
  }

  // ---- fields

  /** Whatever may hold tensors or modules; walked after every step, so it makes no names. */
  _held(): Iterable<unknown> {
    return Object.values(this)
  }

  /** What the fields register, by PyTorch's names. */
  *_fields(): Generator<[string, Module | Parameter | Buffer]> {
    const fields = new Map<string, string>()
    for (const [field, value] of Object.entries(this)) {
      if (Array.isArray(value) && value.some((item) => item instanceof Module || item instanceof Parameter)) {
        const message = `${this.constructor.name}: field '${field}' is a plain array of modules or parameters, which would`
        throw new ValueError(`${message} be neither trained nor saved: make it a ModuleList or ParameterList`)
      }
      if (!(value instanceof Module || value instanceof Parameter || value instanceof Buffer)) continue
      const name = this.#nameOf(field)
      const other = fields.get(name)
      if (other !== undefined) {
        throw new ValueError(`${this.constructor.name}: fields '${other}' and '${field}' have one name, '${name}'`)
      }
      fields.set(name, field)
      yield [name, value]
    }
  }

  /** Puts a module in the place of the child of that name. */
  _setChild(name: string, module: Module): void {
    this.#set(name, module, Module)
  }

  /** Puts a parameter in the place of this module's own of that name. */
  _setParameter(name: string, parameter: Parameter): void {
    this.#set(name, parameter, Parameter)
  }

  #set(name: string, value: Module | Parameter, kind: typeof Module | typeof Parameter): void {
    for (const [field, before] of Object.entries(this)) {
      if (!(before instanceof kind) || this.#nameOf(field) !== name) continue
      Object.assign(this, { [field]: value })
      return
    }
    throw new ValueError(`${this.constructor.name}: has no ${kind.name.toLowerCase()} called '${name}'`)
  }

  #nameOf(field: string): string {
    return (this.constructor as typeof Module).stateNames[field] ?? snakeCase(field)
  }

  /** In PyTorch's order: a module's parameters, its buffers, then its children. What is shared comes once a name. */
  *_namedTensors(prefix = ''): Generator<[string, Parameter | Buffer]> {
    const fields = [...this._fields()].map(([name, value]) => [join(prefix, name), value] as const)
    for (const [name, value] of fields) if (value instanceof Parameter) yield [name, value]
    for (const [name, value] of fields) if (value instanceof Buffer) yield [name, value]
    for (const [name, value] of fields) if (value instanceof Module) yield* value._namedTensors(name)
  }
}

function collect(value: unknown, found: Tensor[], seen: Set<Module>): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Tensor) found.push(value)
  else if (value instanceof Module) {
    if (seen.has(value)) return
    seen.add(value)
    for (const item of value._held()) collect(item, found, seen)
  } else if (typeof (value as TensorOwner).ownedTensors === 'function')
    found.push(...(value as TensorOwner).ownedTensors())
  else if (Array.isArray(value) || value instanceof Set) for (const item of value) collect(item, found, seen)
  else if (value instanceof Map) for (const item of value.values()) collect(item, found, seen)
}

const snakeCase = (field: string): string =>
  field.replace(/([a-z0-9])([A-Z])/g, (_, before: string, letter: string) => `${before}_${letter.toLowerCase()}`)

const join = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`)
