// Gradient clipping. Place in the whole: between backward and the optimizer's step; all of it stays on the device.
import { noGrad } from '../autograd/mode.js'
import { ValueError } from '../errors.js'
import { clampEach_, clipToNorm_, type TotalNormOptions, totalNorm } from '../ops/gradientNorm.js'
import type { Tensor } from '../tensor/tensor.js'

/**
 * Scales all gradients by one factor so that their joint norm is at most `maxNorm` (torch's clip_grad_norm_, its 1e-6 in the
 * denominator included): one pass for the norm and one for the gradients. Returns the norm before clipping, a tensor that
 * nothing has waited for.
 *
 * @param options the order of the norm (default 2; a positive number or Infinity), and whether a norm that is infinite or NaN
 *   is an error: reading the norm, or anything that came of these gradients, then rejects. Await the norm before the optimizer's
 *   step in that case, which would hand the error on to the parameters. Without it the gradients become 0 or NaN, as in PyTorch.
 */
export function clipGradNorm(params: Iterable<Tensor>, maxNorm: number, options: TotalNormOptions = {}): Tensor {
  if (!(maxNorm > 0)) throw new ValueError(`clipGradNorm: maxNorm is ${maxNorm}, expected more than 0`)
  const grads = gradients('clipGradNorm', params)
  return noGrad(() => {
    const norm = totalNorm(grads, options)
    clipToNorm_(grads, norm, maxNorm)
    return norm
  })
}

/** Bounds every element of every gradient to -clipValue .. clipValue (torch's clip_grad_value_), in one pass. */
export function clipGradValue(params: Iterable<Tensor>, clipValue: number): void {
  if (!(clipValue > 0)) throw new ValueError(`clipGradValue: clipValue is ${clipValue}, expected more than 0`)
  const grads = gradients('clipGradValue', params)
  noGrad(() => clampEach_(grads, -clipValue, clipValue))
}

function gradients(who: string, params: Iterable<Tensor>): Tensor[] {
  const grads = [...params].map((param) => param.grad).filter((grad) => grad !== null)
  if (grads.length === 0) throw new ValueError(`${who}: no parameter has a gradient: call it after backward`)
  return grads
}
