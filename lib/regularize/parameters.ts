// Which parameters are meant. Place in the whole: functions of lib/regularize take a model, of which they mean the weights, or parameters.
import { ValueError } from '../errors.js'
import { Module } from '../nn/module.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** A model: its trainable parameters of two dimensions and more, so neither biases nor the weights of norms. Or the very parameters. */
export type Regularized = Module | Iterable<Tensor>

/** @throws ValueError for none, and for tensors that are not floating-point */
export function parametersOf(who: string, of: Regularized): Tensor[] {
  const params = of instanceof Module ? [...of.parameters()].filter((p) => p.requiresGrad && p.rank >= 2) : [...of]
  if (params.length === 0) {
    const where =
      of instanceof Module ? 'the model has no trainable parameter of two dimensions or more' : 'no parameters'
    throw new ValueError(`${who}: ${where}; give the parameters that are meant`)
  }
  for (const p of params)
    if (!(p instanceof Tensor) || !isFloating(p.dtype))
      throw new ValueError(
        `${who}: takes floating-point parameters, got ${p instanceof Tensor ? `${p.dtype} ${show(p.shape)}` : typeof p}`,
      )
  return params
}

/** @throws ValueError unless the value is finite and at least 0 */
export function strength(who: string, name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value)))
    throw new ValueError(`${who}: ${name} is ${value}, expected a finite number of at least 0`)
}
