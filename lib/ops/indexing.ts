/** Embedding, gather and their kin. An index out of range is found by the execution and poisons the result. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { once } from './conv.js'
import { make, make0, makeMany, method, sameDType } from './emit.js'

export function checkIndices(op: string, indices: Tensor): void {
  if (indices.dtype !== 'i64' && indices.dtype !== 'i32')
    throw new DTypeError(`${op}: indices are ${indices.dtype}, not i64 or i32`)
}

/** Rows of weight (rows, n) at indices (...): (..., n). Gradients of row `paddingIndex` are zero. */
export function embedding(weight: Tensor, indices: Tensor, options: { paddingIndex?: number } = {}): Tensor {
  if (weight.rank !== 2) throw new ShapeError(`embedding: the weight is ${show(weight.shape)}, not (rows, n)`)
  checkIndices('embedding', indices)
  const [rows, n] = weight.shape as [number, number]
  const y = make(
    'embedding',
    OP.embedding,
    weight.dtype,
    [...indices.shape, n],
    weight,
    indices,
    [],
    indices.numel * n * 0.3,
  )
  if (needsGrad(weight)) {
    const padding = options.paddingIndex ?? -1
    record('embedding', y, [weight], [save(indices)], (g, [i]) => {
      once('embedding', g)
      return [
        make(
          'embeddingBackward',
          OP.embeddingBackward,
          g.dtype,
          [rows, n],
          g,
          i as Tensor,
          [padding < 0 && options.paddingIndex !== undefined ? padding + rows : padding],
          g.numel + rows * n * 0.1,
        ),
      ]
    })
  }
  return y
}

function checkGather(op: string, x: Tensor, axis: number, indices: Tensor): number {
  checkIndices(op, indices)
  const a = normalizeAxis(op, axis, x.rank)
  const fits = indices.rank === x.rank && indices.shape.every((d, i) => i === a || d <= (x.shape[i] as number))
  if (!fits)
    throw new ShapeError(`${op}: indices ${show(indices.shape)} do not fit ${show(x.shape)} beside axis ${axis}`)
  return a
}

/** y[i][j] = x[indices[i][j]][j] for axis 0, and so on: a value for each index. Definition: torch.gather. */
export function gather<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor): Tensor<D> {
  const a = checkGather('gather', x, axis, indices)
  const y = make('gather', OP.gather, x.dtype, indices.shape, x, indices, [a], indices.numel)
  if (needsGrad(x)) {
    const from = x.shape
    record('gather', y, [x], [save(indices)], (g, [i]) => [
      scatterAdd(make0(OP.fill, g.device, g.dtype, from, [0]), a, i as Tensor, g),
    ])
  }
  return y
}

/** x with src added at the indices along an axis (the reverse of gather); repeated indices add up, in a fixed order. */
export function scatterAdd<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor, src: Tensor): Tensor<D> {
  const a = checkGather('scatterAdd', x, axis, indices)
  sameDType('scatterAdd', x, src)
  if (!sameShape(src.shape, indices.shape))
    throw new ShapeError(`scatterAdd: src is ${show(src.shape)}, indices ${show(indices.shape)}`)
  const [y] = makeMany(
    'scatterAdd',
    OP.scatterAdd,
    [{ dtype: x.dtype, shape: x.shape }],
    [x, indices, src],
    [a],
    x.numel * 0.3 + indices.numel,
  )
  const result = y as Tensor<D>
  if (needsGrad(x, src)) {
    record('scatterAdd', result, [x, src], [save(indices)], (g, [i]) => [g, gather(g, a, i as Tensor)])
  }
  return result
}

function checkSelect(op: string, x: Tensor, axis: number, indices: Tensor): number {
  checkIndices(op, indices)
  if (indices.rank !== 1) throw new ShapeError(`${op}: indices are ${show(indices.shape)}, not a vector`)
  if (x.rank === 0) throw new ShapeError(`${op}: a tensor of rank 0 has no axis`)
  return normalizeAxis(op, axis, x.rank)
}

/** Slices of x at the indices (k) along an axis. */
export function indexSelect<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor): Tensor<D> {
  const a = checkSelect('indexSelect', x, axis, indices)
  const shape: Shape = x.shape.map((d, i) => (i === a ? indices.numel : d))
  const y = make('indexSelect', OP.indexSelect, x.dtype, shape, x, indices, [a], numelOf(shape) * 0.5)
  if (needsGrad(x)) {
    const from = x.shape
    record('indexSelect', y, [x], [save(indices)], (g, [i]) => [
      indexAdd(make0(OP.fill, g.device, g.dtype, from, [0]), a, i as Tensor, g),
    ])
  }
  return y
}

/** x with slices of src added at the indices along an axis. */
export function indexAdd<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor, src: Tensor): Tensor<D> {
  const a = checkSelect('indexAdd', x, axis, indices)
  sameDType('indexAdd', x, src)
  const expected = x.shape.map((d, i) => (i === a ? indices.numel : d))
  if (!sameShape(src.shape, expected))
    throw new ShapeError(`indexAdd: src is ${show(src.shape)}, expected ${show(expected)}`)
  const [y] = makeMany(
    'indexAdd',
    OP.indexAdd,
    [{ dtype: x.dtype, shape: x.shape }],
    [x, indices, src],
    [a],
    x.numel * 0.3 + src.numel,
  )
  const result = y as Tensor<D>
  if (needsGrad(x, src))
    record('indexAdd', result, [x, src], [save(indices)], (g, [i]) => [g, indexSelect(g, a, i as Tensor)])
  return result
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    gather<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor): Tensor<E>
    scatterAdd<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor, src: Tensor): Tensor<E>
    indexSelect<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor): Tensor<E>
    indexAdd<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor, src: Tensor): Tensor<E>
  }
}
method('gather', function (this: Tensor, axis: number, indices: Tensor) {
  return gather(this, axis, indices)
})
method('scatterAdd', function (this: Tensor, axis: number, indices: Tensor, src: Tensor) {
  return scatterAdd(this, axis, indices, src)
})
method('indexSelect', function (this: Tensor, axis: number, indices: Tensor) {
  return indexSelect(this, axis, indices)
})
method('indexAdd', function (this: Tensor, axis: number, indices: Tensor, src: Tensor) {
  return indexAdd(this, axis, indices, src)
})
