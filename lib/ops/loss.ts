/** Losses. */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { sub } from './binary.js'
import { checkDTypes, once } from './conv.js'
import { makeMany, refuseComplex } from './emit.js'
import { checkIndices } from './indices.js'
import { mean, sum } from './reduce.js'
import { square } from './unary.js'
import { permute, reshape } from './views.js'

export type Reduction = 'none' | 'mean' | 'sum'

export interface CrossEntropyOptions {
  /** Default 'mean': weighted by the targets' class weights, over the targets that are not ignored. */
  reduction?: Reduction
  /** Targets with this value count for nothing. Default -100. */
  ignoreIndex?: number
  /** Share of the target that goes to all classes evenly (Szegedy et al. 2016). */
  labelSmoothing?: number
  /** Weight of each class (c). */
  weight?: Tensor | null
}

const REDUCTIONS: readonly Reduction[] = ['none', 'mean', 'sum']

/**
 * Cross entropy of logits (n, c) or (n, c, d1, ...) against class indices (n) or (n, d1, ...), fused: probabilities are never
 * stored. Definition: torch.nn.functional.cross_entropy.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { reduction = 'mean', ignoreIndex = -100, labelSmoothing = 0, weight = null } = options
  if (!REDUCTIONS.includes(reduction))
    throw new ValueError(`crossEntropy: reduction '${reduction}' is not one of ${REDUCTIONS.join(', ')}`)
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ValueError(`crossEntropy: label smoothing ${labelSmoothing} is not in [0, 1]`)
  checkIndices('crossEntropy', target)
  checkDTypes('crossEntropy', logits, weight)
  const expected = [...logits.shape.slice(0, 1), ...logits.shape.slice(2)]
  if (logits.rank < 2 || !sameShape(target.shape, expected)) {
    throw new ShapeError(
      `crossEntropy: logits ${show(logits.shape)} take targets ${show(expected)}, got ${show(target.shape)}`,
    )
  }
  const c = logits.shape[1] as number
  if (weight && (weight.rank !== 1 || weight.shape[0] !== c))
    throw new ShapeError(`crossEntropy: weight ${show(weight.shape)} for ${c} classes`)
  if (logits.rank > 2) {
    // Classes last, then rows.
    const order = logits.shape.map((_, i) => i)
    order.push(...order.splice(1, 1))
    const rows = crossEntropy(reshape(permute(logits, order), [-1, c]), reshape(target, [-1]), options)
    return reduction === 'none' ? reshape(rows, target.shape) : rows
  }
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
      once('crossEntropy', g, logits)
      const x = logits as Tensor
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

function reduced(x: Tensor, reduction: Reduction): Tensor {
  return reduction === 'mean' ? mean(x) : reduction === 'sum' ? sum(x) : x
}

/** (a - b)^2, averaged. */
export function mseLoss(a: Tensor, b: Tensor, options: { reduction?: Reduction } = {}): Tensor {
  for (const t of [a, b]) refuseComplex('mseLoss', t)
  if (!sameShape(a.shape, b.shape))
    throw new ShapeError(`mseLoss: shapes differ: ${show(a.shape)} and ${show(b.shape)}`)
  return reduced(square(sub(a, b)), options.reduction ?? 'mean')
}
