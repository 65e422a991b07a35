/**
 * Hooks on modules. Place in the whole: Module keeps none of this in its fields, which are its state; a table here does.
 * Semantics of torch.nn.Module's hooks.
 */
import { addHook, type HookHandle } from '../autograd/hooks.js'
import { gradMode } from '../autograd/mode.js'
import { recordMany } from '../autograd/node.js'
import { trackLoose } from '../engine/net.js'
import { ValueError } from '../errors.js'
import { isTensor, viewOf } from '../ops/emit.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Module } from './module.js'

export type ForwardPreHook = (module: Module, args: readonly unknown[]) => readonly unknown[] | undefined
export type ForwardHook = (module: Module, args: readonly unknown[], result: unknown) => unknown
type Gradients = readonly (Tensor | null)[]
export type BackwardPreHook = (module: Module, gradOutputs: Gradients) => Gradients | undefined
export type BackwardHook = (module: Module, gradInputs: Gradients, gradOutputs: Gradients) => Gradients | undefined

const tables = new WeakMap<Module, ModuleHooks>()
let registered = 0

export const hooksOf = (module: Module): ModuleHooks | undefined => (registered === 0 ? undefined : tables.get(module))

type Kind = 'before' | 'after' | 'backwardBefore' | 'backwardAfter'

export function register<K extends Kind>(module: Module, kind: K, hook: ModuleHooks[K][number]): HookHandle {
  let hooks = tables.get(module)
  if (!hooks) {
    hooks = new ModuleHooks()
    tables.set(module, hooks)
  }
  registered++
  return addHook(hooks[kind] as unknown[], hook, () => {
    registered--
  })
}

class ModuleHooks {
  readonly before: ForwardPreHook[] = []
  readonly after: ForwardHook[] = []
  readonly backwardBefore: BackwardPreHook[] = []
  readonly backwardAfter: BackwardHook[] = []

  run(module: Module, args: readonly unknown[], forward: (...args: readonly unknown[]) => unknown): unknown {
    for (const hook of this.before.slice()) args = hook(module, args) ?? args
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
    const list: readonly unknown[] = Array.isArray(result) ? result : [result]
    const exits = identity(list.filter(isTensor), (gs) => {
      const outputs = this.#left(module, gs)
      if (waits) between.put(outputs)
      // With no argument to wait for the module is done.
      else this.#entered(module, inputs.map(nothing), outputs)
      return outputs
    })
    const handed = exchange(list, exits)
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
