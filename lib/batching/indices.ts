/**
 * Batched look-ups. Place in the whole: one of the rules of lib/batching. Where the samples have indices or tables of their own,
 * the tables are laid one behind the other and the indices moved by where a sample's begins.
 */
import { add, eq, ge, logicalOr, lt } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange } from '../ops/creation.js'
import { maskedFill } from '../ops/select.js'
import { expand, permute, reshape, unsqueeze } from '../ops/views.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Batch, Rule } from './batch.js'
import { leading, shifted } from './shapes.js'

/** (samples * count): indices into tables of `size` rows as indices into all of them; what is out of range stays so. */
function moved(b: Batch, indices: Tensor, size: number): Tensor {
  const at = cast(reshape(b.full(indices), [b.total, indices.numel]), 'i64')
  const starts = arange(0, b.total * size, Math.max(1, size), { dtype: 'i64', device: indices.device })
  const bad = logicalOr(lt(at, 0), ge(at, size))
  const sum = add(at, size === 0 ? 0 : unsqueeze(starts, 1))
  return reshape(maskedFill(sum, bad, b.total * size), [b.total * indices.numel])
}

/** (samples * n, rest): the axis behind the batch, both as one. */
function tables(b: Batch, x: Tensor, axis: number): Tensor {
  const rest = x.shape.map((_, i) => i).filter((i) => i !== axis)
  const front = permute(b.flat(x), [0, axis + 1, ...rest.map((i) => i + 1)])
  return reshape(front, [b.total * (x.shape[axis] as number), ...rest.map((i) => x.shape[i] as number)])
}

/** Back from (samples * n, rest) to (sizes, ...shape). */
function untabled(b: Batch, y: Tensor, shape: Shape, axis: number): Tensor {
  const rest = shape.map((_, i) => i).filter((i) => i !== axis)
  const front = reshape(y, [b.total, shape[axis] as number, ...rest.map((i) => shape[i] as number)])
  const order = shape.map((_, i) => (i === axis ? 1 : rest.indexOf(i) + 2))
  return b.unfold(permute(front, [0, ...order]), shape)
}

/** x, indices (k) -> y {axis}. */
export const indexSelect: Rule = (c, b) => {
  const [x, indices] = c.operands as [Tensor, Tensor]
  const axis = c.attributes[0] as number
  if (!b.has(indices)) return b.emit(c, [b.full(x), indices], [axis + b.k])
  const shape = c.results[0]?.shape as Shape
  const rest = shape.filter((_, i) => i !== axis)
  const flat = [b.total * indices.numel, ...rest]
  const [y] = b.emit(c, [tables(b, x, axis), moved(b, indices, x.shape[axis] as number)], [0], [flat]) as [Tensor]
  return [untabled(b, y, shape, axis)]
}

/** x, indices (k), src (k along the axis, or a number) -> y {axis, ...}: indexAdd, indexReduce. */
export const intoIndices: Rule = (c, b) => {
  const [x, indices, src] = c.operands as [Tensor, Tensor, Tensor]
  const [axis, ...more] = c.attributes as [number, ...number[]]
  const scalar = src.rank < x.rank
  if (scalar && b.has(src)) return null
  if (!b.has(indices)) return b.emit(c, [b.full(x), indices, scalar ? src : b.full(src)], [axis + b.k, ...more])
  const table = tables(b, x, axis)
  const at = moved(b, indices, x.shape[axis] as number)
  const [y] = b.emit(c, [table, at, scalar ? src : tables(b, src, axis)], [0, ...more], [table.shape]) as [Tensor]
  return [untabled(b, y, x.shape, axis)]
}

/** x, indices, src (shape of indices, or a number) -> y {axis, ...}: scatterAdd, scatterReduce. */
export const scatter: Rule = (c, b) => {
  const [x, indices, src] = c.operands as [Tensor, Tensor, Tensor]
  if (x.rank === 0 || indices.rank !== x.rank) return null
  const number = src.rank < x.rank
  const source = !number ? b.full(src) : b.has(src) ? expand(b.full(src, x.rank), [...b.sizes, ...indices.shape]) : src
  return b.emit(c, [b.full(x), b.full(indices), source], shifted(c.attributes, 0, b.k))
}

/** weight (rows, n), indices (...) -> y (..., n). */
export const embedding: Rule = (c, b) => {
  const [weight, indices] = c.operands as [Tensor, Tensor]
  if (!b.has(weight)) return b.emit(c, [weight, b.full(indices)])
  return b.emit(c, [
    b.rows(weight),
    reshape(moved(b, indices, weight.shape[0] as number), [...b.sizes, ...indices.shape]),
  ])
}

/** g (..., n), indices -> gweight (rows, n) {paddingIdx}. */
export const embeddingBackward: Rule = (c, b) => {
  const [g, indices] = c.operands as [Tensor, Tensor]
  const padding = c.attributes[0] as number
  const { shape } = c.results[0] as { shape: Shape }
  const [rows, n] = shape as [number, number]
  let pull = b.full(g)
  if (padding >= 0) pull = maskedFill(pull, unsqueeze(eq(b.full(indices), padding), -1), 0)
  const operands = [reshape(pull, [b.total * indices.numel, n]), moved(b, indices, rows)]
  const [y] = b.emit(c, operands, [-1], [[b.total * rows, n]]) as [Tensor]
  return [b.unfold(y, [rows, n])]
}

/** sorted (.., n) or (n), values (.., m), sorter? -> places (.., m). */
export const searchSorted: Rule = (c, b) => {
  const [sorted, values, sorter] = c.operands as [Tensor, Tensor, Tensor | null | undefined]
  if (sorted.rank === values.rank) return leading(c, b)
  // One list for all values, which has no dimension for the samples.
  return b.has(sorted) || b.has(sorter) ? null : b.emit(c, [sorted, b.full(values), sorter])
}

/** bins, weights? -> counts (n). */
export const binCount: Rule = (c, b) => {
  const [bins, weights] = c.operands as [Tensor, Tensor | null | undefined]
  const { shape } = c.results[0] as { shape: Shape }
  const n = shape[0] as number
  const [y] = b.emit(c, [moved(b, bins, n), weights && reshape(b.full(weights), [b.total * bins.numel])], undefined, [
    [b.total * n],
  ]) as [Tensor]
  return [b.unfold(y, [n])]
}
