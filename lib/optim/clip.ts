// Gradient clipping. Place in the whole: between backward and the optimizer's step; all of it stays on the device.
import { noGrad } from '../autograd/mode.js'
import { ValueError } from '../errors.js'
import { add, div, minimum } from '../ops/binary.js'
import { mul_ } from '../ops/inplace.js'
import { totalNorm } from '../ops/reduce.js'
import type { Tensor } from '../tensor/tensor.js'

/**
 * Scales all gradients by one factor so that their joint 2-norm is at most `maxNorm` (torch's clip_grad_norm_, its 1e-6
 * in the denominator included). Returns the norm before clipping, a tensor that nothing has waited for.
 */
export function clipGradNorm(params: Iterable<Tensor>, maxNorm: number): Tensor<'f32'> {
  if (!(maxNorm > 0)) throw new ValueError(`clipGradNorm: maxNorm is ${maxNorm}, expected more than 0`)
  const grads = [...params].map((param) => param.grad).filter((grad) => grad !== null)
  if (grads.length === 0) throw new ValueError('clipGradNorm: no parameter has a gradient: call it after backward')
  return noGrad(() => {
    const norm = totalNorm(grads)
    const factor = minimum(div(maxNorm, add(norm, 1e-6)), 1)
    for (const grad of grads) mul_(grad, factor)
    return norm
  })
}
