// Steps that make exact zeros. Place in the whole: after the optimizer's step, in place and on the device. The proximal operators of lambda |w| and
// of lambda ||row||; Daubechies, Defrise and De Mol 2004; Yuan and Lin 2006 for groups.
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError } from '../errors.js'
import { softshrink } from '../ops/activations.js'
import { div, maximum, mul, sub } from '../ops/binary.js'
import { copy_ } from '../ops/inplace.js'
import { sum } from '../ops/reduce.js'
import { clamp, sqrt } from '../ops/unary.js'
import { show } from '../tensor/shape.js'
import { parametersOf, type Regularized, strength } from './parameters.js'

/**
 * Soft thresholding: every weight goes `lr * lambda` towards 0 and stays there. After each step of SGD with rate `lr` on the loss alone this is
 * proximal gradient descent on loss + lambda sum |w| (ISTA), which, unlike the penalty's gradient, ends at exact zeros.
 */
export function proximalL1(of: Regularized, options: { readonly lr: number; readonly lambda: number }): void {
  known('proximalL1', options, ['lr', 'lambda'])
  const { lr, lambda } = options
  strength('proximalL1', 'lr', lr)
  strength('proximalL1', 'lambda', lambda)
  const params = parametersOf('proximalL1', of)
  noGrad(() =>
    scope(() => {
      for (const p of params) copy_(p, softshrink(p, lr * lambda))
    }),
  )
}

/**
 * The same of whole groups: every row of a weight along `axis` (default 0, the outputs of a Linear layer or the filters of a convolution) becomes
 * shorter by `lr * lambda`, down to 0. What is left of it are layers that can be made smaller.
 *
 * @throws ShapeError for a parameter without such an axis
 */
export function proximalGroups(
  of: Regularized,
  options: { readonly lr: number; readonly lambda: number; readonly axis?: number },
): void {
  known('proximalGroups', options, ['lr', 'lambda', 'axis'])
  const { lr, lambda, axis = 0 } = options
  strength('proximalGroups', 'lr', lr)
  strength('proximalGroups', 'lambda', lambda)
  const params = parametersOf('proximalGroups', of)
  for (const p of params)
    if (!(Number.isInteger(axis) && axis >= 0 && axis < p.rank))
      throw new ShapeError(`proximalGroups: axis ${axis} of a parameter ${show(p.shape)}, expected 0 to ${p.rank - 1}`)
  const threshold = lr * lambda
  if (threshold === 0) return
  noGrad(() =>
    scope(() => {
      for (const p of params) {
        const others = p.shape.map((_, i) => i).filter((i) => i !== axis)
        const norms = sqrt(sum(mul(p, p), others, { keepDim: true }))
        // A row of zeros stays one: it is divided by the threshold, which is not 0.
        const kept = clamp(div(sub(norms, threshold), maximum(norms, threshold)), 0, 1)
        copy_(p, mul(p, kept))
      }
    }),
  )
}
