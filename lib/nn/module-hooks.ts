/**
 * Hooks on modules. Place in the whole: Module keeps none of this in its fields, which are its state; a table here does.
 * Semantics of torch.nn.Module's hooks.
 */
import { addHook, type HookHandle } from '../autograd/hooks.js'
import { gradMode } from '../autograd/mode.js'
import { recordMany } from '../autograd/node.js'
import { known } from '../check.js'
import { checkpoint, keepingCheckpoint } from '../derivatives/checkpoint.js'
import { trackLoose } from '../engine/net.js'
import { ValueError } from '../errors.js'
import { isTensor, viewOf } from '../ops/emit.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Module } from './module.js'

/** Gives other arguments (one that is no array counts as the only one), or undefined. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown
export type ForwardHook = (module: Module, args: readonly unknown[], result: unknown) => unknown
type Gradients = readonly (Tensor | null)[]
export type BackwardPreHook = (module: Module, gradOutputs: Gradients) => Gradients | undefined
export type BackwardHook = (module: Module, gradInputs: Gradients, gradOutputs: Gradients) => Gradients | undefined

const tables = new WeakMap<Module, ModuleHooks>()
let registered = 0

export const hooksOf = (module: Module): ModuleHooks | undefined => (registered === 0 ? undefined : tables.get(module))

type Kind = 'before' | 'after' | 'backwardBefore' | 'backwardAfter'

export interface HookOptions {
  /** Whether the hook runs before those registered earlier. Default false. */
  readonly prepend?: boolean
}

export function register<K extends Kind>(
  module: Module,
  kind: K,
  hook: ModuleHooks[K][number],
  options: HookOptions = {},
): HookHandle {
  known('Module hooks', options, ['prepend'])
  const list = tableOf(module)[kind] as unknown[]
  registered++
  const handle = addHook(list, hook, forget)
  if (options.prepend) list.unshift(list.pop())
  return handle
}

/**
 * Runs the module's forward in a checkpoint, as often as this was asked for and not taken back: once, as asked for last.
 * @param keep operators whose results are kept; null: of none
 */
export function checkpointed(module: Module, keep: readonly string[] | null): HookHandle {
  const hooks = tableOf(module)
  registered++
  const asked = { keep }
  hooks.checkpoints.push(asked)
  let there = true
  return {
    remove() {
      if (!there) return
      there = false
      hooks.checkpoints.splice(hooks.checkpoints.indexOf(asked), 1)
      forget()
    },
  }
}

function tableOf(module: Module): ModuleHooks {
  let hooks = tables.get(module)
  if (!hooks) {
    hooks = new ModuleHooks()
    tables.set(module, hooks)
  }
  return hooks
}

const forget = (): void => {
  registered--
}

class ModuleHooks {
  readonly before: ForwardPreHook[] = []
  readonly after: ForwardHook[] = []
  readonly backwardBefore: BackwardPreHook[] = []
  readonly backwardAfter: BackwardHook[] = []
  readonly checkpoints: { readonly keep: readonly string[] | null }[] = []

  #checkpointed(plain: (...args: readonly unknown[]) => unknown): (...args: readonly unknown[]) => unknown {
    const asked = this.checkpoints.at(-1)
    if (asked === undefined) return plain
    const { keep } = asked
    if (keep === null) return (...given) => checkpoint(plain, ...given)
    return (...given) => keepingCheckpoint(keep, false, plain, given)
  }

  run(module: Module, args: readonly unknown[], plain: (...args: readonly unknown[]) => unknown): unknown {
    for (const hook of this.before.slice()) {
      const other = hook(module, args) ?? args
      args = Array.isArray(other) ? other : [other]
    }
    // The hooks are outside: a checkpoint runs twice.
    const forward = this.#checkpointed(plain)
    const watched = gradMode.enabled && this.backwardBefore.length + this.backwardAfter.length > 0
    if (!watched) return this.#finish(module, args, forward(...args))
    const inputs = args.filter(isTensor)
    const waits = inputs.some((x) => x.requiresGrad)
    const between = new Between()
    const entries = identity(inputs, (gs) => {
      const outputs = between.take()
      try {
        return this.#entered(module, gs, outputs)
      } finally {
        for (const g of outputs) g?.dispose()
      }
    })
    const result = this.#finish(module, args, forward(...exchange(args, entries)))
    const keys = isPlain(result) ? Object.keys(result) : []
    const list: readonly unknown[] = Array.isArray(result) ? result : isPlain(result) ? Object.values(result) : [result]
    const exits = identity(list.filter(isTensor), (gs) => {
      const outputs = this.#left(module, gs)
      if (waits) between.put(outputs)
      // With no argument to wait for the module is done.
      else this.#entered(module, inputs.map(nothing), outputs)
      return outputs
    })
    const handed = exchange(list, exits)
    if (isPlain(result)) return Object.fromEntries(keys.map((key, i) => [key, handed[i]]))
    return Array.isArray(result) ? handed : handed[0]
  }

  #finish(module: Module, args: readonly unknown[], result: unknown): unknown {
    for (const hook of this.after.slice()) result = hook(module, args, result) ?? result
    return result
  }

  #left(module: Module, gs: Gradients): Gradients {
    for (const hook of this.backwardBefore.slice()) gs = sameCount('backward pre-hook', gs, hook(module, gs))
    return gs
  }

  #entered(module: Module, gs: Gradients, outputs: Gradients): Gradients {
    for (const hook of this.backwardAfter.slice()) gs = sameCount('backward hook', gs, hook(module, gs, outputs))
    return gs
  }
}

const nothing = (): null => null

/** Results by name. */
const isPlain = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype

/** `list` with its tensors replaced in order. */
function exchange(list: readonly unknown[], tensors: readonly Tensor[]): unknown[] {
  let next = 0
  return list.map((x) => (isTensor(x) ? tensors[next++] : x))
}

/** Gradients of the results, from when a pass leaves the module's end until it reaches its beginning. */
class Between {
  #grads: Gradients = []

  put(grads: Gradients): void {
    for (const g of this.#grads) g?.dispose()
    // Handles of their own, which the net frees where the pass never arrives.
    this.#grads = grads.map((g) => {
      const own = g?._alias() ?? null
      if (own) trackLoose(own)
      return own
    })
  }

  take(): Gradients {
    const grads = this.#grads
    this.#grads = []
    return grads
  }
}

function sameCount(what: string, before: Gradients, after: Gradients | undefined): Gradients {
  if (!after) return before
  if (after.length !== before.length)
    throw new ValueError(`${what}: gave ${after.length} gradients in place of ${before.length}`)
  return after
}

/** The tensors themselves as results of one operator, whose gradients all pass through `rule`. */
function identity(tensors: readonly Tensor[], rule: (gs: Gradients) => Gradients): readonly Tensor[] {
  if (!tensors.some((t) => t.requiresGrad)) return tensors
  const views = tensors.map((t) => viewOf('moduleHook', t, t.shape, t._strides))
  recordMany('moduleHook', views, [...tensors], null, (gs) => [...rule(gs)])
  return views
}
