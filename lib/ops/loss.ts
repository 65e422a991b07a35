/** Losses of pairs of elements. Definitions: torch.nn.functional; composed of differentiable operators, so also twice. */
import { autocasting, noGrad } from '../autograd/mode.js'
import { type GradRule, needsGrad, record, save } from '../autograd/node.js'
import { ShapeError } from '../errors.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { add, div, mul, sub } from './binary.js'
import { checkDTypes } from './conv.js'
import { refuseComplex } from './emit.js'
import { mean, sum } from './reduce.js'
import { checkReduction, checkSameShape, type LossOptions, logOnePlusExp, reduced } from './reduction.js'
import { where } from './select.js'
import { abs, clamp, exp, log, log1p, neg, square } from './unary.js'
import { unsqueeze } from './views.js'

export type { LossOptions, Reduction } from './reduction.js'

/** (a - b)^2. */
export function mseLoss(a: Tensor, b: Tensor, options: LossOptions = {}): Tensor {
  if (autocasting.frame) return atFull('mseLoss', [a, b], (a, b) => mseLoss(a, b, options))
  checkSameShape('mseLoss', a, b)
  for (const t of [a, b]) refuseComplex('mseLoss', t)
  return reduced('mseLoss', square(sub(a, b)), options.reduction)
}

/** |a - b|. */
export function l1Loss(a: Tensor, b: Tensor, options: LossOptions = {}): Tensor {
  if (autocasting.frame) return atFull('l1Loss', [a, b], (a, b) => l1Loss(a, b, options))
  checkSameShape('l1Loss', a, b)
  checkDTypes('l1Loss', a, b)
  return reduced('l1Loss', abs(sub(a, b)), options.reduction)
}

/** (a - b)^2 / (2 beta) where |a - b| < beta, else |a - b| - beta / 2; beta 0 is `l1Loss`. Girshick 2015. */
export function smoothL1Loss(a: Tensor, b: Tensor, options: LossOptions & { beta?: number } = {}): Tensor {
  if (autocasting.frame) return atFull('smoothL1Loss', [a, b], (a, b) => smoothL1Loss(a, b, options))
  const { beta = 1 } = options
  checkSameShape('smoothL1Loss', a, b)
  checkDTypes('smoothL1Loss', a, b)
  if (!(beta >= 0)) throw new ShapeError(`smoothL1Loss: beta ${beta} is negative`)
  if (beta === 0) return l1Loss(a, b, options)
  const far = abs(sub(a, b))
  const losses = where(far.lt(beta), mul(square(far), 0.5 / beta), sub(far, beta / 2))
  return reduced('smoothL1Loss', losses, options.reduction)
}

/** (a - b)^2 / 2 where |a - b| <= delta, else delta (|a - b| - delta / 2). Huber 1964. */
export function huberLoss(a: Tensor, b: Tensor, options: LossOptions & { delta?: number } = {}): Tensor {
  if (autocasting.frame) return atFull('huberLoss', [a, b], (a, b) => huberLoss(a, b, options))
  const { delta = 1 } = options
  checkSameShape('huberLoss', a, b)
  checkDTypes('huberLoss', a, b)
  if (!(delta > 0)) throw new ShapeError(`huberLoss: delta ${delta} is not positive`)
  const far = abs(sub(a, b))
  const losses = where(far.le(delta), mul(square(far), 0.5), mul(sub(far, delta / 2), delta))
  return reduced('huberLoss', losses, options.reduction)
}

export interface WeightedLossOptions extends LossOptions {
  /** Factor of each element's loss; broadcasts. */
  weight?: Tensor | null
}

const weighted = (losses: Tensor, weight: Tensor | null | undefined): Tensor => (weight ? mul(losses, weight) : losses)

/**
 * -(t ln p + (1 - t) ln(1 - p)) of probabilities p and targets t. Logarithms end at -100, and the gradient by p has a
 * denominator of at least 1e-12, as in PyTorch, so that p = 0 and p = 1 give finite numbers.
 */
export function binaryCrossEntropy(p: Tensor, target: Tensor, options: WeightedLossOptions = {}): Tensor {
  if (autocasting.frame) return atFull('binaryCrossEntropy', [p, target], (p, t) => binaryCrossEntropy(p, t, options))
  checkSameShape('binaryCrossEntropy', p, target)
  checkDTypes('binaryCrossEntropy', p, target, options.weight)
  const losses = noGrad(() => neg(add(mul(target, logAtLeast(p)), mul(sub(1, target), logOfRest(p)))))
  if (needsGrad(p, target)) record('binaryCrossEntropy', losses, [p, target], [save(p), save(target)], binaryGradients)
  return reduced('binaryCrossEntropy', weighted(losses, options.weight), options.reduction)
}
const binaryGradients: GradRule = (g, [p, t]) => {
  const x = p as Tensor
  const slope = div(sub(x, t as Tensor), clamp(mul(x, sub(1, x)), 1e-12))
  return [mul(g, slope), mul(g, sub(logOfRest(x), logAtLeast(x)))]
}
const logAtLeast = (p: Tensor): Tensor => clamp(log(p), -100)
const logOfRest = (p: Tensor): Tensor => clamp(log1p(neg(p)), -100)

/**
 * `binaryCrossEntropy` of sigmoid(x), without its overflow: (1 - t) x + (1 + (posWeight - 1) t) ln(1 + e^-x).
 *
 * @param options.posWeight factor of the positive targets' part; broadcasts
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  options: WeightedLossOptions & { posWeight?: Tensor | null } = {},
): Tensor {
  if (autocasting.frame)
    return atFull('binaryCrossEntropyWithLogits', [x, target], (x, t) => binaryCrossEntropyWithLogits(x, t, options))
  checkSameShape('binaryCrossEntropyWithLogits', x, target)
  checkDTypes('binaryCrossEntropyWithLogits', x, target, options.weight, options.posWeight)
  const fade = logOnePlusExp(neg(x))
  const { posWeight } = options
  const share = posWeight ? mul(fade, add(mul(sub(posWeight, 1), target), 1)) : fade
  const losses = add(mul(sub(1, target), x), share)
  return reduced('binaryCrossEntropyWithLogits', weighted(losses, options.weight), options.reduction)
}

/**
 * Kullback-Leibler divergence t (ln t - x) of targets t from log-probabilities x.
 *
 * @param options.logTarget the target is ln t
 * @param options.reduction 'batchmean' divides the sum by the first dimension: the divergence of distributions
 */
export function klDiv(
  x: Tensor,
  target: Tensor,
  options: { reduction?: 'none' | 'mean' | 'sum' | 'batchmean'; logTarget?: boolean } = {},
): Tensor {
  if (autocasting.frame) return atFull('klDiv', [x, target], (x, t) => klDiv(x, t, options))
  const { reduction = 'mean', logTarget = false } = options
  checkReduction('klDiv', reduction, ['none', 'mean', 'sum', 'batchmean'])
  checkDTypes('klDiv', x, target)
  const losses = logTarget ? mul(exp(target), sub(target, x)) : sub(timesOwnLog(target), mul(target, x))
  if (reduction === 'batchmean') return div(sum(losses), x.shape[0] ?? 1)
  return reduced('klDiv', losses, reduction)
}

/** t ln t, 0 at 0. */
function timesOwnLog(t: Tensor): Tensor {
  const zero = t.eq(0)
  return mul(t, log(t.maskedFill(zero, 1)))
}

/**
 * Negative log-likelihood of Poisson counts t.
 *
 * @param options.logInput x is the logarithm of the rate (default): e^x - t x; else x - t ln(x + eps)
 * @param options.full adds Stirling's approximation of ln t! where t > 1
 */
export function poissonNllLoss(
  x: Tensor,
  target: Tensor,
  options: LossOptions & { logInput?: boolean; full?: boolean; eps?: number } = {},
): Tensor {
  if (autocasting.frame) return atFull('poissonNllLoss', [x, target], (x, t) => poissonNllLoss(x, t, options))
  const { logInput = true, full = false, eps = 1e-8 } = options
  checkDTypes('poissonNllLoss', x, target)
  let losses = logInput ? sub(exp(x), mul(target, x)) : sub(x, mul(target, log(add(x, eps))))
  if (full) {
    const small = target.le(1)
    const t = target.maskedFill(small, 1)
    const stirling = add(sub(mul(t, log(t)), t), mul(log(mul(t, 2 * Math.PI)), 0.5))
    losses = add(losses, stirling.maskedFill(small, 0))
  }
  return reduced('poissonNllLoss', losses, options.reduction)
}

/**
 * Negative log-likelihood of normal targets: (ln v + (x - t)^2 / v) / 2 with v = max(variance, eps); the gradient of the
 * variance passes the bound. The variance has x's shape, or 1 (or nothing) for its last dimension.
 *
 * @param options.full adds ln(2 pi) / 2
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  options: LossOptions & { full?: boolean; eps?: number } = {},
): Tensor {
  if (autocasting.frame)
    return atFull('gaussianNllLoss', [x, target, variance], (x, t, v) => gaussianNllLoss(x, t, v, options))
  const { full = false, eps = 1e-6 } = options
  checkDTypes('gaussianNllLoss', x, target, variance)
  const spread = sameShape(variance.shape, x.shape.slice(0, -1)) && x.rank > 0 ? unsqueeze(variance, -1) : variance
  const fits = spread.rank === x.rank && spread.shape.every((d, i) => d === x.shape[i] || (d === 1 && i === x.rank - 1))
  if (!fits)
    throw new ShapeError(`gaussianNllLoss: variance ${show(variance.shape)} does not fit input ${show(x.shape)}`)
  const v = atLeast(spread, eps)
  const losses = mul(add(log(v), div(square(sub(x, target)), v)), 0.5)
  return reduced('gaussianNllLoss', full ? add(losses, 0.5 * Math.log(2 * Math.PI)) : losses, options.reduction)
}

/** max(x, least), whose gradient is that of x. */
function atLeast(x: Tensor, least: number): Tensor {
  const y = noGrad(() => clamp(x, least))
  if (needsGrad(x)) record('atLeast', y, [x], null, passed)
  return y
}
const passed: GradRule = (g) => [g]

/** ln(1 + e^(-t x)) with targets t of 1 or -1. */
export function softMarginLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  if (autocasting.frame) return atFull('softMarginLoss', [x, target], (x, t) => softMarginLoss(x, t, options))
  checkSameShape('softMarginLoss', x, target)
  checkDTypes('softMarginLoss', x, target)
  return reduced('softMarginLoss', logOnePlusExp(neg(mul(target, x))), options.reduction)
}

/** The mean over the classes (last dimension) of `binaryCrossEntropyWithLogits`: x, target (..., c) -> (...). */
export function multilabelSoftMarginLoss(x: Tensor, target: Tensor, options: WeightedLossOptions = {}): Tensor {
  if (x.rank === 0) throw new ShapeError('multilabelSoftMarginLoss: a tensor of rank 0 has no classes')
  const losses = binaryCrossEntropyWithLogits(x, target, { reduction: 'none', weight: options.weight ?? null })
  return reduced('multilabelSoftMarginLoss', mean(losses, -1), options.reduction)
}
