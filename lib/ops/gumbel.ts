/** Samples of categories that gradients pass through. */
import { needsGrad, record } from '../autograd/node.js'
import { ValueError } from '../errors.js'
import { floatOf } from '../tensor/dtype.js'
import { normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, ge } from './binary.js'
import { cast } from './convert.js'
import { zerosLike } from './creation.js'
import { exponential } from './distributions.js'
import { scatter } from './gather.js'
import { tidy } from './indices.js'
import type { Generator } from './random.js'
import { argmax } from './reduce.js'
import { softmax } from './softmax.js'
import { log, neg } from './unary.js'

export interface GumbelSoftmaxOptions {
  /** Temperature: the lower, the closer to one category. Default 1. */
  tau?: number
  /** One-hot results whose gradient is that of the soft ones (straight through). Default false. */
  hard?: boolean
  /** Along which the categories lie. Default the last. */
  axis?: number
  generator?: Generator
}

/**
 * Samples of the categories with these logits (floating-point; integers count as f32): softmax((logits + g) / tau) along an axis with
 * g from Gumbel's distribution (Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017). With `hard` the largest becomes exactly
 * 1 and the others 0. Definition: torch.nn.functional.gumbel_softmax.
 *
 * @throws ValueError when tau is not above 0
 */
export function gumbelSoftmax(logits: Tensor, options: GumbelSoftmaxOptions = {}): Tensor {
  const { tau = 1, hard = false, axis = -1, generator } = options
  if (!(tau > 0)) throw new ValueError(`gumbelSoftmax: tau ${tau}; the temperature must be above 0`)
  const a = normalizeAxis('gumbelSoftmax', axis, logits.rank)
  const x = cast(logits, floatOf(logits.dtype))
  const draw = { dtype: x.dtype, device: x.device, ...(generator ? { generator } : {}) }
  const y = tidy(() => softmax(div(add(x, neg(log(exponential(x.shape, 1, draw) as Tensor))), tau), a))
  return hard ? straightThrough(y, a) : y
}

/** 1 at the largest along the axis, whose gradient is y's own. */
function straightThrough(y: Tensor, axis: number): Tensor {
  const h = onlyLargest(y, axis)
  if (needsGrad(y)) record('gumbelSoftmax', h, [y], null, (g) => [g])
  return h
}

// A function of its own: closures of one function share their variables, and the rule's must not keep y.
function onlyLargest(y: Tensor, axis: number): Tensor {
  return tidy(() => {
    const d = y.detach()
    if (d.rank === 0) return cast(ge(d, 0), d.dtype)
    return scatter(zerosLike(d) as Tensor, axis, argmax(d, axis, { keepDim: true }), 1)
  })
}
