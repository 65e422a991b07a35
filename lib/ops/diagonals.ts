/** Diagonals, read and written. */
import { gradMode } from '../autograd/mode.js'
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, promote } from '../tensor/dtype.js'
import { checkShape, compact, normalizeAxis, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atleast2d } from './axes.js'
import { cast } from './convert.js'
import { make0, method, viewOf, writable } from './emit.js'
import { replaced } from './region.js'
import { reshape } from './views.js'
import { intoView, paste, temporarily } from './window.js'

export interface DiagonalOptions {
  /** Which diagonal: 0 the main one, above 0 those above it. */
  offset?: number
  /** The axes of rows and columns. */
  axes?: readonly [number, number]
}

function plane(
  name: string,
  rank: number,
  options: DiagonalOptions,
  axes: readonly [number, number],
): [number, number] {
  const [r, c] = (options.axes ?? axes).map((axis) => normalizeAxis(name, axis, rank)) as [number, number]
  if (r === c) throw new ValueError(`${name}: axes (${(options.axes ?? axes).join(', ')}) name one axis twice`)
  if (!Number.isInteger(options.offset ?? 0))
    throw new ValueError(`${name}: offset ${options.offset} is not an integer`)
  return [r, c]
}

/** The diagonal of two axes (by default the first two), which disappear; it is the last axis of the result. A view. */
export function diagonal<D extends DType>(x: Tensor<D>, options: DiagonalOptions = {}): Tensor<D> {
  if (x.rank < 2) throw new ShapeError(`diagonal: takes at least 2 dimensions, got ${show(x.shape)}`)
  const [r, c] = plane('diagonal', x.rank, options, [0, 1])
  return diagonalOf(x, r, c, options.offset ?? 0)
}

function diagonalOf<D extends DType>(x: Tensor<D>, r: number, c: number, offset: number): Tensor<D> {
  const { shape: full, strides } = x
  const [rows, columns] = [full[r] as number, full[c] as number]
  const [down, right] = [strides[r] as number, strides[c] as number]
  const length = Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns))
  const shape = [...full.filter((_, i) => i !== r && i !== c), length]
  const steps = [...strides.filter((_, i) => i !== r && i !== c), down + right]
  const from = offset >= 0 ? offset * right : -offset * down
  const y = viewOf('diagonal', x, shape, compact(shape, steps), numelOf(shape) > 0 ? from : 0)
  if (needsGrad(x))
    record('diagonal', y, [x], null, (g) => [intoView('diagonal', g, full, (t) => diagonalOf(t, r, c, offset))])
  return y
}

/**
 * x with a number where all indices are equal; its dimensions must be equally long, or two. With `wrap` the diagonal of a tall
 * matrix begins again below each square, after a row without. Definition: torch.Tensor.fill_diagonal_.
 */
export function fillDiagonal<D extends DType>(
  x: Tensor<D>,
  value: number,
  options: { wrap?: boolean } = {},
): Tensor<D> {
  const least = Math.min(...x.shape)
  if (x.rank < 2 || (x.rank > 2 && x.shape.some((d) => d !== least)))
    throw new ShapeError(`fillDiagonal: takes matrices, or dimensions that are equally long, got ${show(x.shape)}`)
  const wraps = options.wrap === true && x.rank === 2
  return replaced('fillDiagonal', x, value, (shape, strides) => {
    const step = strides.reduce((a, b) => a + b, 0)
    return { shape: [wraps ? Math.ceil(numelOf(shape) / step) : least], strides: [step], offset: 0 }
  })
}

/** The last axis of x on a diagonal of new matrices, zeros elsewhere. Their axes are by default the last two of the result. */
export function diagEmbed<D extends DType>(x: Tensor<D>, options: DiagonalOptions = {}): Tensor<D> {
  if (x.rank === 0) throw new ShapeError('diagEmbed: a tensor of rank 0 has no axis')
  const [r, c] = plane('diagEmbed', x.rank + 1, options, [-2, -1])
  const offset = options.offset ?? 0
  const side = (x.shape.at(-1) as number) + Math.abs(offset)
  const batch = x.shape.slice(0, -1)
  const shape = Array.from({ length: x.rank + 1 }, (_, i) => (i === r || i === c ? side : (batch.shift() as number)))
  checkShape('diagEmbed', shape)
  return intoView('diagEmbed', x, shape, (t) => diagonalOf(t, r, c, offset)) as Tensor<D>
}

/** A vector as a diagonal of a matrix, or a diagonal of a matrix as a vector (a copy). */
export function diag<D extends DType>(x: Tensor<D>, offset = 0): Tensor<D> {
  if (x.rank === 1) return diagEmbed(x, { offset })
  if (x.rank !== 2) throw new ShapeError(`diag: takes a vector or a matrix, got ${show(x.shape)}`)
  return diagonal(x, { offset }).clone()
}

/** All elements on a diagonal of a matrix. */
export function diagflat<D extends DType>(x: Tensor<D>, offset = 0): Tensor<D> {
  return diagEmbed(reshape(x, [x.numel]), { offset })
}

/** Matrices (vectors count as rows, scalars as 1 x 1) along the diagonal of a large one, zeros elsewhere. dtypes promote. */
export function blockDiag(...tensors: readonly Tensor[]): Tensor {
  const first = tensors[0]
  if (!first) throw new ShapeError('blockDiag: no tensors')
  for (const x of tensors)
    if (x.rank > 2) throw new ShapeError(`blockDiag: takes at most 2 dimensions, got ${show(x.shape)}`)
  const dtype = tensors.reduce((d, x) => promote(d, x.dtype), first.dtype)
  const blocks = tensors.map((x) => atleast2d(cast(x, dtype)))
  const [n, m] = [0, 1].map((i) => blocks.reduce((sum, b) => sum + (b.shape[i] as number), 0)) as [number, number]
  const y = blocks.reduce(writable, make0(OP.fill, first.device, dtype, [n, m], [0]) as Tensor)
  const shapes = blocks.map((b) => b.shape)
  temporarily(() => {
    place(shapes, y).forEach((window, i) => {
      paste('blockDiag', window, blocks[i] as Tensor)
    })
  })
  if (gradMode.enabled && blocks.some((b) => b.requiresGrad)) recordBlocks(y, blocks, shapes)
  return y
}

function recordBlocks(y: Tensor, blocks: Tensor[], shapes: readonly Shape[]): void {
  const wanted = blocks.map((b) => b.requiresGrad)
  record('blockDiag', y, blocks, null, (g) => place(shapes, g).map((window, i) => (wanted[i] ? window : null)))
}

/** The blocks of a matrix, as views. */
function place(shapes: readonly Shape[], y: Tensor): Tensor[] {
  let [row, column] = [0, 0]
  return shapes.map(([h, w]) => {
    const window = y.narrow(0, row, h as number).narrow(1, column, w as number)
    row += h as number
    column += w as number
    return window
  })
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    diagonal<E extends DType>(this: Tensor<E>, options?: DiagonalOptions): Tensor<E>
    diagEmbed<E extends DType>(this: Tensor<E>, options?: DiagonalOptions): Tensor<E>
    diag<E extends DType>(this: Tensor<E>, offset?: number): Tensor<E>
    diagflat<E extends DType>(this: Tensor<E>, offset?: number): Tensor<E>
  }
}
method('diagonal', function (this: Tensor, options?: DiagonalOptions) {
  return diagonal(this, options)
})
method('diagEmbed', function (this: Tensor, options?: DiagonalOptions) {
  return diagEmbed(this, options)
})
method('diag', function (this: Tensor, offset?: number) {
  return diag(this, offset)
})
method('diagflat', function (this: Tensor, offset?: number) {
  return diagflat(this, offset)
})
