/** A tensor in pieces along an axis: views, with one gradient rule for all of them. */
import { needsGrad, recordMany } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { compact, normalizeAxis, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { make0, method, viewOf } from './emit.js'
import { concat, stack } from './join.js'

/** Where along the axis a piece begins, and its size; null: the axis disappears. */
interface Piece {
  from: number
  size: number | null
}

/** The pieces as views; gradients of all of them are joined in one pass. They cover the axis, in order. */
function pieces<D extends DType>(name: string, x: Tensor<D>, a: number, list: readonly Piece[]): Tensor<D>[] {
  const { shape: full, strides } = x
  const views: Tensor<D>[] = []
  for (const { from, size } of list) {
    const shape = size === null ? full.filter((_, i) => i !== a) : full.map((d, i) => (i === a ? size : d))
    const steps = size === null ? strides.filter((_, i) => i !== a) : strides
    views.push(viewOf(name, x, shape, compact(shape, steps), numelOf(shape) > 0 ? from * (strides[a] as number) : 0))
  }
  if (views.length > 0 && needsGrad(x)) {
    const shapes = views.map((v) => v.shape)
    const stacked = list[0]?.size === null
    recordMany(name, views, [x], null, (gs) => {
      const some = gs.find((g) => g !== null) as Tensor
      const all = gs.map((g, i) => g ?? make0(OP.fill, some.device, some.dtype, shapes[i] as Shape, [0]))
      return [stacked ? stack(all, a) : concat(all, a)]
    })
  }
  return views
}

function axisOf(name: string, x: Tensor, axis: number): number {
  if (x.rank === 0) throw new ShapeError(`${name}: a tensor of rank 0 has no axis`)
  return normalizeAxis(name, axis, x.rank)
}

/** Pieces of the given sizes along an axis, which must add to its size. Views. */
export function splitWithSizes<D extends DType>(x: Tensor<D>, sizes: readonly number[], axis = 0): Tensor<D>[] {
  return bySizes('splitWithSizes', x, sizes, axis)
}

function bySizes<D extends DType>(name: string, x: Tensor<D>, sizes: readonly number[], axis: number): Tensor<D>[] {
  const a = axisOf(name, x, axis)
  const sum = sizes.reduce((n, s) => n + s, 0)
  if (sum !== x.shape[a] || sizes.some((s) => !Number.isInteger(s) || s < 0))
    throw new ShapeError(
      `${name}: sizes ${show(sizes)} add to ${sum}, dimension ${axis} of ${show(x.shape)} is ${x.shape[a]}`,
    )
  let at = 0
  const list = sizes.map((size) => ({ from: (at += size) - size, size }))
  return pieces(name, x, a, list)
}

/** Pieces of `size` along an axis (the last may be smaller), or pieces of the given sizes. Views. */
export function split<D extends DType>(x: Tensor<D>, size: number | readonly number[], axis = 0): Tensor<D>[] {
  if (typeof size !== 'number') return bySizes('split', x, size, axis)
  const total = x.shape[axisOf('split', x, axis)] as number
  if (!Number.isInteger(size) || size < 0 || (size === 0 && total > 0))
    throw new ValueError(`split: size ${size} is not a positive integer`)
  const count = size === 0 ? 1 : Math.max(1, Math.ceil(total / size))
  const sizes = Array.from({ length: count }, (_, i) => Math.min(size, total - i * size))
  return bySizes('split', x, sizes, axis)
}

/** At most `n` pieces of equal size along an axis, but for the last, which may be smaller. Views. */
export function chunk<D extends DType>(x: Tensor<D>, n: number, axis = 0): Tensor<D>[] {
  if (!Number.isInteger(n) || n < 1) throw new ValueError(`chunk: ${n} is not a positive number of chunks`)
  const total = x.shape[axisOf('chunk', x, axis)] as number
  // An empty axis: as many empty pieces as asked for.
  if (total === 0) return bySizes('chunk', x, new Array<number>(n).fill(0), axis)
  return split(x, Math.ceil(total / n), axis)
}

/** The slices along an axis, which disappears from them. Views. */
export function unbind<D extends DType>(x: Tensor<D>, axis = 0): Tensor<D>[] {
  const a = axisOf('unbind', x, axis)
  const list = Array.from({ length: x.shape[a] as number }, (_, from) => ({ from, size: null }))
  return pieces('unbind', x, a, list)
}

/**
 * Pieces along an axis: exactly `n` of nearly equal size (the first ones are one longer), or cut in front of the given indices
 * (negative ones count from the end; out of range they are clamped and pieces are empty, as slices are). Views.
 */
export function tensorSplit<D extends DType>(x: Tensor<D>, at: number | readonly number[], axis = 0): Tensor<D>[] {
  return cut('tensorSplit', x, at, axis)
}

function cut<D extends DType>(name: string, x: Tensor<D>, at: number | readonly number[], axis: number): Tensor<D>[] {
  const a = axisOf(name, x, axis)
  const total = x.shape[a] as number
  if (typeof at === 'number') {
    if (!Number.isInteger(at) || at < 1) throw new ValueError(`${name}: ${at} is not a positive number of sections`)
    const [least, longer] = [Math.floor(total / at), total % at]
    const sizes = Array.from({ length: at }, (_, i) => least + (i < longer ? 1 : 0))
    return bySizes(name, x, sizes, axis)
  }
  for (const i of at) if (!Number.isInteger(i)) throw new ValueError(`${name}: index ${i} is not an integer`)
  const bounds = [0, ...at.map((i) => Math.min(Math.max(i < 0 ? i + total : i, 0), total)), total]
  const list = bounds.slice(1).map((to, i) => {
    const from = bounds[i] as number
    return { from, size: Math.max(0, to - from) }
  })
  // Indices that go back give pieces that overlap: then each is a slice of its own.
  if (list.some((p, i) => i > 0 && p.from < (bounds[i - 1] as number)))
    return list.map(({ from, size }) => x.narrow(a, from, size))
  return pieces(name, x, a, list)
}

function sections(name: string, x: Tensor, at: number | readonly number[], a: number): void {
  if (typeof at === 'number' && at > 0 && (x.shape[a] as number) % at !== 0)
    throw new ShapeError(`${name}: dimension ${a} of ${show(x.shape)} does not divide into ${at} equal sections`)
}

/** `tensorSplit` of columns: axis 1, or axis 0 of a vector; a number of sections must divide the axis. Views. */
export function hsplit<D extends DType>(x: Tensor<D>, at: number | readonly number[]): Tensor<D>[] {
  if (x.rank === 0) throw new ShapeError('hsplit: a tensor of rank 0 has no columns')
  const a = x.rank === 1 ? 0 : 1
  sections('hsplit', x, at, a)
  return cut('hsplit', x, at, a)
}

/** `tensorSplit` of rows: axis 0 of at least 2 dimensions; a number of sections must divide the axis. Views. */
export function vsplit<D extends DType>(x: Tensor<D>, at: number | readonly number[]): Tensor<D>[] {
  if (x.rank < 2) throw new ShapeError(`vsplit: takes at least 2 dimensions, got ${show(x.shape)}`)
  sections('vsplit', x, at, 0)
  return cut('vsplit', x, at, 0)
}

/** `tensorSplit` in depth: axis 2 of at least 3 dimensions; a number of sections must divide the axis. Views. */
export function dsplit<D extends DType>(x: Tensor<D>, at: number | readonly number[]): Tensor<D>[] {
  if (x.rank < 3) throw new ShapeError(`dsplit: takes at least 3 dimensions, got ${show(x.shape)}`)
  sections('dsplit', x, at, 2)
  return cut('dsplit', x, at, 2)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    split<E extends DType>(this: Tensor<E>, size: number | readonly number[], axis?: number): Tensor<E>[]
    splitWithSizes<E extends DType>(this: Tensor<E>, sizes: readonly number[], axis?: number): Tensor<E>[]
    chunk<E extends DType>(this: Tensor<E>, n: number, axis?: number): Tensor<E>[]
    unbind<E extends DType>(this: Tensor<E>, axis?: number): Tensor<E>[]
    tensorSplit<E extends DType>(this: Tensor<E>, at: number | readonly number[], axis?: number): Tensor<E>[]
    hsplit<E extends DType>(this: Tensor<E>, at: number | readonly number[]): Tensor<E>[]
    vsplit<E extends DType>(this: Tensor<E>, at: number | readonly number[]): Tensor<E>[]
    dsplit<E extends DType>(this: Tensor<E>, at: number | readonly number[]): Tensor<E>[]
  }
}
method('split', function (this: Tensor, size: number | readonly number[], axis?: number) {
  return split(this, size, axis)
})
method('splitWithSizes', function (this: Tensor, sizes: readonly number[], axis?: number) {
  return splitWithSizes(this, sizes, axis)
})
method('chunk', function (this: Tensor, n: number, axis?: number) {
  return chunk(this, n, axis)
})
method('unbind', function (this: Tensor, axis?: number) {
  return unbind(this, axis)
})
method('tensorSplit', function (this: Tensor, at: number | readonly number[], axis?: number) {
  return tensorSplit(this, at, axis)
})
method('hsplit', function (this: Tensor, at: number | readonly number[]) {
  return hsplit(this, at)
})
method('vsplit', function (this: Tensor, at: number | readonly number[]) {
  return vsplit(this, at)
})
method('dsplit', function (this: Tensor, at: number | readonly number[]) {
  return dsplit(this, at)
})
