/** Bags of embeddings: sums, means or maxima of rows of a table, without the rows themselves. */
import { noGrad } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, mul, ne } from './binary.js'
import { checkDTypes } from './conv.js'
import { cast } from './convert.js'
import { arange, full, ones, zeros } from './creation.js'
import { make, makeMany, sameDType } from './emit.js'
import { gather, scatterAdd } from './gather.js'
import { indexAdd, indexSelect } from './indexing.js'
import { checkIndices } from './indices.js'
import { mul_ } from './inplace.js'
import { sum } from './reduce.js'
import { where } from './select.js'
import { normAlong } from './similarity.js'
import { clamp } from './unary.js'
import { reshape, unsqueeze } from './views.js'

export interface EmbeddingBagOptions {
  /** Of flat indices (k): where each bag begins, the first at 0. Not for indices (bags, size). */
  offsets?: Tensor | null
  /** Default 'mean'. */
  mode?: 'sum' | 'mean' | 'max'
  /** Factor of each entry (indices' shape); only with 'sum'. */
  perSampleWeights?: Tensor | null
  /** Entries of this row count for nothing, and it gets no gradient. */
  paddingIndex?: number | null
  /** The offsets end with the number of indices: one more than there are bags. */
  includeLastOffset?: boolean
  /** Rows that are used are first shortened to this norm, in place. */
  maxNorm?: number | null
  /** The p of that norm. Default 2. */
  normType?: number
  /** Gradients of a row are divided by how often it is used. */
  scaleGradByFreq?: boolean
}

const MODES = ['sum', 'mean', 'max'] as const

/**
 * weight (rows, n) at indices (bags, size), or (k) with offsets (bags) -> (bags, n): the sum, mean or maximum of each bag's
 * rows; an empty bag gives zeros. Differentiable any number of times. Definition: torch.nn.functional.embedding_bag, which leaves
 * indices without any bag out; here they are an error.
 *
 * @throws ShapeError where indices, offsets and weights do not fit; offsets that do not cover the indices poison the result
 */
export function embeddingBag(weight: Tensor, indices: Tensor, options: EmbeddingBagOptions = {}): Tensor {
  const { mode = 'mean', perSampleWeights: factors = null, includeLastOffset = false } = options
  if (weight.rank !== 2) throw new ShapeError(`embeddingBag: the weight is ${show(weight.shape)}, not (rows, n)`)
  if (!MODES.includes(mode)) throw new ValueError(`embeddingBag: mode '${mode}' is not one of ${MODES.join(', ')}`)
  if (factors && mode !== 'sum')
    throw new ValueError(`embeddingBag: perSampleWeights are for mode 'sum', not '${mode}'`)
  checkIndices('embeddingBag', indices)
  checkDTypes('embeddingBag', weight, factors)
  if (factors && show(factors.shape) !== show(indices.shape))
    throw new ShapeError(`embeddingBag: perSampleWeights ${show(factors.shape)} for indices ${show(indices.shape)}`)
  const offsets = offsetsOf(indices, options)
  const [rows, n] = weight.shape as [number, number]
  const bags = (offsets.shape[0] as number) - (includeLastOffset && indices.rank === 1 ? 1 : 0)
  if (bags < 0) throw new ShapeError('embeddingBag: with includeLastOffset there is at least one offset')
  if (bags === 0 && indices.numel > 0)
    throw new ShapeError(`embeddingBag: no bag takes the ${indices.numel} indices; the offsets are to cover them`)
  const p = options.paddingIndex ?? null
  const padding = p === null ? -1 : p < 0 ? p + rows : p
  const flat = reshape(indices, [-1])
  if (options.maxNorm != null) shorten(weight, flat, options.maxNorm, options.normType ?? 2)
  const scale = factors && reshape(factors, [-1])
  const [y, bagOf, counts, largest] = makeMany(
    'embeddingBag',
    OP.embeddingBag,
    [
      { dtype: weight.dtype, shape: [bags, n] },
      { dtype: 'i64', shape: [flat.numel] },
      { dtype: 'i64', shape: [bags] },
      { dtype: 'i64', shape: mode === 'max' ? [bags, n] : [0] },
    ],
    [weight, flat, offsets, scale],
    [MODES.indexOf(mode), padding, includeLastOffset && indices.rank === 1 ? 1 : 0],
    flat.numel * n * 0.3 + bags * n,
  ) as [Tensor, Tensor, Tensor, Tensor]
  if (needsGrad(weight, scale)) {
    const [gw, gs] = [weight.requiresGrad, scale?.requiresGrad ?? false]
    if (mode === 'max') {
      record('embeddingBag', y, [weight], [save(largest)], (g, [which]) => [ofLargest(g, which as Tensor, rows)])
    } else {
      const byFrequency = options.scaleGradByFreq ?? false
      const saved = [save(flat), save(bagOf), save(counts), ...(scale ? [save(weight), save(scale)] : [])]
      record('embeddingBag', y, [weight, scale], saved, (g, [at, bag, counts, weight, scale]) => {
        const [i, b] = [at as Tensor, bag as Tensor]
        const share = mode === 'mean' ? div(g, unsqueeze(cast(clamp(counts as Tensor, 1), g.dtype), 1)) : g
        const entries = indexSelect(share, 0, b)
        const counted = unsqueeze(cast(ne(i, padding), g.dtype), 1)
        let each = scale ? mul(entries, unsqueeze(scale, 1)) : entries
        if (byFrequency) each = div(each, unsqueeze(frequencies(i, rows, g), 1))
        return [
          gw ? rowGradient(each, counted, i, rows, padding) : null,
          gs ? sum(mul(mul(entries, counted), indexSelect(weight as Tensor, 0, i)), 1) : null,
        ]
      })
    }
  }
  return y
}

function offsetsOf(indices: Tensor, { offsets }: EmbeddingBagOptions): Tensor {
  if (indices.rank === 2) {
    if (offsets) throw new ShapeError('embeddingBag: offsets are for flat indices, not for (bags, size)')
    const [bags, size] = indices.shape as [number, number]
    if (size === 0) return zeros([bags], { dtype: indices.dtype, device: indices.device })
    const step = { dtype: indices.dtype, device: indices.device }
    return arange(0, bags * size, size, step)
  }
  if (indices.rank !== 1 || !offsets || offsets.rank !== 1)
    throw new ShapeError(
      `embeddingBag: takes indices (bags, size), or (k) with offsets (bags); got ${show(indices.shape)} with ${offsets ? show(offsets.shape) : 'no'} offsets`,
    )
  sameDType('embeddingBag', indices, offsets)
  return offsets
}

/** Adds the entries' gradients up by row. */
function rowGradient(each: Tensor, counted: Tensor, at: Tensor, rows: number, padding: number): Tensor {
  const n = each.shape[1] as number
  if (needsGrad(each))
    return indexAdd(zeros([rows, n], { dtype: each.dtype, device: each.device }), 0, at, mul(each, counted))
  const ns = each.numel + rows * n * 0.1
  return make('embeddingBackward', OP.embeddingBackward, each.dtype, [rows, n], each, at, [padding], ns)
}

function ofLargest(g: Tensor, which: Tensor, rows: number): Tensor {
  const empty = which.lt(0)
  const none = zeros([rows, g.shape[1] as number], { dtype: g.dtype, device: g.device })
  return scatterAdd(none, 0, where(empty, 0, which), g.maskedFill(empty, 0))
}

/** How often each entry's row is among the entries. */
function frequencies(at: Tensor, rows: number, like: Tensor): Tensor {
  const options = { dtype: like.dtype, device: like.device }
  return gather(indexAdd(zeros([rows], options), 0, at, ones([at.numel], options)), 0, at)
}

/** Rows that are used and longer than `most` are scaled down to it, in place and unrecorded. */
function shorten(weight: Tensor, at: Tensor, most: number, p: number): void {
  noGrad(() => {
    const rows = weight.shape[0] as number
    const options = { dtype: weight.dtype, device: weight.device }
    const used = indexAdd(zeros([rows, 1], options), 0, at, ones([at.numel, 1], options)).gt(0)
    const length = normAlong(weight.detach(), p, 1)
    const long = used.logicalAnd(length.gt(most))
    mul_(weight.detach(), where(long, div(full([], most, options), add(length, 1e-7)), 1))
  })
}
