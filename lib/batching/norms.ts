/**
 * Batched normalisation. Place in the whole: one of the rules of lib/batching. The kernels normalise rows, of which the batch
 * only has more; what they sum over all rows, the gradients of weight and bias, is summed here for every sample.
 */
import { add, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { sum } from '../ops/reduce.js'
import { reshape } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Batch, Call, Operand, Rule } from './batch.js'

/** Weight or bias as it broadcasts against (sizes, ...x): the last dimensions of x, or its channels. */
function spread(b: Batch, t: Tensor, rank: number, channels: boolean): Tensor {
  if (!channels) return b.full(t, rank)
  return reshape(b.full(t), [...b.sizes, 1, t.numel, ...new Array<number>(rank - 2).fill(1)])
}

/** Of rows (layer and RMS norm) and of groups of channels, by `channels`: x, weight?, bias? -> y, statistics. */
export const normalization =
  (channels: boolean): Rule =>
  (c, b) => {
    const [x, weight, bias] = c.operands as [Tensor, Operand, Operand]
    const own = b.has(weight) || b.has(bias)
    const rest = own ? [null, null].slice(0, c.operands.length - 1) : [weight, bias].slice(0, c.operands.length - 1)
    const [y, ...statistics] = b.emitRows(folded(c, channels), [channels ? b.rows(x) : b.flat(x), ...rest]) as [
      Tensor,
      ...Tensor[],
    ]
    let result = b.unfold(y, x.shape)
    if (own && weight) result = mul(result, cast(spread(b, weight, x.rank, channels), x.dtype))
    if (own && bias) result = add(result, cast(spread(b, bias, x.rank, channels), x.dtype))
    return [result, ...statistics.map((t, i) => b.unfold(t, c.results[i + 1]?.shape as Shape))]
  }

/** A call whose results can be folded into rows: x of layer norm gets a first dimension for it. */
function folded(c: Call, channels: boolean): Call {
  if (channels) return c
  return { ...c, results: c.results.map((r, i) => (i === 0 ? { ...r, shape: [1, ...r.shape] } : r)) }
}

/** g, x, [mean], rstd, weight? -> gx, gweight, [gbias]. */
export const normalizationBackward =
  (channels: boolean, centred: boolean): Rule =>
  (c, b) => {
    const [g, x] = c.operands as [Tensor, Tensor]
    const [mean, rstd, weight] = (centred ? c.operands.slice(2) : [null, ...c.operands.slice(2)]) as [
      Tensor | null,
      Tensor,
      Operand,
    ]
    const shape = c.results[1]?.shape as Shape
    const compute = rstd.dtype
    const wide = (t: Tensor): Tensor => cast(b.full(t), compute)
    // gx, the weight's part taken into g where the samples have weights of their own.
    const own = b.has(weight)
    const pull = own ? mul(b.full(g), cast(spread(b, weight as Tensor, x.rank, channels), g.dtype)) : b.full(g)
    const fold = (t: Tensor, first: Shape): Tensor => reshape(t, [...first, ...t.shape.slice(b.k + (channels ? 1 : 0))])
    const first = channels ? [b.total * (x.shape[0] as number)] : [b.total]
    const stats = (mean ? [mean, rstd] : [rstd]).map((t) =>
      reshape(b.full(t), [b.total * (t.shape[0] as number), ...t.shape.slice(1)]),
    )
    const operands = [fold(pull, first), fold(b.full(x), first), ...stats, own ? null : weight]
    const shapes = [[...first, ...x.shape.slice(channels ? 1 : 0)], ...c.results.slice(1).map((r) => r.shape)]
    const [gx] = b.emit(c, operands, c.attributes, shapes) as [Tensor]
    // h = (x - mean) rstd, then sums of g h and g.
    const { flat, lines, axes } = channels ? byGroups(b, x, rstd) : byRows(b, x, shape)
    const [gw, hw] = [reshape(wide(g), flat), reshape(wide(x), flat)]
    const line = (t: Tensor): Tensor => reshape(wide(t), lines)
    const h = mul(mean ? sub(hw, line(mean)) : hw, line(rstd))
    const total = (t: Tensor, dtype: DType): Tensor =>
      reshape(cast(sums(channels ? reshape(t, byChannels(b, x)) : t, axes), dtype), [...b.sizes, ...shape])
    const grads = c.results.slice(1).map(({ dtype }, i) => total(i === 0 ? mul(gw, h) : gw, dtype))
    return [b.unfold(gx, x.shape), ...grads]
  }

const sums = (t: Tensor, axes: readonly number[]): Tensor => (axes.length > 0 ? sum(t, axes) : t)

interface Layout {
  /** x with each line of common statistics as its last dimension. */
  flat: Shape
  /** The statistics beside it. */
  lines: Shape
  /** What is summed over for weight and bias. */
  axes: readonly number[]
}

function byRows(b: Batch, x: Tensor, shape: Shape): Layout {
  const n = numelOf(shape)
  const rows = x.rank === shape.length ? 1 : numelOf(x.shape.slice(0, x.rank - shape.length))
  return { flat: [b.total, rows, n], lines: [b.total, rows, 1], axes: [1] }
}

function byGroups(b: Batch, x: Tensor, rstd: Tensor): Layout {
  const [n, groups] = rstd.shape as [number, number]
  const line = numelOf(x.shape.slice(1)) / Math.max(1, groups)
  return { flat: [b.total, n, groups, line], lines: [b.total, n, groups, 1], axes: [1, 3] }
}

const byChannels = (b: Batch, x: Tensor): Shape => [
  b.total,
  x.shape[0] as number,
  x.shape[1] as number,
  numelOf(x.shape.slice(2)),
]
