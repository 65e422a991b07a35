/**
 * Attention composed of differentiable operators, scores stored. Place in the whole: what the fused kernel of attention.ts does
 * not do (gradients of masks and slopes, vmap with dropout), and its gradient in a backward pass that is recorded.
 */
import { OP } from '../generated/ops.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { arange } from './creation.js'
import { dropout } from './dropout.js'
import { make0 } from './emit.js'
import { matmul } from './matmul.js'
import type { Generator } from './random.js'
import { amax, sum } from './reduce.js'
import { where } from './select.js'
import { softmax } from './softmax.js'
import { abs, tanh } from './unary.js'
import { transpose, unsqueeze } from './views.js'

/** Where a query stands among the keys and how far it sees; -1: without end. */
export interface Sight {
  /** 'lowerRight': the last query stands at the last key; 'upperLeft': the first at the first. */
  corner: 'lowerRight' | 'upperLeft'
  left: number
  right: number
}

export const EVERYTHING: Sight = { corner: 'lowerRight', left: -1, right: -1 }

export interface Scoring {
  scale: number
  sight?: Sight
  /** bool: true where a query sees a key; or numbers to add. */
  mask?: Tensor | null
  /** The score x becomes cap tanh(x / cap); 0: it stays. */
  cap?: number
  /** ALiBi's, of each head: (..., h). */
  slopes?: Tensor | null
}

/** Half precision is computed in f32. */
const wide = (x: Tensor): Tensor => (x.dtype === 'f16' || x.dtype === 'bf16' ? cast(x, 'f32') : x)

const capped = (x: Tensor, cap: number): Tensor => mul(tanh(div(x, cap)), cap)

/** softmax(q k^T * scale), of what the mask leaves: (..., t, s). Rows that see nothing are 0. */
export function attentionWeights(q: Tensor, k: Tensor, scoring: Scoring): Tensor {
  const { scale, sight = EVERYTHING, mask = null, cap = 0, slopes = null } = scoring
  let scores: Tensor = mul(matmul(q, transpose(k)), scale)
  if (cap !== 0) scores = capped(scores, cap)
  if (slopes) {
    const slope = unsqueeze(unsqueeze(cast(slopes, scores.dtype), -1), -1)
    scores = sub(scores, mul(slope, cast(abs(places(q, k, sight)), scores.dtype)))
  }
  const limited = sight.left >= 0 || sight.right >= 0
  if (!limited && !mask) return softmax(scores)
  if (limited) scores = where(visible(places(q, k, sight), sight), scores, Number.NEGATIVE_INFINITY)
  if (mask)
    scores =
      mask.dtype === 'bool' ? where(mask, scores, Number.NEGATIVE_INFINITY) : add(scores, cast(mask, scores.dtype))
  if (scores.shape.at(-1) === 0) return scores
  const blind = amax(scores.detach(), -1, { keepDim: true }).eq(Number.NEGATIVE_INFINITY)
  return softmax(scores.maskedFill(blind, 0)).maskedFill(blind, 0)
}

/** (t, s): the place of a key, seen from a query's. */
function places(q: Tensor, k: Tensor, { corner }: Sight): Tensor {
  const [t, s] = [q.shape.at(-2) as number, k.shape.at(-2) as number]
  const line = (n: number): Tensor => arange(n, undefined, 1, { dtype: 'i64', device: q.device })
  return sub(line(s), add(unsqueeze(line(t), 1), corner === 'lowerRight' ? s - t : 0))
}

function visible(place: Tensor, { left, right }: Sight): Tensor {
  if (left < 0) return place.le(right)
  const behind = place.ge(-left)
  return right < 0 ? behind : behind.logicalAnd(place.le(right))
}

/** What dropout does to weights. Its numbers are a function of the counter, so that every pass draws the same. */
export interface Drop {
  share: number
  /** Seed and offset of the stream. */
  stream: readonly [number, number, number]
  /** Each sample of a vmap draws its own: the stream is not used. */
  apart: boolean
  generator?: Generator | undefined
}

/** 0, or what keeps the mean, for each weight (b, h, t, s): the factors that the fused kernel draws. */
function factors(like: Tensor, { share, stream }: Drop): Tensor {
  return make0(OP.attentionFactors, like.device, like.dtype, like.shape, [share, ...stream], 5)
}

export function composedAttention(q: Tensor, k: Tensor, v: Tensor, scoring: Scoring, drop: Drop | null): Tensor {
  let weights = attentionWeights(wide(q), wide(k), scoring)
  if (drop) {
    if (drop.share < 1 && !drop.apart) weights = mul(weights, factors(weights, drop))
    else weights = dropout(weights, drop.share, drop.generator ? { generator: drop.generator } : {})
  }
  return cast(matmul(weights, wide(v)), q.dtype)
}

/** The gradients of q, k and v. */
export function attentionGradients(
  g: Tensor,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  scoring: Scoring,
  drop: Drop | null,
): Tensor[] {
  const [gw, qw, kw, vw] = [g, q, k, v].map(wide) as [Tensor, Tensor, Tensor, Tensor]
  const p = attentionWeights(qw, kw, scoring)
  const kept = drop ? factors(p, drop) : null
  const dropped = (x: Tensor): Tensor => (kept ? mul(x, kept) : x)
  const pull = dropped(matmul(gw, transpose(vw)))
  let scores: Tensor = mul(p, sub(pull, sum(mul(pull, p), -1, { keepDim: true })))
  const { scale, cap = 0 } = scoring
  if (cap !== 0) {
    const bent = tanh(div(mul(matmul(qw, transpose(kw)), scale), cap))
    scores = mul(scores, sub(1, mul(bent, bent)))
  }
  scores = mul(scores, scale)
  const gradients = [matmul(scores, kw), matmul(transpose(scores), qw), matmul(transpose(dropped(p)), gw)]
  return gradients.map((x) => cast(x, g.dtype))
}
