// R-Drop. Place in the whole: a loss over two passes of one batch, whose dropouts differ. Wu, Li and others 2021, "R-Drop: Regularized Dropout for
// Neural Networks".

import { known } from '../check.js'
import { ShapeError } from '../errors.js'
import { add, eq, maximum, mul, sub } from '../ops/binary.js'
import { crossEntropy } from '../ops/crossEntropy.js'
import { sum } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { logSoftmax } from '../ops/softmax.js'
import { exp } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { strength } from './parameters.js'

/**
 * The cross entropies of both passes, and `alpha` times the mean of both divergences between their distributions:
 * CE(p) + CE(q) + alpha / 2 (KL(p || q) + KL(q || p)), each a mean over items.
 *
 * @param first logits (n, c) of one pass; @param second of another; @param targets (n) class indices
 * @throws ShapeError unless the logits have one shape (n, c)
 */
export function rDrop(
  first: Tensor,
  second: Tensor,
  targets: Tensor,
  options: { readonly alpha?: number } = {},
): Tensor {
  known('rDrop', options, ['alpha'])
  const { alpha = 1 } = options
  strength('rDrop', 'alpha', alpha)
  if (first.rank !== 2 || !sameShape(first.shape, second.shape))
    throw new ShapeError(`rDrop: takes logits (n, c) of two passes, got ${show(first.shape)} and ${show(second.shape)}`)
  const losses = add(crossEntropy(first, targets), crossEntropy(second, targets))
  const [p, q] = [logSoftmax(first, 1), logSoftmax(second, 1)]
  // KL(p || q) + KL(q || p) = sum (p - q) (log p - log q). Classes that both leave out, at -Infinity, have no difference.
  const apart = where(eq(maximum(p, q), Number.NEGATIVE_INFINITY), 0, sub(p, q))
  const both = sum(mul(sub(exp(p), exp(q)), apart))
  return add(losses, reshape(mul(both, alpha / 2 / Math.max(first.shape[0] as number, 1)), []))
}
