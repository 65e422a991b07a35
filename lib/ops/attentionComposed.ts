/**
 * Attention composed of differentiable operators, scores stored. Place in the whole: what the fused kernel of attention.ts does
 * not do (masks, dropout, values of another width), and its gradient in a backward pass that is recorded.
 */
import type { Tensor } from '../tensor/tensor.js'
import { add, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { arange } from './creation.js'
import { dropout } from './dropout.js'
import { matmul } from './matmul.js'
import type { Generator } from './random.js'
import { amax, sum } from './reduce.js'
import { where } from './select.js'
import { softmax } from './softmax.js'
import { transpose, unsqueeze } from './views.js'

/** Where the causal diagonal ends; null: every query sees every key. */
export type Diagonal = 'upperLeft' | 'lowerRight' | null

export interface Scoring {
  scale: number
  diagonal: Diagonal
  /** bool: true where a query sees a key; or numbers to add. */
  mask?: Tensor | null
}

/** Half precision is computed in f32. */
const wide = (x: Tensor): Tensor => (x.dtype === 'f16' || x.dtype === 'bf16' ? cast(x, 'f32') : x)

/** softmax(q k^T * scale), of what the mask leaves: (..., t, s). Rows that see nothing are 0. */
export function attentionWeights(q: Tensor, k: Tensor, { scale, diagonal, mask = null }: Scoring): Tensor {
  let scores: Tensor = mul(matmul(q, transpose(k)), scale)
  if (!diagonal && !mask) return softmax(scores)
  if (diagonal) scores = where(visible(q, k, diagonal), scores, Number.NEGATIVE_INFINITY)
  if (mask)
    scores =
      mask.dtype === 'bool' ? where(mask, scores, Number.NEGATIVE_INFINITY) : add(scores, cast(mask, scores.dtype))
  if (scores.shape.at(-1) === 0) return scores
  const blind = amax(scores.detach(), -1, { keepDim: true }).eq(Number.NEGATIVE_INFINITY)
  return softmax(scores.maskedFill(blind, 0)).maskedFill(blind, 0)
}

/** (t, s): where a query sees a key. */
function visible(q: Tensor, k: Tensor, diagonal: Diagonal): Tensor {
  const [t, s] = [q.shape.at(-2) as number, k.shape.at(-2) as number]
  const line = (n: number): Tensor => arange(n, undefined, 1, { dtype: 'i64', device: q.device })
  return line(s).le(add(unsqueeze(line(t), 1), diagonal === 'lowerRight' ? s - t : 0))
}

export function composedAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: Scoring & { dropout: number; generator?: Generator | undefined },
): Tensor {
  const weights = attentionWeights(wide(q), wide(k), options)
  const { generator } = options
  const kept = options.dropout > 0 ? dropout(weights, options.dropout, generator ? { generator } : {}) : weights
  return cast(matmul(kept, wide(v)), q.dtype)
}

/** The gradients of q, k and v. */
export function attentionGradients(
  g: Tensor,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  scale: number,
  diagonal: Diagonal,
): Tensor[] {
  const [gw, qw, kw, vw] = [g, q, k, v].map(wide) as [Tensor, Tensor, Tensor, Tensor]
  const p = attentionWeights(qw, kw, { scale, diagonal })
  const pull = matmul(gw, transpose(vw))
  const scores = mul(mul(p, sub(pull, sum(mul(pull, p), -1, { keepDim: true }))), scale)
  const gradients = [matmul(scores, kw), matmul(transpose(scores), qw), matmul(transpose(p), gw)]
  return gradients.map((x) => cast(x, g.dtype))
}
