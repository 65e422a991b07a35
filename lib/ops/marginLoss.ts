/** Losses with margins: rankings, embeddings and classes that must win by a distance. Definitions: torch.nn.functional. */
import { autocasting } from '../autograd/mode.js'
import { ShapeError, ValueError } from '../errors.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { add, div, minimum, mul, ne, sub } from './binary.js'
import { checkDTypes } from './conv.js'
import { cast } from './convert.js'
import { arange, zeros } from './creation.js'
import { gather, scatterAdd } from './gather.js'
import { indexSelect } from './indexing.js'
import { checkIndices } from './indices.js'
import { amin, sum } from './reduce.js'
import { checkSameShape, type LossOptions, reduced } from './reduction.js'
import { where } from './select.js'
import { pairwiseDistance } from './similarity.js'
import { clamp, neg, sqrt } from './unary.js'
import { reshape, squeeze, unsqueeze } from './views.js'

export interface MarginOptions extends LossOptions {
  margin?: number
}

const positive = (x: Tensor): Tensor => clamp(x, 0)

/** x where the target is 1, max(0, margin - x) where it is -1. Default margin 1. */
export function hingeEmbeddingLoss(x: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  if (autocasting.frame) return atFull('hingeEmbeddingLoss', [x, target], (x, t) => hingeEmbeddingLoss(x, t, options))
  checkSameShape('hingeEmbeddingLoss', x, target)
  checkDTypes('hingeEmbeddingLoss', x)
  const apart = positive(sub(options.margin ?? 1, x))
  const losses = add(where(ne(target, 1), apart, 0), where(ne(target, -1), x, 0))
  return reduced('hingeEmbeddingLoss', losses, options.reduction)
}

/** max(0, margin - t (a - b)) with targets t of 1 (a ranks higher) or -1. Default margin 0. */
export function marginRankingLoss(a: Tensor, b: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  if (autocasting.frame) return atFull('marginRankingLoss', [a, b], (a, b) => marginRankingLoss(a, b, target, options))
  checkSameShape('marginRankingLoss', a, b)
  checkSameShape('marginRankingLoss', a, target)
  checkDTypes('marginRankingLoss', a, b)
  const losses = positive(add(neg(mul(target, sub(a, b))), options.margin ?? 0))
  return reduced('marginRankingLoss', losses, options.reduction)
}

/**
 * 1 - cos(a, b) where the target is 1, max(0, cos(a, b) - margin) where it is -1: a, b (n, d), target (n); or (d) and ().
 * Default margin 0.
 */
export function cosineEmbeddingLoss(a: Tensor, b: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  if (autocasting.frame)
    return atFull('cosineEmbeddingLoss', [a, b], (a, b) => cosineEmbeddingLoss(a, b, target, options))
  checkSameShape('cosineEmbeddingLoss', a, b)
  checkDTypes('cosineEmbeddingLoss', a, b)
  if (a.rank !== target.rank + 1 || target.rank > 1 || (target.rank === 1 && target.shape[0] !== a.shape[0]))
    throw new ShapeError(
      `cosineEmbeddingLoss: takes a, b (n, d) and targets (n), got ${show(a.shape)} and ${show(target.shape)}`,
    )
  // PyTorch's, which keeps lengths from zero in this way here.
  const square = (x: Tensor): Tensor => add(sum(mul(x, x), -1), 1e-12)
  const cosine = div(sum(mul(a, b), -1), sqrt(mul(square(a), square(b))))
  const same = where(target.eq(1), sub(1, cosine), 0)
  const different = where(target.eq(-1), positive(sub(cosine, options.margin ?? 0)), 0)
  return reduced('cosineEmbeddingLoss', add(same, different), options.reduction)
}

export interface MultiMarginOptions extends MarginOptions {
  /** Exponent, 1 (default) or 2. */
  p?: 1 | 2
  /** Weight of each class (c). */
  weight?: Tensor | null
}

/**
 * The mean over the classes of max(0, margin - x[target] + x[i])^p, i other than the target: x (n, c), target (n); or (c) and
 * (). Default margin 1.
 */
export function multiMarginLoss(x: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  if (autocasting.frame) return atFull('multiMarginLoss', [x, target], (x, t) => multiMarginLoss(x, t, options))
  const { p = 1, margin = 1, weight = null, reduction } = options
  checkIndices('multiMarginLoss', target)
  checkDTypes('multiMarginLoss', x, weight)
  if (p !== 1 && p !== 2) throw new ValueError(`multiMarginLoss: p is ${String(p)}, not 1 or 2`)
  // A single number is one class.
  if (x.rank === 0 && target.rank === 0) return multiMarginLoss(reshape(x, [1]), target, options)
  const fits = x.rank === 1 ? target.numel === 1 : x.rank === 2 && sameShape(target.shape, x.shape.slice(0, 1))
  if (!fits)
    throw new ShapeError(
      `multiMarginLoss: takes input (n, c) and targets (n), got ${show(x.shape)} and ${show(target.shape)}`,
    )
  const c = x.shape.at(-1) as number
  if (weight && !sameShape(weight.shape, [c]))
    throw new ShapeError(`multiMarginLoss: weight ${show(weight.shape)} for ${c} classes`)
  if (x.rank === 1) {
    const row = multiMarginLoss(unsqueeze(x, 0), reshape(target, [1]), options)
    return reduction === 'none' ? reshape(row, target.shape) : row
  }
  const column = unsqueeze(target, 1)
  const behind = positive(add(sub(x, gather(x, 1, column)), margin))
  const powered = p === 1 ? behind : mul(behind, behind)
  const others = ne(column, arange(c, undefined, 1, { dtype: 'i64', device: x.device }))
  const losses = div(sum(where(others, powered, 0), 1), c)
  return reduced('multiMarginLoss', weight ? mul(losses, indexSelect(weight, 0, target)) : losses, reduction)
}

/**
 * The sum of max(0, 1 - (x[i] - x[j])) over target classes i and other classes j, divided by c: x (n, c), target (n, c) lists
 * class indices, up to the first negative one; or (c) and (c).
 */
export function multilabelMarginLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  if (autocasting.frame)
    return atFull('multilabelMarginLoss', [x, target], (x, t) => multilabelMarginLoss(x, t, options))
  checkIndices('multilabelMarginLoss', target)
  checkDTypes('multilabelMarginLoss', x)
  checkSameShape('multilabelMarginLoss', x, target)
  if (x.rank === 0) return multilabelMarginLoss(reshape(x, [1]), reshape(target, [1]), options)
  if (x.rank > 2) throw new ShapeError(`multilabelMarginLoss: takes (n, c) or (c), got ${show(x.shape)}`)
  if (x.rank === 1) {
    const row = multilabelMarginLoss(unsqueeze(x, 0), unsqueeze(target, 0), options)
    return options.reduction === 'none' ? squeeze(row, 0) : row
  }
  const [n, c] = x.shape as [number, number]
  if (c === 0) return reduced('multilabelMarginLoss', sum(x, 1), options.reduction)
  const places = arange(c, undefined, 1, { dtype: 'i64', device: x.device })
  const end = amin(where(target.lt(0), places, c), 1, { keepDim: true })
  const listed = places.lt(end)
  const at = where(listed, target, 0)
  const none = zeros([n, c], { dtype: x.dtype, device: x.device })
  const others = scatterAdd(none, 1, at, cast(listed, x.dtype)).eq(0)
  // (n, listed place, other class)
  const wanted = unsqueeze(gather(x, 1, at), 2)
  const missing = positive(add(sub(unsqueeze(x, 1), wanted), 1))
  const counted = where(unsqueeze(listed, 2), where(unsqueeze(others, 1), missing, 0), 0)
  return reduced('multilabelMarginLoss', div(sum(counted, [1, 2]), c), options.reduction)
}

export interface TripletOptions extends MarginOptions {
  /** Takes the positive's distance from the negative where it is the smaller (Balntas et al. 2016). */
  swap?: boolean
}

/** max(0, margin + d(anchor, positive) - d(anchor, negative)), d of (..., k) being the p-norm. Default margin 1. */
export function tripletMarginLoss(
  anchor: Tensor,
  near: Tensor,
  far: Tensor,
  options: TripletOptions & { p?: number; eps?: number } = {},
): Tensor {
  if (autocasting.frame)
    return atFull('tripletMarginLoss', [anchor, near, far], (a, n, f) => tripletMarginLoss(a, n, f, options))
  const { p = 2, eps = 1e-6 } = options
  return triplets('tripletMarginLoss', anchor, near, far, options, (a, b) => pairwiseDistance(a, b, { p, eps }))
}

/** `tripletMarginLoss` with a distance of one's own; default `pairwiseDistance`. */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  near: Tensor,
  far: Tensor,
  options: TripletOptions & { distance?: (a: Tensor, b: Tensor) => Tensor } = {},
): Tensor {
  if (autocasting.frame)
    return atFull('tripletMarginWithDistanceLoss', [anchor, near, far], (a, n, f) =>
      tripletMarginWithDistanceLoss(a, n, f, options),
    )
  const { distance = pairwiseDistance } = options
  return triplets('tripletMarginWithDistanceLoss', anchor, near, far, options, (a, b) => distance(a, b))
}

function triplets(
  op: string,
  anchor: Tensor,
  near: Tensor,
  far: Tensor,
  options: TripletOptions,
  distance: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  checkSameShape(op, anchor, near)
  checkSameShape(op, anchor, far)
  const away = distance(anchor, far)
  const apart = options.swap ? minimum(away, distance(near, far)) : away
  const losses = positive(add(sub(distance(anchor, near), apart), options.margin ?? 1))
  return reduced(op, losses, options.reduction)
}
