/** Losses of classes: cross entropy and negative log-likelihood. Definitions: torch.nn.functional. */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isFloating } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { add, div, eq, mul, ne, sub } from './binary.js'
import { checkDTypes } from './conv.js'
import { cast } from './convert.js'
import { arange } from './creation.js'
import { makeMany } from './emit.js'
import { gather } from './gather.js'
import { indexSelect } from './indexing.js'
import { checkIndices } from './indices.js'
import { sum } from './reduce.js'
import { checkReduction, REDUCTIONS, type Reduction } from './reduction.js'
import { logSoftmax, softmax } from './softmax.js'
import { neg } from './unary.js'
import { permute, reshape, squeeze, unsqueeze } from './views.js'

export interface NllOptions {
  /** Default 'mean': weighted by the targets' class weights, over the targets that are not ignored. */
  reduction?: Reduction
  /** Targets with this value count for nothing. Default -100. */
  ignoreIndex?: number
  /** Weight of each class (c). */
  weight?: Tensor | null
}

export interface CrossEntropyOptions extends NllOptions {
  /** Share of the target that goes to all classes evenly (Szegedy et al. 2016). */
  labelSmoothing?: number
}

/**
 * Cross entropy of logits (c), (n, c) or (n, c, d1, ...) against class indices (), (n) or (n, d1, ...), fused: probabilities
 * are never stored. Floating-point targets of the logits' shape are probabilities of the classes; they are not ignored, and
 * the mean is over n d1 ... The weight has a gradient with probabilities only. Definition: torch.nn.functional.cross_entropy.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  if (autocasting.frame) return atFull('crossEntropy', [logits, target], (x, t) => crossEntropy(x, t, options))
  const { reduction = 'mean', labelSmoothing = 0, weight = null } = options
  checkReduction('crossEntropy', reduction)
  checkSmoothing('crossEntropy', labelSmoothing)
  const probabilities = isFloating(target.dtype) && sameShape(target.shape, logits.shape)
  if (!probabilities) checkIndices('crossEntropy', target)
  checkDTypes('crossEntropy', logits, weight, probabilities ? target : null)
  const c = logits.shape[logits.rank === 1 ? 0 : 1] as number
  const expected = classless(logits)
  if (logits.rank < 1 || (!probabilities && !sameShape(target.shape, expected))) {
    throw new ShapeError(
      `crossEntropy: logits ${show(logits.shape)} take targets ${show(expected)}, got ${show(target.shape)}`,
    )
  }
  checkClassWeight('crossEntropy', weight, c)
  if (probabilities) return ofProbabilities(logits, target, options)
  if (logits.rank === 1) {
    const row = crossEntropy(unsqueeze(logits, 0), unsqueeze(target, 0), options)
    return reduction === 'none' ? squeeze(row, 0) : row
  }
  if (logits.rank > 2) {
    // Classes last, then rows.
    const order = logits.shape.map((_, i) => i)
    order.push(...order.splice(1, 1))
    const rows = crossEntropy(reshape(permute(logits, order), [-1, c]), reshape(target, [-1]), options)
    return reduction === 'none' ? reshape(rows, target.shape) : rows
  }
  return ofIndices(logits, target, options)
}

export function checkSmoothing(op: string, e: number): void {
  if (!(e >= 0 && e <= 1)) throw new ValueError(`${op}: label smoothing ${e} is not in [0, 1]`)
}

const classless = (x: Tensor): number[] => (x.rank === 1 ? [] : [...x.shape.slice(0, 1), ...x.shape.slice(2)])

export function checkClassWeight(op: string, weight: Tensor | null | undefined, c: number): void {
  if (weight && (weight.rank !== 1 || weight.shape[0] !== c))
    throw new ShapeError(`${op}: weight ${show(weight.shape)} for ${c} classes`)
}

function ofIndices(logits: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { reduction = 'mean', ignoreIndex = -100, labelSmoothing = 0, weight = null } = options
  const n = logits.shape[0] as number
  const attributes = [REDUCTIONS.indexOf(reduction), ignoreIndex, labelSmoothing]
  const kept = logits.dtype === 'f64' ? ('f64' as const) : ('f32' as const)
  const results = [
    { dtype: logits.dtype, shape: reduction === 'none' ? [n] : [] },
    { dtype: kept, shape: [n] },
    { dtype: kept, shape: [] },
  ]
  const [loss, lse, total] = makeMany(
    'crossEntropy',
    OP.crossEntropy,
    results,
    [logits, target, weight],
    attributes,
    logits.numel * 0.6,
  ) as [Tensor, Tensor, Tensor]
  if (needsGrad(logits)) {
    const saved = [save(logits), save(target), save(lse), save(total)]
    if (weight) saved.push(save(weight))
    record('crossEntropy', loss, [logits], saved, (g, [logits, target, lse, total, weight]) => {
      const x = logits as Tensor
      if (needsGrad(g, x)) {
        const scale = reduction === 'mean' ? div(g, cast(total as Tensor, g.dtype)) : g
        return [logitGradient(scale, x, target as Tensor, weight ?? null, ignoreIndex, labelSmoothing)]
      }
      return makeMany(
        'crossEntropy',
        OP.crossEntropyBackward,
        [{ dtype: x.dtype, shape: x.shape }],
        [g, x, target, lse, total, weight],
        attributes,
        x.numel * 0.8,
      )
    })
  }
  return loss
}

/** r (A p_j - e / c w_j - (1 - e) w_t [j = t]) with A = (1 - e) w_t + e / c sum(w), p the softmax, r the row's gradient. */
export function logitGradient(
  scale: Tensor,
  x: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
  e: number,
): Tensor {
  const c = x.shape[1] as number
  const column = unsqueeze(target, 1)
  const hit = cast(eq(column, arange(c, undefined, 1, { dtype: 'i64', device: x.device })), x.dtype)
  const own = mul(weight ? mul(hit, weight) : hit, 1 - e)
  const spread = weight ? mul(weight, e / c) : e / c
  const all = typeof spread === 'number' ? e : sum(spread)
  const pull = sub(sub(mul(softmax(x, 1), add(sum(own, 1, { keepDim: true }), all)), spread), own)
  const rows = scale.rank === 0 ? scale : unsqueeze(scale, 1)
  return mul(pull, mul(cast(ne(column, ignoreIndex), x.dtype), rows))
}

function ofProbabilities(logits: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { reduction = 'mean', labelSmoothing: e = 0, weight = null } = options
  const axis = logits.rank === 1 ? 0 : 1
  const c = logits.shape[axis] as number
  const aim = e > 0 ? add(mul(target, 1 - e), e / c) : target
  const terms = mul(logSoftmax(logits, axis), aim)
  const shape = logits.shape.map((_, i) => (i === axis ? c : 1))
  const losses = neg(sum(weight ? mul(terms, reshape(weight, shape)) : terms, axis))
  if (reduction === 'none') return losses
  return reduction === 'sum' ? sum(losses) : div(sum(losses), logits.numel / c)
}

/**
 * -x[target] of log-probabilities x (c), (n, c) or (n, c, d1, ...) and class indices (), (n) or (n, d1, ...), times the
 * class's weight. Definition: torch.nn.functional.nll_loss.
 */
export function nllLoss(x: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  if (autocasting.frame) return atFull('nllLoss', [x, target], (x, t) => nllLoss(x, t, options))
  const { reduction = 'mean', ignoreIndex = -100, weight = null } = options
  checkReduction('nllLoss', reduction)
  checkIndices('nllLoss', target)
  checkDTypes('nllLoss', x, weight)
  const expected = classless(x)
  if (x.rank < 1 || !sameShape(target.shape, expected))
    throw new ShapeError(`nllLoss: input ${show(x.shape)} takes targets ${show(expected)}, got ${show(target.shape)}`)
  const axis = x.rank === 1 ? 0 : 1
  checkClassWeight('nllLoss', weight, x.shape[axis] as number)
  const ignored = eq(target, ignoreIndex)
  // What is ignored may be no index.
  const at = target.maskedFill(ignored, 0)
  const picked = neg(squeeze(gather(x, axis, unsqueeze(at, axis)), axis))
  const share = weight ? reshape(indexSelect(weight, 0, reshape(at, [-1])), at.shape) : null
  const losses = (share ? mul(picked, share) : picked).maskedFill(ignored, 0)
  if (reduction === 'none') return losses
  if (reduction === 'sum') return sum(losses)
  const total = share ? sum(share.maskedFill(ignored, 0)) : cast(sum(ne(target, ignoreIndex)), x.dtype)
  return div(sum(losses), total)
}
