/** Views whose elements may overlap: sliding windows, and any strides at all. */
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { checkShape, compact, normalizeAxis, numelOf, overlaps, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { make0, method, mutate, viewOf, writable } from './emit.js'
import { indexAdd } from './indexing.js'
import { narrow, reshape } from './views.js'

/**
 * Windows of `size` elements, `step` apart, along an axis, whose size becomes their number; the window's elements are a new last
 * axis. A view; gradients of elements in several windows add. A tensor of rank 0 gives one window, a vector. (PyTorch's
 * Tensor.unfold; as a method it has that name.)
 */
export function unfoldAxis<D extends DType>(x: Tensor<D>, axis: number, size: number, step: number): Tensor<D> {
  const a = normalizeAxis('unfoldAxis', axis, x.rank)
  const total = x.rank === 0 ? 1 : (x.shape[a] as number)
  if (!Number.isInteger(size) || size < 0 || size > total)
    throw new ShapeError(`unfoldAxis: windows of ${size} elements along dimension ${axis} of ${show(x.shape)}`)
  if (!Number.isInteger(step) || step < 1) throw new ValueError(`unfoldAxis: step ${step} is not a positive integer`)
  if (x.rank === 0) return narrow(reshape(x, [1]), 0, 0, size)
  return windows(x, a, size, step)
}

function windows<D extends DType>(x: Tensor<D>, a: number, size: number, step: number): Tensor<D> {
  const { shape: full, strides } = x
  const count = Math.floor(((full[a] as number) - size) / step) + 1
  const shape = [...full.map((d, i) => (i === a ? count : d)), size]
  checkShape('unfoldAxis', shape)
  const steps = [...strides.map((s, i) => (i === a ? s * step : s)), strides[a] as number]
  const y = viewOf('unfoldAxis', x, shape, compact(shape, steps))
  if (needsGrad(x)) record('unfoldAxis', y, [x], null, (g) => [overlapAdd(g, full, a, step)])
  return y
}

/** The transpose of `windows`: a window element at a time is added to where the windows' elements of that number lie. */
function overlapAdd(g: Tensor, full: Shape, a: number, step: number): Tensor {
  const size = g.shape.at(-1) as number
  const count = g.shape[a] as number
  // Sums in bf16 or f16 would round after every addition.
  const narrow = g.dtype === 'bf16' || g.dtype === 'f16'
  const dtype = narrow ? 'f32' : g.dtype
  const sum = writable(make0(OP.fill, g.device, dtype, full, [0]), g)
  if (g.numel > 0) {
    const source = cast(g.detach(), dtype)
    for (let k = 0; k < size; k++) {
      const dst = sum.slice(a, k, k + (count - 1) * step + 1, step)
      const src = source.select(source.rank - 1, k)
      mutate('unfoldAxis', OP.addInto, [dst, src], [sum], [1], src.numel * 0.4)
      dst.dispose()
      src.dispose()
    }
    source.dispose()
  }
  const gx = narrow ? cast(sum, g.dtype) : sum
  if (needsGrad(g)) record('unfoldAxis', gx, [g], null, (gg) => [windows(gg, a, size, step)])
  return gx
}

/** Elements from the first to behind the last that a view reaches. */
function extent(shape: Shape, strides: readonly number[]): number {
  if (numelOf(shape) === 0) return 0
  return shape.reduce((n, d, i) => n + (d - 1) * (strides[i] as number), 1)
}

/**
 * A view of x's bytes with any shape and strides (of at least 0, in elements), `offset` elements behind x's first. It must stay
 * between x's first and last element. Elements may coincide: their gradients add, and those of memory that x's own elements share
 * are divided among them; gradients of bytes between x's elements are dropped.
 */
export function asStrided<D extends DType>(
  x: Tensor<D>,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): Tensor<D> {
  checkShape('asStrided', shape)
  if (strides.length !== shape.length)
    throw new ShapeError(`asStrided: ${strides.length} strides for the ${shape.length} dimensions of ${show(shape)}`)
  for (const s of [...strides, offset])
    if (!Number.isInteger(s) || s < 0)
      throw new ValueError(`asStrided: stride or offset ${s} is no integer of at least 0`)
  const span = extent(x.shape, x.strides)
  const reach = extent(shape, strides)
  if (reach > 0 && offset + reach > span)
    throw new ShapeError(`asStrided: ${show(shape)} reaches element ${offset + reach - 1}, the tensor spans ${span}`)
  return strided(x, shape.slice(), strides.slice(), reach > 0 ? offset : 0)
}

function strided<D extends DType>(x: Tensor<D>, shape: Shape, strides: readonly number[], offset: number): Tensor<D> {
  const y = viewOf('asStrided', x, shape, compact(shape, strides), offset)
  if (needsGrad(x)) {
    const source = { shape: x.shape, strides: x.strides }
    record('asStrided', y, [x], null, (g) => [backToSource(g, strides, offset, source)])
  }
  return y
}

/** Where each element of a view lies, row by row. */
function positions(device: string, span: number, shape: Shape, strides: readonly number[], offset: number): Tensor {
  const all = make0(OP.arange, device, 'i64', [span], [0, 1])
  return reshape(viewOf('asStrided', all, shape, compact(shape, strides), offset), [-1])
}

/** The elements of t summed into the memory of `span` elements that a view shows; not recorded. */
function intoMemory(t: Tensor, span: number, strides: readonly number[], offset: number, dtype: DType): Tensor {
  const zeros = make0(OP.fill, t.device, dtype, [span], [0])
  const values = cast(reshape(t.detach(), [-1]), dtype)
  return indexAdd(zeros, 0, positions(t.device, span, t.shape, strides, offset), values)
}

/** `memory` with what several elements of the source share divided among them. */
function shared(memory: Tensor, source: Source): Tensor {
  if (!overlaps(source.shape, source.strides)) return memory
  const ones = make0(OP.fill, memory.device, memory.dtype, source.shape, [1])
  return memory.div(intoMemory(ones, memory.numel, source.strides, 0, memory.dtype).maximum(1)) as Tensor
}

interface Source {
  shape: Shape
  strides: readonly number[]
}

const accumulator = (d: DType): DType => (d === 'bf16' || d === 'f16' ? 'f32' : d)

/** The gradient of the source from that of its view; and, transposed again, the other way round. */
function backToSource(g: Tensor, strides: readonly number[], offset: number, source: Source): Tensor {
  const view = g.shape
  const memory = intoMemory(g, extent(source.shape, source.strides), strides, offset, accumulator(g.dtype))
  const gx = cast(strided(shared(memory, source), source.shape, source.strides, 0), g.dtype)
  if (needsGrad(g))
    record('asStrided', gx, [g], null, (gg) => [
      sameStrides(source) ? strided(gg.contiguous(), view, strides, offset) : toView(gg, view, strides, offset, source),
    ])
  return gx
}

const sameStrides = (source: Source): boolean => compact(source.shape, source.strides) === null

function toView(gg: Tensor, view: Shape, strides: readonly number[], offset: number, source: Source): Tensor {
  const memory = intoMemory(gg, extent(source.shape, source.strides), source.strides, 0, accumulator(gg.dtype))
  const g = cast(strided(shared(memory, source), view, strides, offset).clone(), gg.dtype)
  if (needsGrad(gg)) record('asStrided', g, [gg], null, (h) => [backToSource(h, strides, offset, source)])
  return g
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** `unfoldAxis`, by PyTorch's name. */
    unfold<E extends DType>(this: Tensor<E>, axis: number, size: number, step: number): Tensor<E>
    asStrided<E extends DType>(this: Tensor<E>, shape: Shape, strides: readonly number[], offset?: number): Tensor<E>
  }
}
method('unfold', function (this: Tensor, axis: number, size: number, step: number) {
  return unfoldAxis(this, axis, size, step)
})
method('asStrided', function (this: Tensor, shape: Shape, strides: readonly number[], offset?: number) {
  return asStrided(this, shape, strides, offset)
})
