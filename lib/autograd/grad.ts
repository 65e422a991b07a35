/** Gradients as values. Place in the whole: beside backward.ts; the base of the functional derivatives (functional.ts). */
import { adopt } from '../engine/lifetime.js'
import { AutogradError, ValueError } from '../errors.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { rootOf } from './backward.js'
import { withGradMode } from './mode.js'
import { Capture, runPass } from './pass.js'

export interface GradOptions {
  /** Gradients of the outputs, one for each; null or absent means 1 for an output of one element. */
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null
  /** Keep the graph for another pass. Default: `createGraph`. */
  retainGraph?: boolean
  /** Record the pass itself, for higher derivatives. */
  createGraph?: boolean
  /** Give null for inputs that the outputs do not depend on, instead of throwing. */
  allowUnused?: boolean
}

const list = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T])

/**
 * Gradients of the outputs' sum, weighted by `gradOutputs`, with respect to the inputs, which may be leaves or results of
 * operators. No `grad` is touched, and only what lies on a path to the inputs is computed. Definition: torch.autograd.grad.
 *
 * @returns one gradient an input, of its shape and dtype; with `allowUnused` null where there is no path
 * @throws AutogradError when an input does not require gradients, or is not reached and `allowUnused` is not set
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): (Tensor | null)[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const results = list(outputs)
  const wanted = list(inputs)
  const weights = options.gradOutputs ? list(options.gradOutputs) : []
  if (weights.length > results.length)
    throw new ValueError(`grad: ${weights.length} gradients for ${results.length} outputs`)
  wanted.forEach((t, i) => {
    if (!t.requiresGrad)
      throw new AutogradError(
        `grad: input ${i} ${show(t.shape)} does not require gradients; call requiresGrad_() on it`,
      )
  })
  const createGraph = options.createGraph ?? false
  const capture = new Capture(wanted)
  withGradMode(createGraph, () => {
    const roots = results.map((t, i) => rootOf('grad', t, weights[i]))
    runPass(roots, options.retainGraph ?? createGraph, capture)
  })
  // A tensor that is wanted twice was captured for the last of its places.
  const grads = wanted.map((t, i) => {
    const g = capture.grads[i]
    if (g) return g
    const same = wanted.findIndex((other, k) => k > i && samePlace(other, t) && capture.grads[k] !== null)
    return same < 0 ? null : (capture.grads[same] as Tensor)._alias()
  })
  for (const g of grads) if (g) adopt(g)
  const missing = grads.indexOf(null)
  if (missing >= 0 && !options.allowUnused) {
    for (const g of grads) g?.dispose()
    throw new AutogradError(
      `grad: the outputs do not depend on input ${missing}; pass {allowUnused: true} to get null for it`,
    )
  }
  return grads
}

const samePlace = (a: Tensor, b: Tensor): boolean =>
  a._node !== null ? a._node === b._node : b._node === null && (a._leaf ?? a) === (b._leaf ?? b)
