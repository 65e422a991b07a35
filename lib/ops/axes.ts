/** Axes moved, added, merged and taken apart: views by PyTorch's many names. */
import { ShapeError, ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'
import { broadcastShapes, normalizeAxis, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Transposed } from '../tensor/shape-types.js'
import { Tensor } from '../tensor/tensor.js'
import { conj } from './complex.js'
import { method } from './emit.js'
import { expand, permute, reshape, transpose, unsqueeze } from './views.js'

/** Axes moved from `source` to `destination`, the others keeping their order. A view. */
export function movedim<D extends DType>(
  x: Tensor<D>,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor<D> {
  const normal = (axes: number | readonly number[]): number[] =>
    (typeof axes === 'number' ? [axes] : axes).map((a) => normalizeAxis('movedim', a, x.rank))
  const [from, to] = [normal(source), normal(destination)]
  if (from.length !== to.length) throw new ValueError(`movedim: ${from.length} axes to ${to.length} places`)
  for (const axes of [from, to])
    if (new Set(axes).size !== axes.length) throw new ValueError(`movedim: (${axes.join(', ')}) names an axis twice`)
  if (x.rank === 0) return permute(x, [])
  const order = new Array<number>(x.rank).fill(-1)
  to.forEach((t, i) => {
    order[t] = from[i] as number
  })
  const others = x.shape.map((_, i) => i).filter((i) => !from.includes(i))
  return permute(
    x,
    order.map((o) => (o < 0 ? (others.shift() as number) : o)),
  )
}

/** `movedim`, by NumPy's name. */
export function moveaxis<D extends DType>(
  x: Tensor<D>,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor<D> {
  return movedim(x, source, destination)
}

/** Two axes exchanged: `transpose`, by NumPy's name. A view. */
export function swapaxes<D extends DType>(x: Tensor<D>, a: number, b: number): Tensor<D> {
  return transpose(x, a, b)
}

/** The transpose of a matrix; vectors and scalars stay as they are. A view. */
export function t<D extends DType>(x: Tensor<D>): Tensor<D> {
  if (x.rank > 2) throw new ShapeError(`t: takes at most 2 dimensions, got ${show(x.shape)}; use transpose`)
  return x.rank === 2 ? transpose(x) : permute(x, x.rank === 1 ? [0] : [])
}

/** The conjugate transpose of (batches of) matrices; for real tensors the transpose, a view. */
export function adjoint<D extends DType>(x: Tensor<D>): Tensor<D> {
  if (x.rank < 2) throw new ShapeError(`adjoint: takes matrices, got ${show(x.shape)}`)
  return conj(transpose(x))
}

/** One axis as several; one of their sizes may be -1. A view where reshape gives one. */
export function unflatten<D extends DType>(x: Tensor<D>, axis: number, sizes: readonly number[]): Tensor<D> {
  if (x.rank === 0) throw new ShapeError('unflatten: a tensor of rank 0 has no axis')
  if (sizes.length === 0) throw new ShapeError('unflatten: no sizes')
  const a = normalizeAxis('unflatten', axis, x.rank)
  const size = x.shape[a] as number
  const open = sizes.indexOf(-1)
  const known = numelOf(sizes.filter((_, i) => i !== open))
  const fits = open < 0 ? known === size : sizes.indexOf(-1, open + 1) < 0 && known > 0 && size % known === 0
  if (!fits)
    throw new ShapeError(`unflatten: dimension ${axis} of ${show(x.shape)} does not come apart as ${show(sizes)}`)
  const parts = sizes.map((d, i) => (i === open ? size / known : d))
  return reshape(x, [...x.shape.slice(0, a), ...parts, ...x.shape.slice(a + 1)])
}

/** All elements as a vector. A view where reshape gives one. */
export function ravel<D extends DType>(x: Tensor<D>): Tensor<D> {
  return reshape(x, [x.numel])
}

/** x in the shape of another tensor of as many elements. */
export function viewAs<D extends DType>(x: Tensor<D>, other: Tensor): Tensor<D> {
  return reshape(x, other.shape)
}

/** `viewAs`, by the other name. */
export function reshapeAs<D extends DType>(x: Tensor<D>, other: Tensor): Tensor<D> {
  return reshape(x, other.shape)
}

/** x expanded to the shape of another tensor. A view. */
export function expandAs<D extends DType>(x: Tensor<D>, other: Tensor): Tensor<D> {
  return expand(x, other.shape)
}

/** x broadcast to a shape: `expand`, by NumPy's name. A view. */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  return expand(x, shape)
}

/** All tensors expanded to their common shape. Views. */
export function broadcastTensors(...tensors: readonly Tensor[]): Tensor[] {
  const shape = tensors.reduce<Shape>((s, x) => broadcastShapes('broadcastTensors', s, x.shape), [])
  return tensors.map((x) => expand(x, shape))
}

/** A tensor with at least one axis. A view. */
export function atleast1d<D extends DType>(x: Tensor<D>): Tensor<D> {
  return x.rank === 0 ? reshape(x, [1]) : x
}

/** A tensor with at least two axes: new ones in front. A view. */
export function atleast2d<D extends DType>(x: Tensor<D>): Tensor<D> {
  return x.rank >= 2 ? x : unsqueeze(atleast1d(x), 0)
}

/** A tensor with at least three axes: (n) becomes (1, n, 1), (n, m) becomes (n, m, 1). A view. */
export function atleast3d<D extends DType>(x: Tensor<D>): Tensor<D> {
  return x.rank >= 3 ? x : unsqueeze(atleast2d(x), -1)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    movedim<E extends DType>(
      this: Tensor<E>,
      source: number | readonly number[],
      destination: number | readonly number[],
    ): Tensor<E>
    moveaxis<E extends DType>(
      this: Tensor<E>,
      source: number | readonly number[],
      destination: number | readonly number[],
    ): Tensor<E>
    swapaxes<E extends DType>(this: Tensor<E>, a: number, b: number): Tensor<E>
    t<E extends DType>(this: Tensor<E>): Tensor<E>
    adjoint<E extends DType>(this: Tensor<E>): Tensor<E>
    unflatten<E extends DType>(this: Tensor<E>, axis: number, sizes: readonly number[]): Tensor<E>
    ravel<E extends DType>(this: Tensor<E>): Tensor<E>
    viewAs<E extends DType>(this: Tensor<E>, other: Tensor): Tensor<E>
    reshapeAs<E extends DType>(this: Tensor<E>, other: Tensor): Tensor<E>
    expandAs<E extends DType>(this: Tensor<E>, other: Tensor): Tensor<E>
    broadcastTo<E extends DType>(this: Tensor<E>, shape: Shape): Tensor<E>
    /** All axes in reverse order. A view. */
    readonly T: Tensor<D>
    /** (Batches of) matrices transposed. A view. */
    readonly mT: Tensor<D, Transposed<S>>
    /** The conjugate transpose of a matrix. */
    readonly H: Tensor<D>
    /** The conjugate transpose of (batches of) matrices: `adjoint`. */
    readonly mH: Tensor<D>
  }
}

type Axes = number | readonly number[]
method('movedim', function (this: Tensor, source: Axes, destination: Axes) {
  return movedim(this, source, destination)
})
method('moveaxis', function (this: Tensor, source: Axes, destination: Axes) {
  return movedim(this, source, destination)
})
method('swapaxes', function (this: Tensor, a: number, b: number) {
  return swapaxes(this, a, b)
})
method('t', function (this: Tensor) {
  return t(this)
})
method('adjoint', function (this: Tensor) {
  return adjoint(this)
})
method('unflatten', function (this: Tensor, axis: number, sizes: readonly number[]) {
  return unflatten(this, axis, sizes)
})
method('ravel', function (this: Tensor) {
  return ravel(this)
})
method('viewAs', function (this: Tensor, other: Tensor) {
  return viewAs(this, other)
})
method('reshapeAs', function (this: Tensor, other: Tensor) {
  return reshapeAs(this, other)
})
method('expandAs', function (this: Tensor, other: Tensor) {
  return expandAs(this, other)
})
method('broadcastTo', function (this: Tensor, shape: Shape) {
  return broadcastTo(this, shape)
})

function accessor(name: string, get: (x: Tensor) => Tensor): void {
  Object.defineProperty(Tensor.prototype, name, {
    get(this: Tensor) {
      return get(this)
    },
    configurable: true,
  })
}
accessor('T', (x) =>
  permute(
    x,
    x.shape.map((_, i) => x.rank - 1 - i),
  ),
)
accessor('mT', (x) => {
  if (x.rank < 2) throw new ShapeError(`mT: takes matrices, got ${show(x.shape)}`)
  return transpose(x)
})
accessor('H', (x) => {
  if (x.rank !== 2) throw new ShapeError(`H: takes a matrix, got ${show(x.shape)}`)
  return adjoint(x)
})
accessor('mH', (x) => adjoint(x))
