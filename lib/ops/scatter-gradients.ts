/**
 * Gradient rules of replacing and combining at indices. Place in the whole: shared by the scatter functions (an index an element)
 * and the index functions (an index a slice), which differ in how they reach the elements. Formulas: derivatives.yaml of PyTorch.
 */
import type { GradRule } from '../autograd/node.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, eq, logicalAnd, mul } from './binary.js'
import { cast } from './convert.js'
import { constantOf, type Mode, zerosOf } from './indices.js'
import { maskedFill, where } from './select.js'

/** How a family of operators reaches the elements that indices name. */
export interface Reach {
  /** x with src combined into the indexed elements. */
  combine(x: Tensor, at: Tensor, src: Tensor, mode: Mode, includeSelf: boolean): Tensor
  /** The indexed elements. */
  pick(x: Tensor, at: Tensor): Tensor
  /** x with zeros at the indices. */
  clear(x: Tensor, at: Tensor): Tensor
}

/** Which of x and src want a gradient. */
export interface Wanted {
  x: boolean
  src: boolean
}

/** What the rule of a mode needs saved, in this order. */
export const savedFor = (mode: Mode, at: Tensor, x: Tensor, src: Tensor, y: Tensor): Tensor[] =>
  mode === 'mean' ? [at, src] : mode === 'replace' || mode === 'sum' ? [at] : [at, src, x, y]

export function combineRule(reach: Reach, mode: Mode, self: boolean, wanted: Wanted): GradRule {
  const clearUnless = (g: Tensor, at: Tensor): Tensor => (self ? g : reach.clear(g, at))
  switch (mode) {
    case 'replace':
      return (g, [at]) => [
        wanted.x ? reach.clear(g, at as Tensor) : null,
        wanted.src ? reach.pick(g, at as Tensor) : null,
      ]
    case 'sum':
      return (g, [at]) => [
        wanted.x ? clearUnless(g, at as Tensor) : null,
        wanted.src ? reach.pick(g, at as Tensor) : null,
      ]
    case 'mean':
      return (g, [at, src]) => {
        const share = div(g, terms(reach, g, at as Tensor, src as Tensor, self))
        return [wanted.x ? clearUnless(share, at as Tensor) : null, wanted.src ? reach.pick(share, at as Tensor) : null]
      }
    case 'prod':
      return (g, [at, src, x, y]) => {
        const [t, s, a] = [at as Tensor, src as Tensor, x as Tensor]
        return [
          wanted.x ? clearUnless(productGradX(reach, g, t, s, a, self), t) : null,
          wanted.src ? productGradSource(reach, g, t, s, a, y as Tensor, self) : null,
        ]
      }
    default:
      return (g, [at, src, x, y]) => extremeGrads(reach, g, at as Tensor, src as Tensor, x as Tensor, y as Tensor, self)
  }
}

/** How many terms each mean has; 1 where nothing is indexed. */
function terms(reach: Reach, g: Tensor, at: Tensor, src: Tensor, self: boolean): Tensor {
  const counts = reach.combine(constantOf(g, self ? 1 : 0, g.shape), at, constantOf(g, 1, src.shape), 'sum', true)
  return self ? counts : maskedFill(counts, eq(counts, 0), 1)
}

/** g times the product of the sources: the whole product with x (1 where it is 0) divided by that. */
function productGradX(reach: Reach, g: Tensor, at: Tensor, src: Tensor, x: Tensor, self: boolean): Tensor {
  const filled = maskedFill(x, eq(x, 0), 1)
  return div(mul(g, reach.combine(filled, at, src, 'prod', self)), filled)
}

/** g times the product of the other terms; of a single zero source the product of those without it. */
function productGradSource(
  reach: Reach,
  g: Tensor,
  at: Tensor,
  src: Tensor,
  x: Tensor,
  y: Tensor,
  self: boolean,
): Tensor {
  const zero = eq(src, 0)
  const zeros = reach.pick(reach.combine(zerosOf(g, x.shape), at, cast(zero, g.dtype), 'sum', true), at)
  const single = logicalAnd(zero, eq(zeros, 1))
  const without = reach.combine(x, at, maskedFill(src, single, 1), 'prod', self)
  const quotient = div(reach.pick(mul(g, y), at), maskedFill(src, zero, 1))
  return where(single, reach.pick(mul(g, without), at), quotient)
}

/** Equal extremes share the gradient evenly. */
function extremeGrads(
  reach: Reach,
  g: Tensor,
  at: Tensor,
  src: Tensor,
  x: Tensor,
  y: Tensor,
  self: boolean,
): (Tensor | null)[] {
  const same = cast(eq(x, y), g.dtype)
  const ofX = self ? same : reach.clear(same, at)
  const ofSource = cast(eq(src, reach.pick(y, at)), g.dtype)
  const share = div(g, reach.combine(ofX, at, ofSource, 'sum', true))
  return [mul(ofX, share), mul(ofSource, reach.pick(share, at))]
}
