/** Lengths, distances and angles of vectors. Definitions: torch.nn.functional. */
import { autocasting, noGrad } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { broadcastShapes, normalizeAxis } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { add, div, mul, ne, pow, sub } from './binary.js'
import { checkDTypes } from './conv.js'
import { cast } from './convert.js'
import { type Axes, amax, amin, sum } from './reduce.js'
import { abs, clamp, sign, sqrt, square } from './unary.js'
import { expand } from './views.js'

/**
 * The p-norm of floating-point x along axes, which are kept with size 1: p 2, 1, 0 (count), +-Infinity or any other number. At
 * zero the gradient is zero. bf16 and f16 are computed in f32.
 */
export function normAlong(x: Tensor, p: number, axes: Axes): Tensor {
  const wide = x.dtype === 'f16' || x.dtype === 'bf16' ? cast(x, 'f32') : x
  return cast(wideNorm(wide, p, axes), x.dtype)
}

function wideNorm(x: Tensor, p: number, axes: Axes): Tensor {
  const keep = { keepDim: true }
  if (p === 0) return sum(cast(ne(x, 0), x.dtype), axes, keep)
  if (p === 1) return sum(abs(x), axes, keep)
  if (p === Number.POSITIVE_INFINITY) return amax(abs(x), axes, keep)
  if (p === Number.NEGATIVE_INFINITY) return amin(abs(x), axes, keep)
  const y = unrecorded(x, p, axes)
  if (needsGrad(x)) {
    // d |x|_p / d x_i = sign(x_i) (|x_i| / |x|_p)^(p - 1)
    record('norm', y, [x], [save(x), save(y)], (g, [xs, ys]) => {
      const [x, y] = [xs as Tensor, ys as Tensor]
      const length = y.maskedFill(y.eq(0), 1)
      if (p === 2) return [mul(x, div(g, length))]
      const zero = x.eq(0)
      const share = mul(sign(x), pow(abs(x).maskedFill(zero, 1), p - 1)).maskedFill(zero, 0)
      return [mul(share, div(g, pow(length, p - 1)))]
    })
  }
  return y
}

/** Apart from the rule, which must not share a scope with operands. */
function unrecorded(x: Tensor, p: number, axes: Axes): Tensor {
  const keep = { keepDim: true }
  return noGrad(() => (p === 2 ? sqrt(sum(square(x), axes, keep)) : pow(sum(pow(abs(x), p), axes, keep), 1 / p)))
}

export interface NormalizeOptions {
  /** Default 2. */
  p?: number
  /** Default 1. */
  axis?: number | readonly number[]
  /** Least divisor. */
  eps?: number
}

/** x divided by its p-norm along an axis (or by eps, where that is larger). */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  if (autocasting.frame) return atFull('normalize', [x], (x) => normalize(x, options))
  const { p = 2, axis = 1, eps = 1e-12 } = options
  checkDTypes('normalize', x)
  return div(x, clamp(normAlong(x, p, axis), eps))
}

export interface CosineOptions {
  /** Default 1. */
  axis?: number
  /** Least product of a length with itself is eps^2. */
  eps?: number
}

/** The cosine of the angles between vectors along an axis; a and b broadcast. Lengths count as at least eps. */
export function cosineSimilarity(a: Tensor, b: Tensor, options: CosineOptions = {}): Tensor {
  if (autocasting.frame) return atFull('cosineSimilarity', [a, b], (a, b) => cosineSimilarity(a, b, options))
  const { axis = 1, eps = 1e-8 } = options
  checkDTypes('cosineSimilarity', a, b)
  const shape = broadcastShapes('cosineSimilarity', a.shape, b.shape)
  const at = normalizeAxis('cosineSimilarity', axis, shape.length)
  const unit = (x: Tensor): Tensor => {
    const whole = expand(x, shape)
    return div(whole, clamp(normAlong(whole, 2, at), eps))
  }
  return sum(mul(unit(a), unit(b)), at)
}

export interface PairwiseOptions {
  /** Default 2. */
  p?: number
  /** Added to each difference, so that the distance has a gradient everywhere. */
  eps?: number
  keepDim?: boolean
}

/** The p-norm of a - b + eps along the last dimension; a and b broadcast. */
export function pairwiseDistance(a: Tensor, b: Tensor, options: PairwiseOptions = {}): Tensor {
  if (autocasting.frame) return atFull('pairwiseDistance', [a, b], (a, b) => pairwiseDistance(a, b, options))
  const { p = 2, eps = 1e-6, keepDim = false } = options
  checkDTypes('pairwiseDistance', a, b)
  const y = normAlong(add(sub(a, b), eps), p, -1)
  return keepDim ? y : y.squeeze(-1)
}
