/** Multi-head attention with its projections (Vaswani et al. 2017). Definition: torch.nn.functional.multi_head_attention_forward. */
import { ShapeError } from '../errors.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { scaledDotProductAttention } from './attention.js'
import { attentionWeights } from './attentionComposed.js'
import { add } from './binary.js'
import { checkDTypes } from './conv.js'
import { zeros } from './creation.js'
import { dropout } from './dropout.js'
import { concat } from './join.js'
import { linear } from './linear.js'
import { matmul } from './matmul.js'
import { mean } from './reduce.js'
import { where } from './select.js'
import { expand, narrow, permute, reshape, squeeze, unsqueeze } from './views.js'

export interface MultiHeadAttentionOptions {
  heads: number
  /** Projections of q, k and v one below the other (3 e, e) ... */
  inProjWeight?: Tensor | null
  /** ... or each for itself: (e, e), (e, width of k), (e, width of v). */
  projWeights?: readonly [Tensor, Tensor, Tensor] | null
  /** (3 e). */
  inProjBias?: Tensor | null
  outProjWeight: Tensor
  outProjBias?: Tensor | null
  /** A key and a value (e) behind those that are given. */
  biasK?: Tensor | null
  biasV?: Tensor | null
  /** A key and a value of zeros behind those. */
  addZeroAttn?: boolean
  /** Share of the weights that is zeroed in training. */
  dropout?: number
  training?: boolean
  /** (t, s) or (n * heads, t, s): bool, true where a query does not see a key, or numbers that are added to the scores. */
  mask?: Tensor | null
  /** (n, s): bool, true for keys that count for nothing, or numbers that are added to the scores. */
  keyPaddingMask?: Tensor | null
  /** Give back the weights too. Default true. */
  needWeights?: boolean
  /** Their mean over the heads (default), or those of each. */
  averageWeights?: boolean
}

/**
 * query (t, n, e), key (s, n, ...), value (s, n, ...), or without n -> the result (t, n, e) and the weights (n, t, s) or
 * (n, heads, t, s), null where they are not needed. As in PyTorch a bool mask holds where attention is *not* paid, unlike that
 * of `scaledDotProductAttention`.
 */
export function multiHeadAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: MultiHeadAttentionOptions,
): [Tensor, Tensor | null] {
  const { heads, needWeights = true, averageWeights = true, training = true } = options
  checkDTypes('multiHeadAttention', query, key, value, options.outProjWeight)
  if (query.rank === 2) {
    const alone = (x: Tensor): Tensor => unsqueeze(x, 1)
    const padding = options.keyPaddingMask && unsqueeze(options.keyPaddingMask, 0)
    const [y, w] = multiHeadAttention(alone(query), alone(key), alone(value), {
      ...options,
      keyPaddingMask: padding ?? null,
    })
    return [squeeze(y, 1), w && squeeze(w, 0)]
  }
  const [t, n, e] = query.shape as [number, number, number]
  if (query.rank !== 3 || key.rank !== 3 || value.rank !== 3 || e % heads !== 0)
    throw new ShapeError(
      `multiHeadAttention: takes query (t, n, e), key and value (s, n, ...) with e a multiple of ${heads} heads, got ${show(query.shape)}, ${show(key.shape)}, ${show(value.shape)}`,
    )
  const project = (x: Tensor, i: number): Tensor => {
    const weight = options.projWeights ? options.projWeights[i] : narrow(options.inProjWeight as Tensor, 0, i * e, e)
    return linear(x, weight as Tensor, options.inProjBias ? narrow(options.inProjBias, 0, i * e, e) : null)
  }
  const extended = (x: Tensor, bias: Tensor | null | undefined): Tensor => {
    const rows = [x]
    if (bias) rows.push(expand(reshape(bias, [1, 1, e]), [1, n, e]))
    if (options.addZeroAttn) rows.push(zeros([1, n, e], { dtype: x.dtype, device: x.device }))
    return rows.length > 1 ? concat(rows, 0) : x
  }
  // (n, heads, length, e / heads)
  const split = (x: Tensor): Tensor => permute(reshape(x, [x.shape[0] as number, n, heads, e / heads]), [1, 2, 0, 3])
  const q = split(project(query, 0))
  const k = split(extended(project(key, 1), options.biasK))
  const v = split(extended(project(value, 2), options.biasV))
  const mask = maskOf(options, n, t, key.shape[0] as number, k.shape[2] as number, query)
  const p = training ? (options.dropout ?? 0) : 0
  const join = (x: Tensor): Tensor =>
    linear(reshape(permute(x, [2, 0, 1, 3]), [t, n, e]), options.outProjWeight, options.outProjBias)
  if (!needWeights) return [join(scaledDotProductAttention(q, k, v, { mask, dropout: p })), null]
  const scale = 1 / Math.sqrt(e / heads)
  const weights = dropout(attentionWeights(q, k, { scale, mask }), p)
  return [join(matmul(weights, v)), averageWeights ? mean(weights, 1) : weights]
}

/** What is added to the scores (n, heads, t, all keys), or null. */
function maskOf(
  { mask, keyPaddingMask, heads }: MultiHeadAttentionOptions,
  n: number,
  t: number,
  s: number,
  all: number,
  like: Tensor,
): Tensor | null {
  const options = { dtype: like.dtype, device: like.device }
  const numbers = (m: Tensor): Tensor =>
    m.dtype === 'bool' ? where(m, Number.NEGATIVE_INFINITY, zeros([], options)) : m
  const parts: Tensor[] = []
  if (mask) parts.push(mask.rank === 3 ? reshape(numbers(mask), [n, heads, t, s]) : numbers(mask))
  if (keyPaddingMask) parts.push(reshape(numbers(keyPaddingMask), [n, 1, 1, s]))
  if (parts.length === 0) return null
  const sum = parts.length === 1 ? (parts[0] as Tensor) : add(parts[0] as Tensor, parts[1] as Tensor)
  // Keys behind those that are given are seen by all.
  return all === s ? sum : concat([sum, zeros([...sum.shape.slice(0, -1), all - s], options)], -1)
}
