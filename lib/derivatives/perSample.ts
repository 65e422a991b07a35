/** Gradients of every sample's own loss. Place in the whole: for differential privacy, influence and gradient noise. */
import { grad } from '../autograd/grad.js'
import { enableGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { AutogradError, ShapeError } from '../errors.js'
import { contiguous } from '../ops/convert.js'
import { zerosLike } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { vmap } from './vmap.js'

/**
 * Gradient of the loss of every sample by the parameters: for each parameter a tensor (samples, ...its shape). `loss` takes one
 * sample's slices of `inputs` (their first axis is the batch) and gives one number; it may use modules and tensors from
 * elsewhere, and random operators, which draw for every sample. Nothing is added to any `grad`. One forward and one backward
 * pass for the whole batch (vmap), whose memory is the samples' gradients.
 *
 * @throws AutogradError when a parameter requires no gradients; ShapeError when the loss is not one number
 */
export function perSampleGradients(
  loss: (...sample: Tensor[]) => Tensor,
  parameters: readonly Tensor[],
  ...inputs: readonly Tensor[]
): Tensor[] {
  for (const [i, p] of parameters.entries())
    if (!p.requiresGrad) throw new AutogradError(`perSampleGradients: parameter ${i} does not require gradients`)
  const gradients = (...sample: Tensor[]): Tensor[] =>
    enableGrad(() => {
      const y = loss(...sample)
      if (!isTensor(y) || y.numel !== 1)
        throw new ShapeError(
          `perSampleGradients: the loss must give one number${isTensor(y) ? `, not ${show(y.shape)}` : ''}`,
        )
      if (!y.requiresGrad) return parameters.map((p) => zerosLike(p))
      return grad(y, parameters, { allowUnused: true }).map((g, k) => g ?? zerosLike(parameters[k] as Tensor))
    })
  return scope(() => vmap(gradients, { randomness: 'different' })(...inputs).map((g) => contiguous(g)))
}
