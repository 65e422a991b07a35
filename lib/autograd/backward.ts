/** Tensor.backward: gradients into the leaves. Place in the whole: checks its arguments and starts a pass (pass.ts). */
import { collecting } from '../engine/lifetime.js'
import { AutogradError, DTypeError, ShapeError } from '../errors.js'
import { isComplex } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { onesLike } from './accumulate.js'
import { withGradMode } from './mode.js'
import { Capture, type Root, runPass } from './pass.js'

export interface BackwardOptions {
  /** Gradient of the result; needed when it has more than one element. Same shape and dtype. */
  gradient?: Tensor
  /** Keep the graph for another backward. Default: `createGraph`. */
  retainGraph?: boolean
  /** Record the backward pass itself, for higher derivatives. */
  createGraph?: boolean
  /** Leaves whose `grad` is wanted; default: all that the result was computed from. */
  inputs?: readonly Tensor[]
}

/** Accumulates gradients of `root` into the `grad` of every leaf it was computed from. */
export function backward(root: Tensor, options: BackwardOptions = {}): void {
  const { gradient, inputs } = options
  if (inputs?.some((t) => t._node !== null || !t.requiresGrad))
    throw new AutogradError('backward: `inputs` are leaves that require gradients; use grad() for other tensors')
  const createGraph = options.createGraph ?? false
  withGradMode(createGraph, () => {
    const first = rootOf('backward', root, gradient)
    const retain = options.retainGraph ?? createGraph
    if (!inputs) {
      runPass([first], retain, null)
      return
    }
    const capture = new Capture(inputs)
    runPass([first], retain, capture)
    const roots: Root[] = []
    inputs.forEach((tensor, i) => {
      const g = capture.grads[i]
      if (g) roots.push({ tensor, gradient: g })
    })
    // The leaves themselves are the results of this pass: hooks and accumulation as ever.
    runPass(roots, true, null)
  })
}

/** A result with its gradient: the given one, or 1 for a single number. */
export function rootOf(what: string, tensor: Tensor, gradient: Tensor | null | undefined): Root {
  if (!tensor.requiresGrad) {
    throw new AutogradError(`${what}: the tensor does not require gradients and was not computed from one that does`)
  }
  if (!gradient) {
    if (isComplex(tensor.dtype)) {
      throw new AutogradError(
        `${what}: the tensor is ${tensor.dtype}, and a complex number has no gradient of its own; pass {gradient}, or take a real number such as abs()`,
      )
    }
    if (tensor.numel !== 1) {
      throw new AutogradError(
        `${what}: the tensor has shape ${show(tensor.shape)}; pass {gradient}, or reduce it to one number`,
      )
    }
    return { tensor, gradient: collecting([], () => onesLike(tensor)) }
  }
  if (!sameShape(gradient.shape, tensor.shape))
    throw new ShapeError(`${what}: gradient ${show(gradient.shape)} for a tensor ${show(tensor.shape)}`)
  if (gradient.dtype !== tensor.dtype)
    throw new DTypeError(`${what}: a gradient of ${gradient.dtype} for a tensor of ${tensor.dtype}`)
  return { tensor, gradient: gradient._alias() }
}
