/**
 * Scaled dot-product attention (Vaswani et al. 2017), tiled with an online softmax (Dao 2023); the scores are never stored.
 * Place in the whole: checks arguments, brings operands to (b, h, t, d) and records the gradient; attentionComposed.ts is the
 * same of differentiable operators.
 */
import { autocasting, noGrad } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { AutogradError, DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { batching, drawsNow, inVmap } from '../tensor/batched.js'
import { broadcastShapes, compact, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { attentionGradients, composedAttention, type Drop, EVERYTHING, type Scoring } from './attentionComposed.js'
import { checkedOptions, MADS_PER_NS, rowsApart } from './attentionOptions.js'
import { atHalf } from './autocast.js'
import { checkDTypes } from './conv.js'
import { contiguous } from './convert.js'
import { makeMany, viewOf } from './emit.js'
import { stack } from './join.js'
import { defaultGenerator, type Generator } from './random.js'
import { unbind } from './split.js'
import { expand, permute, reshape, unsqueeze } from './views.js'

export interface AttentionOptions {
  /**
   * Which keys a query sees. 'upperLeft': query i sees keys up to i (PyTorch's is_causal). 'lowerRight', and true: query i sees
   * keys up to i + s - t, so that the last query sees all, as one does that follows s - t cached keys. Both are the same where
   * t = s.
   */
  causal?: boolean | 'upperLeft' | 'lowerRight'
  /**
   * Sliding window: how many keys before and behind its place a query sees beside the key at its place (i + s - t, or i with
   * 'upperLeft'); one number for both sides, -1 for no limit. With causal only what is before.
   */
  window?: number | readonly [left: number, right: number]
  /** Factor of the scores. Default 1 / sqrt(d). */
  scale?: number
  /** Broadcasts to (..., t, s): bool, true where a query sees a key, or numbers that are added to the scores. */
  mask?: Tensor | null
  /** ALiBi (Press et al. 2022): slopes (h) or (b, h); slope * distance of query and key is taken off the scores. */
  alibi?: Tensor | null
  /** Soft cap of the scores (Gemma 2): x becomes softcap * tanh(x / softcap), before ALiBi and mask. */
  softcap?: number
  /** Share of the weights that is zeroed, in steps of 2^-16. Default 0. */
  dropout?: number
  /** k and v have fewer heads (dimension -3) than q: each serves as many neighbouring heads of q as it takes. */
  enableGqa?: boolean
  generator?: Generator
}

export type SelfAttentionOptions = Omit<AttentionOptions, 'enableGqa'>

const NAME = 'scaledDotProductAttention'

/**
 * softmax(q k^T * scale) v: q (..., t, d), k (..., s, d), v (..., s, e) -> (..., t, e); leading dimensions are batches and
 * broadcast. Queries that see no key give 0. One fused kernel that reads its operands as they lie, whatever their strides (the
 * rows' elements apart); the result lies as q does. Scores are stored only where a gradient of `mask` or `alibi` is wanted, and
 * under vmap with dropout. Differentiable any number of times. Definition: torch.nn.functional.scaled_dot_product_attention.
 *
 * @throws ShapeError where operands do not fit, DTypeError where their dtypes differ, ValueError for options out of range.
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  return attend(q, k, v, options, null)
}

/**
 * scaledDotProductAttention of one sequence with itself, whose queries, keys and values lie side by side as one projection gives
 * them: (b, t, 3, h, d) -> (b, h, t, d). The three gradients are written where the projection's gradient has them, rather than put
 * together afterwards.
 *
 * @throws ShapeError for another shape, and what scaledDotProductAttention throws.
 */
export function selfAttention(qkv: Tensor, options: SelfAttentionOptions = {}): Tensor {
  if (qkv.rank !== 5 || qkv.shape[2] !== 3)
    throw new ShapeError(`selfAttention: takes queries, keys and values (b, t, 3, h, d), got ${show(qkv.shape)}`)
  // Elsewhere the kernels know three results only.
  const together = needsGrad(qkv) && qkv.device === 'cpu' && !autocasting.frame && batching.frames.length === 0
  if (!together) return scaledDotProductAttention(...projections(qkv), options)
  return attend(...noGrad(() => projections(qkv)), options, qkv)
}

/** (b, t, 3, h, d) as q, k and v (b, h, t, d). */
function projections(qkv: Tensor): Projections {
  if (needsGrad(qkv) || inVmap(qkv)) return unbind(qkv, 2).map(byPositions) as Projections
  const [b, t, , h, d] = qkv.shape as [number, number, number, number, number]
  const [ofB, ofT, ofPart, ofH, ofD] = qkv.strides as [number, number, number, number, number]
  const shape = [b, h, t, d]
  const strides = compact(shape, [ofB, ofH, ofT, ofD])
  const part = (i: number): Tensor => viewOf('selfAttention', qkv, shape, strides, qkv.numel > 0 ? i * ofPart : 0)
  return [part(0), part(1), part(2)]
}
/** (b, h, t, d) as (b, t, h, d), and back. */
const byPositions = (x: Tensor): Tensor => permute(x, [0, 2, 1, 3])
type Projections = [q: Tensor, k: Tensor, v: Tensor]

/** `whole`: what gets the gradient instead of q, k and v, its projections. */
function attend(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions, whole: Tensor | null): Tensor {
  if (autocasting.frame) {
    const { mask } = options
    const lowered = mask?.dtype === 'bool' ? null : mask
    return atHalf('scaledDotProductAttention', [q, k, v, lowered], (q, k, v, m) =>
      scaledDotProductAttention(q, k, v, { ...options, mask: m ?? mask ?? null }),
    )
  }
  const fits =
    Math.min(q.rank, k.rank, v.rank) >= 2 && k.shape.at(-1) === q.shape.at(-1) && v.shape.at(-2) === k.shape.at(-2)
  if (!fits)
    throw new ShapeError(
      `${NAME}: takes q (..., t, d), k (..., s, d) and v (..., s, e), got ${show(q.shape)}, ${show(k.shape)}, ${show(v.shape)}`,
    )
  checkDTypes(NAME, q, k, v)
  const [t, d] = q.shape.slice(-2) as [number, number]
  const [s, e] = v.shape.slice(-2) as [number, number]
  const gqa = options.enableGqa === true && q.rank > 2
  const heads = gqa ? sharedHeads(q, k, v) : null
  // Without their heads, where k and v have others than q.
  const lead = (x: Tensor): Shape => x.shape.slice(0, heads === null ? -2 : -3)
  const batch = broadcastShapes(NAME, lead(q), broadcastShapes(NAME, lead(k), lead(v)))
  const all: Shape = heads === null ? batch : [...batch, q.shape.at(-3) as number]
  const { mask = null, alibi = null } = options
  checkMask(mask, q, [...all, t, s])
  checkSlopes(alibi, q, all)
  const common = checkedOptions(NAME, options, d)

  const [b, h] =
    heads === null ? [numelOf(batch.slice(0, 1)), numelOf(batch.slice(1))] : [numelOf(batch), all.at(-1) as number]
  // x (..., length, width) as (b, own, length, width): a view where it has four dimensions or fewer.
  const fourth = (x: Tensor, own: number): Tensor => {
    const given: Shape = heads === null ? batch : [...batch, own]
    const end = x.shape.slice(-2)
    const whole = sameShape(x.shape.slice(0, -2), given) ? x : expand(x, [...given, ...end])
    if (whole.rank === 2) return unsqueeze(unsqueeze(whole, 0), 0)
    if (whole.rank === 3) return unsqueeze(whole, heads === null ? 1 : 0)
    return whole.rank === 4 ? whole : reshape(whole, [b, own, ...end])
  }
  const shared = heads ?? h
  const scored = mask && fourth(expand(mask, [...all, t, s]), h)
  const slopes = alibi && reshape(expand(alibi, all), [b, h])
  const drop = common.dropout > 0 ? drawn(common.dropout, b * h * t * Math.ceil(s / 8), options.generator) : null
  const scoring: Scoring = { ...common.scoring, mask: scored, slopes }
  const operands = (x: Projections): Projections => [fourth(x[0], h), fourth(x[1], shared), fourth(x[2], shared)]
  const composed =
    (mask !== null && needsGrad(mask)) ||
    (alibi !== null && needsGrad(alibi)) ||
    d === 0 ||
    (drop !== null && (drop.share >= 1 || drop.apart))
  let y: Tensor
  if (composed) {
    const [all, keys, values] = operands(whole ? projections(whole) : [q, k, v])
    y = composedAttention(all, repeated(keys, h), repeated(values, h), scoring, drop)
  } else {
    y = fused(NAME, operands([q, k, v]), scoring, drop, null, whole)
  }
  const shape = [...all, t, e]
  if (sameShape(y.shape, shape)) return y
  return reshape(y, shape)
}

export interface VarlenAttentionOptions extends Omit<AttentionOptions, 'mask' | 'enableGqa'> {
  /** Starts of the sequences of keys, where they are not those of the queries. */
  keyStarts?: Tensor
}

/**
 * Attention within sequences of different lengths that lie one after another: q (rows, h, d), k (rows, hk, d), v (rows, hk, e),
 * h a multiple of hk, starts (n + 1) of i32 or i64: sequence i has the rows [starts[i], starts[i + 1]). -> (rows, h, e); rows that
 * belong to no sequence give 0. Differentiable once. Definition: torch.nn.attention.varlen.varlen_attn.
 *
 * @throws ShapeError, DTypeError, ValueError as scaledDotProductAttention; starts that decrease or leave the rows are found when
 * the kernel runs and reported where the result is read (SINTER_INDEX_OUT_OF_RANGE).
 */
export function varlenAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  starts: Tensor,
  options: VarlenAttentionOptions = {},
): Tensor {
  if (autocasting.frame)
    return atHalf('varlenAttention', [q, k, v], (q, k, v) => varlenAttention(q, k, v, starts, options))
  const name = 'varlenAttention'
  const fits = q.rank === 3 && k.rank === 3 && v.rank === 3 && k.shape[2] === q.shape[2] && k.shape[0] === v.shape[0]
  if (!fits)
    throw new ShapeError(
      `${name}: takes q (rows, h, d), k (rows, hk, d) and v (rows, hk, e), got ${show(q.shape)}, ${show(k.shape)}, ${show(v.shape)}`,
    )
  checkDTypes(name, q, k, v)
  sharedHeads(transposed(q), transposed(k), transposed(v), name)
  const keyStarts = options.keyStarts ?? starts
  for (const x of [starts, keyStarts]) {
    if (x.dtype !== 'i32' && x.dtype !== 'i64') throw new DTypeError(`${name}: starts are ${x.dtype}, not i32 or i64`)
    if (x.rank !== 1 || x.numel < 1 || x.numel !== starts.numel)
      throw new ShapeError(
        `${name}: takes starts (n + 1), as many of keys as of queries, got ${show(starts.shape)} and ${show(keyStarts.shape)}`,
      )
  }
  const common = checkedOptions(name, options, q.shape[2] as number)
  const [t, h] = q.shape as [number, number]
  const { alibi = null } = options
  if (alibi && (alibi.rank !== 1 || alibi.shape[0] !== h))
    throw new ShapeError(`${name}: takes slopes (h) for ${h} heads, got ${show(alibi.shape)}`)
  const blocks = h * t * Math.ceil((k.shape[0] as number) / 8)
  const drop = common.dropout > 0 ? drawn(common.dropout, blocks, options.generator) : null
  const scoring: Scoring = { ...common.scoring, slopes: alibi && unsqueeze(alibi, 0) }
  const operands = [q, k, v].map((x) => unsqueeze(transposed(x), 0)) as [Tensor, Tensor, Tensor]
  const y = fused(name, operands, scoring, drop, [contiguous(starts), contiguous(keyStarts)], null)
  return permute(y, [0, 2, 1, 3]).select(0, 0)
}

const transposed = (x: Tensor): Tensor => permute(x, [1, 0, 2])

function drawn(share: number, blocks: number, generator: Generator | undefined): Drop {
  // Whether each sample of a vmap draws its own numbers, as the kernel cannot.
  const apart = batching.frames.length > 0 && drawsNow() > 1
  const stream = share >= 1 || apart ? ([0, 0, 0] as const) : (generator ?? defaultGenerator).take(blocks)
  return { share, stream, apart, generator }
}

/** The heads of k and v. */
function sharedHeads(q: Tensor, k: Tensor, v: Tensor, name = NAME): number {
  const [h, hk, hv] = [q, k, v].map((x) => (x.rank > 2 ? (x.shape.at(-3) as number) : 1)) as [number, number, number]
  if (hk !== hv || (hk === 0 ? h !== 0 : h % hk !== 0))
    throw new ShapeError(
      `${name}: ${h} heads of queries for ${hk} of keys and ${hv} of values, expected as many values as keys and a multiple of them`,
    )
  return hk
}

/** q (b, h, t, d), k (b, hk, s, d), v (b, hk, s, e) -> (b, h, t, e); starts of packed queries and keys, or null; `whole` as attend's. */
function fused(
  name: string,
  operands: Projections,
  scoring: Scoring,
  drop: Drop | null,
  starts: readonly [Tensor, Tensor] | null,
  whole: Tensor | null,
): Tensor {
  const [q, k, v] = operands.map(rowsApart) as Projections
  const [b, h, t] = q.shape as [number, number, number]
  const e = v.shape[3] as number
  const { scale, cap = 0, sight = EVERYTHING, mask = null, slopes = null } = scoring
  const byRows = h > 1 && t > 1 && (q.strides[1] as number) < (q.strides[2] as number)
  const limits = [sight.corner === 'upperLeft' ? 2 : 1, sight.left, sight.right]
  const attributes = [scale, ...limits, cap, drop?.share ?? 0, ...(drop?.stream ?? [0, 0, 0]), byRows ? 1 : 0]
  const ns = (b * h * t * (k.shape[2] as number) * ((q.shape[3] as number) + e)) / MADS_PER_NS
  const results = [
    { dtype: q.dtype, shape: layout([b, h, t, e], byRows) },
    { dtype: q.dtype === 'f64' ? ('f64' as const) : ('f32' as const), shape: [b, h, t] },
  ]
  const others = [mask, slopes, starts?.[0] ?? null, starts?.[1] ?? null]
  const [y, l] = makeMany(name, OP.attention, results, [q, k, v, ...others], attributes, ns) as [Tensor, Tensor]
  if (whole ? needsGrad(whole) : needsGrad(q, k, v)) {
    const there = others.map((x) => x !== null)
    const rest: Scoring = { scale, cap, sight }
    const inputs = whole ? [whole] : [q, k, v]
    const saved = [y, l, ...inputs, ...others.filter((x) => x !== null)].map(save)
    const together = whole !== null
    record(name, y, inputs, saved, (g, [y, l, ...more]) => {
      const inputs = more.splice(0, together ? 1 : 3)
      const operands = together ? projections(inputs[0] as Tensor) : (inputs as Projections)
      const [mask = null, slopes = null, ...starts] = there.map((is) => (is ? (more.shift() as Tensor) : null))
      const own = logical(g, byRows)
      if (needsGrad(g) || inputs.some((x) => needsGrad(x))) {
        if (starts.some((x) => x !== null))
          throw new AutogradError(`${name}: has no second derivative; use scaledDotProductAttention with a mask`)
        const gradients = sharedGradients(own, operands, { ...rest, mask, slopes }, drop)
        return together ? [stack(gradients.map(byPositions), 2)] : gradients
      }
      // The rules of vmap know three results only.
      const joint = together && !inVmap(g)
      const likes = joint ? inputs : operands.map((x) => ({ dtype: x.dtype, shape: layout(x.shape, byRows) }))
      const given = [
        rowsApart(own),
        logical(y as Tensor, byRows),
        l,
        ...operands.map(rowsApart),
        mask,
        slopes,
        ...starts,
      ]
      const gradients = makeMany(name, OP.attentionBackward, likes, given, attributes, 2.5 * ns)
      if (joint) return gradients
      const apart = gradients.map((x) => logical(x, byRows))
      return together ? [stack(apart.map(byPositions), 2)] : apart
    })
  }
  return logical(y, byRows)
}

/** (b, h, t, d) as it is stored, and back. */
const layout = ([b, h, t, d]: Shape, byRows: boolean): Shape => (byRows ? [b, t, h, d] : [b, h, t, d]) as Shape
const logical = (x: Tensor, byRows: boolean): Tensor => (byRows ? byPositions(x) : x)

/** attentionGradients where heads share k and v. */
function sharedGradients(
  g: Tensor,
  [q, k, v]: readonly [Tensor, Tensor, Tensor],
  scoring: Scoring,
  drop: Drop | null,
): Tensor[] {
  const h = q.shape[1] as number
  const [gq, gk, gv] = attentionGradients(g, q, repeated(k, h), repeated(v, h), scoring, drop) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const folded = (x: Tensor, like: Tensor): Tensor => {
    const [b, own, s, d] = like.shape as [number, number, number, number]
    return own === h || own === 0 ? x : reshape(x, [b, own, h / own, s, d]).sum(2)
  }
  return [gq, folded(gk, k), folded(gv, v)]
}

function checkMask(mask: Tensor | null, q: Tensor, scores: Shape): void {
  if (!mask) return
  if (mask.dtype !== 'bool' && mask.dtype !== q.dtype)
    throw new DTypeError(`${NAME}: the mask is ${mask.dtype}, not bool or ${q.dtype}`)
  if (!sameShape(broadcastShapes(NAME, scores, mask.shape), scores))
    throw new ShapeError(`${NAME}: a mask ${show(mask.shape)} does not broadcast to scores ${show(scores)}`)
}

function checkSlopes(alibi: Tensor | null, q: Tensor, lead: Shape): void {
  if (!alibi) return
  checkDTypes(NAME, alibi)
  if (lead.length < 1 || alibi.rank < 1 || !sameShape(broadcastShapes(NAME, lead, alibi.shape), lead))
    throw new ShapeError(
      `${NAME}: takes slopes (h) or (b, h), got ${show(alibi.shape)} for queries ${show(q.shape)} with leading ${show(lead)}`,
    )
}

/** Each head of x (b, h, s, d) as often as `heads` takes. */
function repeated(x: Tensor, heads: number): Tensor {
  const [b, own, s, d] = x.shape as [number, number, number, number]
  if (own === heads || own === 0) return x
  return reshape(expand(unsqueeze(x, 2), [b, own, heads / own, s, d]), [b, heads, s, d])
}
