/** Batched losses. Place in the whole: one of the rules of lib/batching: the rows' losses, reduced for every sample. */
import { div, mul, ne } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { full } from '../ops/creation.js'
import type { ResultSpec } from '../ops/emit.js'
import { indexSelect } from '../ops/indexing.js'
import { sum } from '../ops/reduce.js'
import { maskedFill } from '../ops/select.js'
import { logicalNot } from '../ops/unary.js'
import { expand, reshape, unsqueeze } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Rule } from './batch.js'

const NONE = 0
const MEAN = 1

/** logits (n, c), target (n), weight? (c) -> loss () or (n), lse (n), total () {reduction, ignoreIndex, smoothing}. */
export const crossEntropy: Rule = (c, b) => {
  const [logits, target, weight] = c.operands as [Tensor, Tensor, Tensor | null | undefined]
  if (b.has(weight)) return null
  const [reduction, ignored, smoothing] = c.attributes as [number, number, number]
  const [loss, lse, total] = c.results as readonly [ResultSpec, ResultSpec, ResultSpec]
  const n = logits.shape[0] as number
  const rows = b.total * n
  // Losses of rows in the type that the kernel sums in.
  const each = { ...c, results: [{ dtype: lse.dtype, shape: [n] }, ...c.results.slice(1)] }
  const shapes = [[rows], [rows], []]
  const at = b.rows(target)
  const [losses, logSums] = b.emit(each, [b.rows(logits), at, weight], [NONE, ignored, smoothing], shapes) as [
    Tensor,
    Tensor,
  ]
  const counted = ne(at, ignored)
  const shares = weight
    ? mul(indexSelect(cast(weight, total.dtype), 0, maskedFill(at, logicalNot(counted), 0)), cast(counted, total.dtype))
    : cast(counted, total.dtype)
  const totals = sum(b.unfold(shares, [n]), b.k)
  const ofSamples = b.unfold(losses, [n])
  let y = ofSamples
  if (reduction !== NONE) y = sum(ofSamples, b.k)
  if (reduction === MEAN) y = div(y, totals)
  return [cast(y, loss.dtype), b.unfold(logSums, [n]), totals]
}

/** g, logits, target, lse, total, weight? -> glogits {reduction, ignoreIndex, smoothing}. */
export const crossEntropyBackward: Rule = (c, b) => {
  const [g, logits, target, lse, total, weight] = c.operands as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | null]
  if (b.has(weight)) return null
  const [reduction, ignored, smoothing] = c.attributes as [number, number, number]
  const n = logits.shape[0] as number
  let row = b.full(g)
  if (reduction === MEAN) row = cast(div(cast(row, total.dtype), b.full(total)), g.dtype)
  if (reduction !== NONE) row = expand(unsqueeze(row, -1), [...b.sizes, n])
  const one = full([], 1, { dtype: total.dtype, device: total.device })
  const operands = [reshape(row, [b.total * n]), b.rows(logits), b.rows(target), b.rows(lse), one, weight]
  return b.emitRows(c, operands, [NONE, ignored, smoothing])
}
