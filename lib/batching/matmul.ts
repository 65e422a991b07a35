/** Batched matrix products. Place in the whole: one of the rules of lib/batching. */
import { add, mul } from '../ops/binary.js'
import { matmul as product } from '../ops/matmul.js'
import { sum } from '../ops/reduce.js'
import { reshape, transpose } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Rule } from './batch.js'

const TRANSPOSE_A = 1
const TRANSPOSE_B = 2

/** a (..., m, k), b (..., k, n), bias? (n) -> (..., m, n) {flags}; with an epilogue, or a packed b, once a sample. */
export const matmul: Rule = (c, batch) => {
  if (c.attributes.length > 1 || c.operands.length > 3 || (c.attributes[0] as number) > (TRANSPOSE_A | TRANSPOSE_B))
    return null
  const [a, b, bias] = c.operands as [Tensor, Tensor, Tensor | null | undefined]
  const flags = c.attributes[0] as number
  const result = c.results[0] as { shape: readonly number[] }
  const rank = result.shape.length
  const common = batch.has(bias) ? null : bias
  let y: Tensor
  if (!batch.has(b) && b.rank === 2 && !(flags & TRANSPOSE_A)) {
    // The same matrix for every sample: their rows are rows of one product.
    const [k, n] = [a.shape[a.rank - 1] as number, result.shape[rank - 1] as number]
    const rows = reshape(batch.full(a), [(batch.total * a.numel) / Math.max(1, k) || 0, k])
    if (k === 0) return null
    const [product] = batch.emit(c, [rows, b, common], [flags], [[rows.shape[0] as number, n]]) as [Tensor]
    y = batch.unfold(product, result.shape)
  } else {
    const [x, z] = [batch.full(a, rank), batch.full(b, rank)]
    const inner = a.shape[a.rank - (flags & TRANSPOSE_A ? 2 : 1)]
    // Outer products, as in the weight gradient of one sample, are no work for a product of matrices.
    if (inner === 1 && !common) y = mul(flags & TRANSPOSE_A ? transpose(x) : x, flags & TRANSPOSE_B ? transpose(z) : z)
    else y = batch.emit(c, [x, z, common])[0] as Tensor
  }
  return [bias && !common ? add(y, batch.full(bias, rank)) : y]
}

/** g (m, n), x (m, k) -> dw (n, k), db (n): samples have few rows, often one, so nothing is gained by one pass. */
export const linearBackward: Rule = (c, batch) => {
  const [g, x] = (c.operands as [Tensor, Tensor]).map((t) => batch.full(t)) as [Tensor, Tensor]
  const rows = c.operands[0]?.shape[0]
  const dw = rows === 1 ? mul(transpose(g), x) : product(transpose(g), x)
  return [dw, sum(g, -2)]
}
