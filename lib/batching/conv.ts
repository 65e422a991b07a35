/**
 * Batched convolutions. Place in the whole: one of the rules of lib/batching. Where all samples share the weight they are further
 * images; where each has its own they are further groups of channels.
 */
import { add } from '../ops/binary.js'
import { permute, reshape } from '../ops/views.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Batch, Call, Operand, Rule } from './batch.js'

/** (n, samples * c, ...): the samples' images side by side as channels. */
function besideEachOther(b: Batch, x: Tensor): Tensor {
  const [n, c, ...size] = x.shape as [number, number, ...number[]]
  const flat = b.flat(x)
  const order = [1, 0, ...x.shape.slice(1).map((_, i) => i + 2)]
  return reshape(permute(flat, order), [n, b.total * c, ...size])
}

/** Back to (sizes, n, c, ...). */
function apart(b: Batch, y: Tensor, shape: Shape): Tensor {
  const [n, c, ...size] = shape as [number, number, ...number[]]
  const order = [1, 0, ...shape.slice(1).map((_, i) => i + 2)]
  return b.unfold(permute(reshape(y, [n, b.total, c, ...size]), order), shape)
}

/** The attributes for groups of all samples; they are the one behind those of the spatial dimensions. */
const grouped = (c: Call, b: Batch): number[] => {
  const groups = 3 * ((c.operands[0] as Tensor).rank - 2)
  return c.attributes.map((a, i) => (i === groups ? a * b.total : a))
}

const imageShape = (b: Batch, [n, c, ...size]: Shape): number[] => [n as number, b.total * (c as number), ...size]

/** x (n, c, ...), w, bias? -> y; also the transposed convolution. The weight's first dimension goes with its groups. */
export const conv: Rule = (c, b) => {
  const [x, w, bias] = c.operands as [Tensor, Tensor, Operand]
  const shape = c.results[0]?.shape as Shape
  const common = b.has(bias) ? null : bias
  let y: Tensor
  if (!b.has(w)) y = b.emitRows(c, [b.rows(x), w, common])[0] as Tensor
  else {
    const operands = [besideEachOther(b, x), b.rows(w), bias && b.rows(bias)]
    const [images] = b.emit(c, operands, grouped(c, b), [imageShape(b, shape)]) as [Tensor]
    return [apart(b, images, shape)]
  }
  if (!bias || common) return [y]
  const own = b.full(bias)
  return [add(y, reshape(own, [...b.sizes, 1, bias.numel, ...shape.slice(2).map(() => 1)]))]
}

/** g (n, o, ...), x (n, c, ...) -> gw, gb. */
export const convWeightGrad: Rule = (c, b) => {
  const [g, x] = c.operands as [Tensor, Tensor]
  const shapes = c.results.map(({ shape }) => [b.total * (shape[0] as number), ...shape.slice(1)])
  const grads = b.emit(c, [besideEachOther(b, g), besideEachOther(b, x)], grouped(c, b), shapes)
  return grads.map((t, i) => b.unfold(t, c.results[i]?.shape as Shape))
}

/** Batch statistics: the samples are further channels. x (n, c, ...) and vectors (c) -> y (n, c, ...) and vectors. */
export const asChannels: Rule = (c, b) => {
  const operands = c.operands.map((t) => t && (t.rank === 1 ? b.rows(t) : besideEachOther(b, t)))
  const shapes = c.results.map(({ shape }) =>
    shape.length === 1 ? [b.total * (shape[0] as number)] : imageShape(b, shape),
  )
  return b.emit(c, operands, c.attributes, shapes).map((t, i) => {
    const { shape } = c.results[i] as { shape: Shape }
    return shape.length === 1 ? b.unfold(t, shape) : apart(b, t, shape)
  })
}
