/** Tensors with a part replaced: a slice, a diagonal, any strided part. Place in the whole: names for what region.ts does. */
import { ShapeError, ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { contiguous } from './convert.js'
import { method, sameDType } from './emit.js'
import { type Part, replaced } from './region.js'

function replace<D extends DType>(name: string, x: Tensor<D>, src: Tensor, part: Part): Tensor<D> {
  sameDType(name, x, src)
  const { shape } = part(x.shape, x.strides)
  if (!sameShape(shape, src.shape))
    throw new ShapeError(`${name}: src is ${show(src.shape)}, the part of ${show(x.shape)} is ${show(shape)}`)
  return replaced(name, x, src, part)
}

const without = <T>(list: readonly T[], i: number): T[] => list.filter((_, k) => k !== i)

/** x with index `index` along an axis replaced by src, which lacks that axis. Definition: torch.select_scatter. */
export function selectScatter<D extends DType>(x: Tensor<D>, src: Tensor, axis: number, index: number): Tensor<D> {
  const a = axisOf('selectScatter', x, axis)
  const size = x.shape[a] as number
  if (!Number.isInteger(index) || index < -size || index >= size)
    throw new ShapeError(`selectScatter: index ${index} is out of range for dimension ${axis} of ${show(x.shape)}`)
  const at = index < 0 ? index + size : index
  return replace('selectScatter', x, src, (shape, strides) => ({
    shape: without(shape, a),
    strides: without(strides, a),
    offset: at * (strides[a] as number),
  }))
}

/** x with elements start, start + step, ... before end along an axis replaced by src. Definition: torch.slice_scatter. */
export function sliceScatter<D extends DType>(
  x: Tensor<D>,
  src: Tensor,
  axis = 0,
  start = 0,
  end: number = Number.MAX_SAFE_INTEGER,
  step = 1,
): Tensor<D> {
  const a = axisOf('sliceScatter', x, axis)
  for (const v of [start, end, step])
    if (!Number.isInteger(v)) throw new ValueError(`sliceScatter: ${v} is not an integer`)
  if (step < 1) throw new ValueError(`sliceScatter: step ${step}; steps of at least 1 are supported`)
  const { from, length } = range(x.shape[a] as number, start, end, step)
  return replace('sliceScatter', x, src, (shape, strides) => ({
    shape: shape.map((d, i) => (i === a ? length : d)),
    strides: strides.map((s, i) => (i === a ? s * step : s)),
    offset: from * (strides[a] as number),
  }))
}

/** First index and number of indices of a slice with bounds that may count from the end and lie outside; step of at least 1. */
export function range(size: number, start: number, end: number, step: number): { from: number; length: number } {
  const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + size : v, 0), size)
  const from = bound(start)
  return { from, length: Math.max(0, Math.ceil((bound(end) - from) / step)) }
}

function axisOf(op: string, x: Tensor, axis: number): number {
  if (x.rank === 0) throw new ShapeError(`${op}: a tensor of rank 0 has no axis`)
  return normalizeAxis(op, axis, x.rank)
}

export interface DiagonalScatterOptions {
  /** Which diagonal: 0 the main one, above 0 those above it. */
  offset?: number
  /** The axes of rows and columns. Default 0 and 1. */
  axes?: readonly [number, number]
}

/**
 * x with the diagonal of two of its dimensions replaced by src, whose last dimension runs along it. Definition:
 * torch.diagonal_scatter.
 */
export function diagonalScatter<D extends DType>(
  x: Tensor<D>,
  src: Tensor,
  options: DiagonalScatterOptions = {},
): Tensor<D> {
  const { offset = 0, axes = [0, 1] } = options
  const [axis1, axis2] = axes
  const [a, b] = [axisOf('diagonalScatter', x, axis1), axisOf('diagonalScatter', x, axis2)]
  if (a === b || x.rank < 2)
    throw new ShapeError(`diagonalScatter: axes ${axis1} and ${axis2} of ${show(x.shape)} are not two dimensions`)
  if (!Number.isInteger(offset)) throw new ValueError(`diagonalScatter: offset ${offset} is not an integer`)
  const [n, m] = [x.shape[a] as number, x.shape[b] as number]
  const length = Math.max(0, offset >= 0 ? Math.min(n, m - offset) : Math.min(n + offset, m))
  return replace('diagonalScatter', x, src, (shape, strides) => {
    const rest = <T>(list: readonly T[]): T[] => list.filter((_, i) => i !== a && i !== b)
    const [sa, sb] = [strides[a] as number, strides[b] as number]
    return {
      shape: [...rest(shape), length],
      strides: [...rest(strides), sa + sb],
      offset: offset >= 0 ? offset * sb : -offset * sa,
    }
  })
}

/**
 * x with the elements of a strided part replaced by src. Sizes, strides and offset are in elements of x in row-major order,
 * whatever its own strides; parts that name an element twice are refused. Definition: torch.as_strided_scatter.
 */
export function asStridedScatter<D extends DType>(
  x: Tensor<D>,
  src: Tensor,
  size: Shape,
  strides: readonly number[],
  offset = 0,
): Tensor<D> {
  if (size.length !== strides.length)
    throw new ShapeError(`asStridedScatter: ${size.length} sizes, ${strides.length} strides`)
  for (const v of [...size, ...strides, offset])
    if (!Number.isInteger(v) || v < 0)
      throw new ValueError(`asStridedScatter: ${v} is no size, stride or offset: those are integers of at least 0`)
  const last = size.reduce((n, d, i) => n + (d - 1) * (strides[i] as number), offset)
  const [n, numel] = [numelOf(size), x.numel]
  if (n > 0 && last >= numel)
    throw new ShapeError(`asStridedScatter: the part reaches element ${last} of ${show(x.shape)}, which has ${numel}`)
  if (n > 0 && overlaps(size, strides))
    throw new ValueError(
      `asStridedScatter: sizes ${show(size)} with strides ${show(strides)} name an element more than once`,
    )
  const part: Part = () => ({ shape: size, strides: [...strides], offset })
  return replace('asStridedScatter', contiguous(x), src, part)
}

/** Whether two coordinates lead to one element. */
function overlaps(size: Shape, strides: readonly number[]): boolean {
  const dims = size
    .map((d, i) => ({ d, s: strides[i] as number }))
    .filter(({ d }) => d > 1)
    .sort((p, q) => p.s - q.s)
  let reach = 0
  let nested = true
  for (const { d, s } of dims) {
    if (s <= reach) nested = false
    reach += (d - 1) * s
  }
  if (nested) return false
  if (numelOf(size) > reach + 1) return true
  // Neither nested nor too many: mark where each coordinate leads.
  const seen = new Uint8Array(reach + 1)
  const visit = (i: number, at: number): boolean => {
    const dim = dims[i]
    if (dim === undefined) return (seen[at] = (seen[at] as number) + 1) > 1
    for (let k = 0; k < dim.d; k++) if (visit(i + 1, at + k * dim.s)) return true
    return false
  }
  return visit(0, 0)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    selectScatter<E extends DType>(this: Tensor<E>, src: Tensor, axis: number, index: number): Tensor<E>
    sliceScatter<E extends DType>(
      this: Tensor<E>,
      src: Tensor,
      axis?: number,
      start?: number,
      end?: number,
      step?: number,
    ): Tensor<E>
    diagonalScatter<E extends DType>(this: Tensor<E>, src: Tensor, options?: DiagonalScatterOptions): Tensor<E>
    asStridedScatter<E extends DType>(
      this: Tensor<E>,
      src: Tensor,
      size: Shape,
      strides: readonly number[],
      offset?: number,
    ): Tensor<E>
  }
}
method('selectScatter', function (this: Tensor, src: Tensor, axis: number, index: number) {
  return selectScatter(this, src, axis, index)
})
method(
  'sliceScatter',
  function (this: Tensor, src: Tensor, axis?: number, start?: number, end?: number, step?: number) {
    return sliceScatter(this, src, axis, start, end, step)
  },
)
method('diagonalScatter', function (this: Tensor, src: Tensor, options?: DiagonalScatterOptions) {
  return diagonalScatter(this, src, options)
})
method(
  'asStridedScatter',
  function (this: Tensor, src: Tensor, size: Shape, strides: readonly number[], offset?: number) {
    return asStridedScatter(this, src, size, strides, offset)
  },
)
