/** Batched products of bytes, and conversions to bytes and back. Place in the whole: rules of lib/batching. */
import type { Tensor } from '../tensor/tensor.js'
import type { Rule } from './batch.js'
import { shifted } from './shapes.js'

/** x, scales? (c), zeros? (c) {axis, ...}: axis -1 where numbers hold for all; null where the samples differ in their scales. */
export const quantization: Rule = (c, b) => {
  const [x, ...channels] = c.operands as [Tensor, ...(Tensor | null)[]]
  if (channels.some((t) => b.has(t))) return null
  const perChannel = (c.attributes[0] as number) >= 0
  return b.emit(c, [b.full(x), ...channels], perChannel ? shifted(c.attributes, 0, b.k) : c.attributes)
}

/** a (..., m, k), b (..., k, n), zero points that all samples share: the samples are one batch dimension more. */
export const intMatmul: Rule = (c, batch) => {
  const [a, b, ...zeros] = c.operands as [Tensor, Tensor, ...(Tensor | null)[]]
  if (zeros.some((t) => batch.has(t))) return null
  const rank = (c.results[0] as { shape: readonly number[] }).shape.length
  return batch.emit(c, [batch.full(a, rank), batch.full(b, rank), ...zeros])
}
