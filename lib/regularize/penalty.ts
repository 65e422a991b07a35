// Penalties that are added to the loss. Place in the whole: L1, L2 and both (the elastic net of Zou and Hastie 2005).
import { known } from '../check.js'
import { add, mul } from '../ops/binary.js'
import { sum } from '../ops/reduce.js'
import { abs } from '../ops/unary.js'
import type { Tensor } from '../tensor/tensor.js'
import { parametersOf, type Regularized, strength } from './parameters.js'

export interface PenaltyOptions {
  /** Times the sum of |w|. Its gradient pulls with one force, but never reaches 0 exactly: see `proximalL1`. Default 0. */
  readonly l1?: number
  /** Times half of the sum of w^2, so that its gradient is l2 w: what SGD's `weightDecay` does. Default 0. */
  readonly l2?: number
}

/**
 * l1 sum |w| + l2 / 2 sum w^2 over the parameters, one number, to be added to the loss. Sums are in the parameters' dtype, those of bf16 and f16
 * rounded once.
 *
 * @throws ValueError for a negative strength, and where there are no parameters
 */
export function penalty(of: Regularized, options: PenaltyOptions): Tensor {
  known('penalty', options, ['l1', 'l2'])
  const { l1 = 0, l2 = 0 } = options
  strength('penalty', 'l1', l1)
  strength('penalty', 'l2', l2)
  const terms = parametersOf('penalty', of).flatMap((p) => [
    ...(l1 > 0 ? [mul(sum(abs(p)), l1)] : []),
    ...(l2 > 0 || l1 === 0 ? [mul(sum(mul(p, p)), l2 / 2)] : []),
  ])
  return terms.reduce((total, term) => add(total, term))
}
