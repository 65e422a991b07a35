/** Connectionist temporal classification (Graves et al. 2006). Definition: torch.nn.functional.ctc_loss. */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { div } from './binary.js'
import { checkDTypes } from './conv.js'
import { cast } from './convert.js'
import { tensor } from './creation.js'
import { ctcGradient } from './ctcGradient.js'
import { isTensor, makeMany } from './emit.js'
import { checkIndices } from './indices.js'
import { checkReduction, type LossOptions, reduced } from './reduction.js'
import { clamp } from './unary.js'
import { reshape, unsqueeze } from './views.js'

export interface CtcOptions extends LossOptions {
  /** Class of the blank. Default 0. */
  blank?: number
  /** Targets that do not fit their frames cost 0, and have no gradient, instead of Infinity. */
  zeroInfinity?: boolean
}

/**
 * -ln of the probability that the frames spell the targets: logProbs (t, n, c), logarithms of the classes' probabilities;
 * targets (n, s) padded or one after the other (sum of their lengths), i64 or i32. Unbatched: (t, c), (s) and numbers. 'mean'
 * divides each loss by its target's length first. As in PyTorch the gradient is that of the logits, so logProbs is to come
 * from `logSoftmax`; it is differentiable again. f32, f64, bf16 and f16, computed in f64.
 *
 * @param inputLengths frames of each sample, and
 * @param targetLengths classes of each target: arrays or index tensors (n)
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Tensor | readonly number[] | number,
  targetLengths: Tensor | readonly number[] | number,
  options: CtcOptions = {},
): Tensor {
  if (autocasting.frame)
    return atFull('ctcLoss', [logProbs], (x) => ctcLoss(x, targets, inputLengths, targetLengths, options))
  const { blank = 0, zeroInfinity = false, reduction = 'mean' } = options
  checkReduction('ctcLoss', reduction)
  checkDTypes('ctcLoss', logProbs)
  checkIndices('ctcLoss', targets)
  if (logProbs.rank === 2) {
    const one = ctcLoss(unsqueeze(logProbs, 1), unsqueeze(targets, 0), inputLengths, targetLengths, options)
    return reduction === 'none' ? reshape(one, []) : one
  }
  if (logProbs.rank !== 3 || targets.rank < 1 || targets.rank > 2)
    throw new ShapeError(
      `ctcLoss: takes (t, n, c) and targets (n, s) or (sum), got ${show(logProbs.shape)} and ${show(targets.shape)}`,
    )
  const [t, n, c] = logProbs.shape as [number, number, number]
  const [frames, sizes] = [lengths(inputLengths, logProbs), lengths(targetLengths, logProbs)]
  if (frames.numel !== n || sizes.numel !== n || (targets.rank === 2 && targets.shape[0] !== n))
    throw new ShapeError(
      `ctcLoss: ${frames.numel} and ${sizes.numel} lengths, targets ${show(targets.shape)} for ${n} samples`,
    )
  if (!(Number.isInteger(blank) && blank >= 0 && blank < c))
    throw new ValueError(`ctcLoss: the blank ${blank} is not one of ${c} classes`)
  const wanted = cast(targets, 'i64')
  const attributes = [blank, zeroInfinity ? 1 : 0]
  const states = t * (2 * wanted.numel + n)
  const [losses, alpha] = makeMany(
    'ctcLoss',
    OP.ctcLoss,
    [
      { dtype: logProbs.dtype, shape: [n] },
      { dtype: 'f64', shape: [states] },
    ],
    [logProbs, wanted, frames, sizes],
    attributes,
    states * 10,
  ) as [Tensor, Tensor]
  if (needsGrad(logProbs)) {
    const saved = [save(logProbs), save(wanted), save(frames), save(sizes), save(alpha)]
    record('ctcLoss', losses, [logProbs], saved, (g, [x, wanted, frames, sizes, alpha]) => {
      const given = x as Tensor
      if (needsGrad(g, given))
        return [ctcGradient(g, given, wanted as Tensor, frames as Tensor, sizes as Tensor, blank, zeroInfinity)]
      return makeMany(
        'ctcLoss',
        OP.ctcLossBackward,
        [{ dtype: given.dtype, shape: given.shape }],
        [g, given, wanted, frames, sizes, alpha],
        attributes,
        states * 12 + given.numel,
      )
    })
  }
  if (reduction !== 'mean') return reduced('ctcLoss', losses, reduction)
  return reduced('ctcLoss', div(losses, cast(clamp(sizes, 1), losses.dtype)), 'mean')
}

/** Lengths (n), i64, where `like` lives. */
function lengths(v: Tensor | readonly number[] | number, like: Tensor): Tensor {
  const t = isTensor(v) ? v : tensor(typeof v === 'number' ? [v] : [...v], { dtype: 'i64', device: like.device })
  checkIndices('ctcLoss', t)
  return cast(reshape(t, [-1]), 'i64')
}
