/** Tensor.backward and the hooks on gradients, as methods. */
import { anomaly } from '../autograd/anomaly.js'
import { type BackwardOptions, backward } from '../autograd/backward.js'
import {
  type AccumulatedHook,
  type GradHook,
  type HookHandle,
  registerHook,
  registerPostAccumulateGradHook,
} from '../autograd/hooks.js'
import { noGrad } from '../autograd/mode.js'
import { keep, scope } from '../engine/lifetime.js'
import type { DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { method } from './emit.js'
import { any } from './reduce.js'
import { isnan } from './unary.js'

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** Adds the gradient of this tensor to the `grad` of every leaf it was computed from. See BackwardOptions. */
    backward(options?: BackwardOptions): void
    /**
     * Calls `hook` with this tensor's gradient in every backward pass, once it is complete; a tensor that the hook returns
     * takes the gradient's place.
     */
    registerHook(hook: GradHook): HookHandle
    /** On leaves: calls `hook` with the leaf once its `grad` has received everything of a backward pass. */
    registerPostAccumulateGradHook(hook: AccumulatedHook): HookHandle
    /** Makes backward passes set `grad` on this tensor though it is no leaf. Returns this. */
    retainGrad(): this
  }
}
method('backward', function (this: Tensor, options?: BackwardOptions) {
  backward(this, options)
})
method('registerHook', function (this: Tensor, hook: GradHook) {
  return registerHook(this, hook)
})
method('registerPostAccumulateGradHook', function (this: Tensor, hook: AccumulatedHook) {
  return registerPostAccumulateGradHook(this, hook)
})
method('retainGrad', function (this: Tensor) {
  if (this._node === null) return this
  const self = new WeakRef(this)
  registerHook(this, (g) => {
    const t = self.deref()
    if (!t || t.isDisposed) return
    const before = t.grad
    t.grad = keep(before ? (before.add(g) as Tensor) : g)
    before?.dispose()
  })
  return this
})

anomaly.holdsNaN = (t) => scope(() => noGrad(() => any(isnan(t)).itemSync() !== 0))
