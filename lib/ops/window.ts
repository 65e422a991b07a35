/** Writing into a part of a fresh tensor. Place in the whole: the gradient of every view whose elements lie apart. */
import { noGrad } from '../autograd/mode.js'
import { needsGrad, record } from '../autograd/node.js'
import { collecting } from '../engine/lifetime.js'
import { OP } from '../generated/ops.js'
import { type Shape, sameShape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { make0, mutate, NO_ATTRIBUTES, writable } from './emit.js'

/** Runs fn unrecorded and frees the tensors that it makes. */
export function temporarily(fn: () => void): void {
  const made: Tensor[] = []
  noGrad(() => collecting(made, fn))
  for (const t of made) t.dispose()
}

/** dst[...] = src (broadcast, cast), not recorded; dst is a part of something that this operator made. */
export function paste(name: string, dst: Tensor, src: Tensor): void {
  if (dst.numel > 0) mutate(name, OP.copyInto, [dst, src], [dst], NO_ATTRIBUTES, dst.numel * 0.3)
}

/**
 * A tensor of `shape` that is `value` but for one window, which holds x. `view` shows the window of such a tensor: it is given
 * the result, and in gradients the result's gradient, so it must capture no tensor and keep its elements apart.
 */
export function intoView(name: string, x: Tensor, shape: Shape, view: (t: Tensor) => Tensor, value = 0): Tensor {
  const y = writable(make0(OP.fill, x.device, x.dtype, shape, [value]), x)
  fillWindow(name, y, x, view)
  if (needsGrad(x)) {
    const from = x.shape
    record(name, y, [x], null, (g) => {
      const window = view(g)
      return [sameShape(window.shape, from) ? window : window.reshape(from)]
    })
  }
  return y
}

// A function of its own: closures of one function share their variables, and the rule's must not keep x.
function fillWindow(name: string, y: Tensor, x: Tensor, view: (t: Tensor) => Tensor): void {
  temporarily(() => paste(name, view(y), x))
}
