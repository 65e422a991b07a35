/**
 * Writing in place as part of the gradient graph. Place in the whole: behind the operators whose names end in `_` while
 * gradients are recorded; inplace.ts has their direct kernels for the rest of the time.
 */
import { gradMode } from '../autograd/mode.js'
import { succeed } from '../autograd/node.js'
import { collecting } from '../engine/lifetime.js'
import { AutogradError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { exchangeable } from '../tensor/batched.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { mutate, NO_ATTRIBUTES } from './emit.js'

/** Whether a write into x of something computed from `sources` belongs into the graph. */
export const recordsWrite = (x: Tensor, ...sources: (Tensor | null | undefined)[]): boolean =>
  gradMode.enabled && (x.requiresGrad || sources.some((t) => t?.requiresGrad === true))

/**
 * Writes the result of an operator into its operand: x becomes f(x), for views of x too, and takes the result's place in the
 * graph. What was computed from the old x keeps its gradient; an operator that saved the old values notices the write when
 * backward comes. f itself may save x: where nobody else shares its bytes, x takes those of the result, and the old ones stay.
 *
 * @throws AutogradError for a leaf that requires gradients, and for a view, whose base would have to follow
 * @throws ShapeError when the result has another shape than x
 */
export function assign<T extends Tensor>(op: string, x: T, f: (x: T) => Tensor): T {
  if (x.requiresGrad && x._node === null) {
    throw new AutogradError(
      `${op}: a leaf that requires gradients cannot be written in place; run it inside noGrad, or use the operator without _`,
    )
  }
  if (x._base !== 0) {
    throw new AutogradError(
      `${op}: a view cannot be written in place while gradients are recorded; write into the whole tensor, or use the operator without _`,
    )
  }
  const alone = x._soleOwner()
  const made: Tensor[] = []
  try {
    const y = collecting(made, () => cast(f(x), x.dtype))
    if (y === x) return x
    if (!sameShape(y.shape, x.shape))
      throw new ShapeError(`${op}: the result ${show(y.shape)} does not fit into ${show(x.shape)}`)
    if (alone && y._soleOwner() && exchangeable(x, y)) x._exchange(y)
    else mutate(op, OP.copyInto, [x, y], [x], NO_ATTRIBUTES, x.numel * 0.3)
    succeed(x, y)
    return x
  } finally {
    for (const t of made) t.dispose()
  }
}
