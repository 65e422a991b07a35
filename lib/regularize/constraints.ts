// What weights are kept to after a step. Place in the whole: after the optimizer's step, in place and on the device.
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { copy_, mul_ } from '../ops/inplace.js'
import { renorm } from '../ops/vector-norm.js'
import { show } from '../tensor/shape.js'
import { parametersOf, type Regularized, strength } from './parameters.js'

/**
 * Bounds the 2-norm of what comes into each unit (Srebro and Shraibman 2005; with dropout Hinton and others 2012): every row along `axis` (default 0,
 * an output of a Linear layer or a filter) that is longer than `max` is scaled down to it. Definition: torch.renorm.
 *
 * @throws ValueError unless `max` is more than 0, ShapeError for a parameter without such an axis
 */
export function maxNorm(of: Regularized, max: number, options: { readonly axis?: number } = {}): void {
  known('maxNorm', options, ['axis'])
  const { axis = 0 } = options
  if (!(max > 0 && Number.isFinite(max)))
    throw new ValueError(`maxNorm: the norm is ${max}, expected a finite number of more than 0`)
  const params = parametersOf('maxNorm', of)
  for (const p of params)
    if (!(Number.isInteger(axis) && axis >= 0 && axis < p.rank) || p.rank < 2)
      throw new ShapeError(`maxNorm: axis ${axis} of a parameter ${show(p.shape)}, expected one of two or more`)
  noGrad(() =>
    scope(() => {
      for (const p of params) copy_(p, renorm(p, 2, axis, max))
    }),
  )
}

/**
 * Weight decay apart from the gradient, for an optimizer that does not have it (Loshchilov and Hutter 2019): w = (1 - lr weightDecay) w. Call it before the
 * optimizer's step, as AdamW does.
 */
export function decoupledDecay(of: Regularized, options: { readonly lr: number; readonly weightDecay: number }): void {
  known('decoupledDecay', options, ['lr', 'weightDecay'])
  const { lr, weightDecay } = options
  strength('decoupledDecay', 'lr', lr)
  strength('decoupledDecay', 'weightDecay', weightDecay)
  const params = parametersOf('decoupledDecay', of)
  noGrad(() => {
    for (const p of params) mul_(p, 1 - lr * weightDecay)
  })
}
