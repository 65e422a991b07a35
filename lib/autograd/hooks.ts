/**
 * Functions that users hang on gradients. Place in the whole: read by pass.ts; registered through methods of Tensor
 * (lib/ops/backward.ts).
 *
 * Results of operators keep their hooks at their node; leaves in a table here, which costs nothing while it is empty.
 */
import { adopt } from '../engine/lifetime.js'
import { AutogradError, DTypeError, ShapeError } from '../errors.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** Sees the complete gradient of a tensor; what it returns, if anything, takes its place. */
export type GradHook = (gradient: Tensor) => Tensor | undefined | null
/** Called once a leaf's `grad` has received everything of a backward pass. */
export type AccumulatedHook = (leaf: Tensor) => void

export interface HookHandle {
  /** Takes the hook away; again does nothing. */
  remove(): void
}

export interface LeafHooks {
  gradient: GradHook[]
  accumulated: AccumulatedHook[]
}

const leaves = new WeakMap<Tensor, LeafHooks>()
/** Hooks ever registered on leaves: 0 lets a pass skip the table. */
let registered = 0

export const leafHooks = (leaf: Tensor): LeafHooks | undefined => (registered === 0 ? undefined : leaves.get(leaf))
export const anyLeafHooks = (): boolean => registered !== 0

/** Adds `hook` to a list and gives the handle that removes it. */
export function addHook<T>(list: T[], hook: T, removed?: () => void): HookHandle {
  list.push(hook)
  let there = true
  return {
    remove() {
      if (!there) return
      there = false
      list.splice(list.indexOf(hook), 1)
      removed?.()
    },
  }
}

function tableOf(leaf: Tensor): LeafHooks {
  let hooks = leaves.get(leaf)
  if (!hooks) {
    hooks = { gradient: [], accumulated: [] }
    leaves.set(leaf, hooks)
  }
  return hooks
}

const forget = (): void => {
  registered--
}

export function registerHook(t: Tensor, hook: GradHook): HookHandle {
  if (!t.requiresGrad) throw new AutogradError('registerHook: the tensor does not require gradients')
  if (t._node !== null) return addHook((t._node.hooks ??= []), hook)
  registered++
  return addHook(tableOf(t._leaf ?? t).gradient, hook, forget)
}

export function registerPostAccumulateGradHook(t: Tensor, hook: AccumulatedHook): HookHandle {
  if (!t.requiresGrad || t._node !== null)
    throw new AutogradError('registerPostAccumulateGradHook: only a leaf that requires gradients collects them')
  registered++
  return addHook(tableOf(t._leaf ?? t).accumulated, hook, forget)
}

/** Shows a gradient (taken over) to the hooks in turn; gives what they leave of it. */
export function applyHooks(hooks: readonly GradHook[], g: Tensor): Tensor {
  for (const hook of hooks.slice()) {
    // A handle of the user's own, which lives as long as what else is made around the backward pass.
    const shown = g._alias()
    adopt(shown)
    const result = hook(shown)
    if (!result) continue
    if (!sameShape(result.shape, g.shape))
      throw new ShapeError(`hook: gave a gradient ${show(result.shape)} in place of one of ${show(g.shape)}`)
    if (result.dtype !== g.dtype)
      throw new DTypeError(`hook: gave a gradient of ${result.dtype} in place of one of ${g.dtype}`)
    const next = result._alias()
    g.dispose()
    g = next
  }
  return g
}
