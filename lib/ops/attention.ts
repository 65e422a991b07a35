/** Scaled dot-product attention (Vaswani et al. 2017), tiled with an online softmax; the scores are never stored. */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkDTypes, once } from './conv.js'
import { makeMany } from './emit.js'

export interface AttentionOptions {
  /** Query i sees keys up to i + s - t (its own position when t = s). */
  causal?: boolean
  /** Factor of the scores. Default 1 / sqrt(d). */
  scale?: number
}

const MADS_PER_NS = 15

/** softmax(q k^T * scale) v: q (b, h, t, d), k and v (b, h, s, d) -> (b, h, t, d). Queries that see no key give 0. */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const [b, h, t, d] = q.shape as [number, number, number, number]
  const s = k.shape[2] as number
  const fits =
    q.rank === 4 &&
    k.rank === 4 &&
    v.rank === 4 &&
    k.shape[0] === b &&
    k.shape[1] === h &&
    k.shape[3] === d &&
    sameShape(v.shape, k.shape)
  if (!fits)
    throw new ShapeError(
      `scaledDotProductAttention: takes q (b, h, t, d), k and v (b, h, s, d), got ${show(q.shape)}, ${show(k.shape)}, ${show(v.shape)}`,
    )
  checkDTypes('scaledDotProductAttention', q, k, v)
  const attributes = [options.scale ?? 1 / Math.sqrt(d), options.causal ? 1 : 0]
  const ns = (2 * b * h * t * s * d) / MADS_PER_NS
  const lse = { dtype: q.dtype === 'f64' ? ('f64' as const) : ('f32' as const), shape: [b, h, t] }
  const [y, l] = makeMany(
    'scaledDotProductAttention',
    OP.attention,
    [{ dtype: q.dtype, shape: q.shape }, lse],
    [q, k, v],
    attributes,
    ns,
  ) as [Tensor, Tensor]
  if (needsGrad(q, k, v)) {
    record(
      'scaledDotProductAttention',
      y,
      [q, k, v],
      [save(q), save(k), save(v), save(y), save(l)],
      (g, [q, k, v, y, l]) => {
        once('scaledDotProductAttention', g, q, k, v)
        const like = (x: Tensor | undefined): { dtype: Tensor['dtype']; shape: Tensor['shape'] } => ({
          dtype: (x as Tensor).dtype,
          shape: (x as Tensor).shape,
        })
        return makeMany(
          'scaledDotProductAttention',
          OP.attentionBackward,
          [like(q), like(k), like(v)],
          [g, q, k, v, y, l],
          attributes,
          2.5 * ns,
        )
      },
    )
  }
  return y
}
