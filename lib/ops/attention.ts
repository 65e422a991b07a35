/** Scaled dot-product attention (Vaswani et al. 2017), tiled with an online softmax; the scores are never stored. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { broadcastShapes, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { attentionGradients, composedAttention, type Diagonal } from './attentionComposed.js'
import { checkDTypes } from './conv.js'
import { makeMany } from './emit.js'
import type { Generator } from './random.js'
import { expand, reshape, unsqueeze } from './views.js'

export interface AttentionOptions {
  /**
   * Which keys a query sees. 'upperLeft': query i sees keys up to i (PyTorch's is_causal). 'lowerRight', and true: query i sees
   * keys up to i + s - t, so that the last query sees all, as one does that follows s - t cached keys. Both are the same where
   * t = s.
   */
  causal?: boolean | 'upperLeft' | 'lowerRight'
  /** Factor of the scores. Default 1 / sqrt(d). */
  scale?: number
  /** Broadcasts to (..., t, s): bool, true where a query sees a key, or numbers that are added to the scores. */
  mask?: Tensor | null
  /** Share of the weights that is zeroed. Default 0. */
  dropout?: number
  /** k and v have fewer heads (dimension -3) than q: each serves as many neighbouring heads of q as it takes. */
  enableGqa?: boolean
  generator?: Generator
}

const MADS_PER_NS = 15
const NAME = 'scaledDotProductAttention'

/**
 * softmax(q k^T * scale) v: q (..., t, d), k (..., s, d), v (..., s, e) -> (..., t, e); leading dimensions are batches and
 * broadcast. Queries that see no key give 0. Without mask and dropout, and with e = d, it is one fused kernel; else the scores
 * are stored. Differentiable any number of times. Definition: torch.nn.functional.scaled_dot_product_attention.
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { mask = null, dropout = 0, enableGqa = false } = options
  const fits =
    Math.min(q.rank, k.rank, v.rank) >= 2 && k.shape.at(-1) === q.shape.at(-1) && v.shape.at(-2) === k.shape.at(-2)
  if (!fits)
    throw new ShapeError(
      `${NAME}: takes q (..., t, d), k (..., s, d) and v (..., s, e), got ${show(q.shape)}, ${show(k.shape)}, ${show(v.shape)}`,
    )
  checkDTypes(NAME, q, k, v)
  if (enableGqa && q.rank > 2) {
    const heads = q.shape.at(-3) as number
    return scaledDotProductAttention(q, repeated(k, heads), repeated(v, heads), { ...options, enableGqa: false })
  }
  const [t, d] = q.shape.slice(-2) as [number, number]
  const [s, e] = v.shape.slice(-2) as [number, number]
  const lead = (x: Tensor): Shape => x.shape.slice(0, -2)
  const batch = broadcastShapes(NAME, lead(q), broadcastShapes(NAME, lead(k), lead(v)))
  checkMask(mask, q, [...batch, t, s])
  const { causal = false } = options
  const diagonal: Diagonal = causal === true ? 'lowerRight' : causal === false ? null : causal
  if (diagonal && mask) throw new ValueError(`${NAME}: takes either a mask or causal`)
  const scale = options.scale ?? 1 / Math.sqrt(d)
  if (mask || dropout > 0 || d !== e || d === 0)
    return composedAttention(q, k, v, { mask, scale, diagonal, dropout, generator: options.generator })
  if (q.rank === 4 && sameShape(lead(k), lead(q)) && sameShape(lead(v), lead(q))) return fused(q, k, v, scale, diagonal)
  const n = numelOf(batch)
  const flat = (x: Tensor, length: number): Tensor => reshape(expand(x, [...batch, length, d]), [n, 1, length, d])
  return reshape(fused(flat(q, t), flat(k, s), flat(v, s), scale, diagonal), [...batch, t, d])
}

/** q (b, h, t, d), k and v (b, h, s, d). */
function fused(q: Tensor, k: Tensor, v: Tensor, scale: number, diagonal: Diagonal): Tensor {
  const [b, h, t, d] = q.shape as [number, number, number, number]
  const attributes = [scale, diagonal === null ? 0 : diagonal === 'lowerRight' ? 1 : 2]
  const ns = (2 * b * h * t * (k.shape[2] as number) * d) / MADS_PER_NS
  const lse = { dtype: q.dtype === 'f64' ? ('f64' as const) : ('f32' as const), shape: [b, h, t] }
  const results = [{ dtype: q.dtype, shape: q.shape }, lse]
  const [y, l] = makeMany(NAME, OP.attention, results, [q, k, v], attributes, ns) as [Tensor, Tensor]
  if (needsGrad(q, k, v)) {
    record(NAME, y, [q, k, v], [save(q), save(k), save(v), save(y), save(l)], (g, [q, k, v, y, l]) => {
      const operands = [q, k, v] as [Tensor, Tensor, Tensor]
      if (needsGrad(g) || needsGrad(...operands)) return attentionGradients(g, ...operands, scale, diagonal)
      const likes = operands.map((x) => ({ dtype: x.dtype, shape: x.shape }))
      return makeMany(NAME, OP.attentionBackward, likes, [g, q, k, v, y, l], attributes, 2.5 * ns)
    })
  }
  return y
}

function checkMask(mask: Tensor | null, q: Tensor, scores: Shape): void {
  if (!mask) return
  if (mask.dtype !== 'bool' && mask.dtype !== q.dtype)
    throw new DTypeError(`${NAME}: the mask is ${mask.dtype}, not bool or ${q.dtype}`)
  if (!sameShape(broadcastShapes(NAME, scores, mask.shape), scores))
    throw new ShapeError(`${NAME}: a mask ${show(mask.shape)} does not broadcast to scores ${show(scores)}`)
}

/** Each head of x (..., h, s, d) as often as `heads` takes. */
function repeated(x: Tensor, heads: number): Tensor {
  const own = x.rank > 2 ? (x.shape.at(-3) as number) : 1
  if (own === heads || own === 0) return x
  if (heads % own !== 0) throw new ShapeError(`${NAME}: ${heads} heads of queries for ${own} of keys or values`)
  const [s, d] = x.shape.slice(-2) as [number, number]
  const batch = x.shape.slice(0, -3)
  const each = expand(unsqueeze(reshape(x, [...batch, own, s, d]), -3), [...batch, own, heads / own, s, d])
  return reshape(each, [...batch, heads, s, d])
}
