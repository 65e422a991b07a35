/** Views: other shapes and strides over the same bytes, with gradients. */
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { checkShape, normalizeAxis, numelOf, type Shape, show, type Transposed } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { contiguous } from './convert.js'
import { make0, method, mutate, NO_ATTRIBUTES, viewOf } from './emit.js'
import { sumTo } from './reduce.js'

/** null when the strides are those of a contiguous tensor. */
export function compact(shape: Shape, strides: readonly number[]): readonly number[] | null {
  let n = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== n) return numelOf(shape) <= 1 ? null : strides
    n *= shape[i] as number
  }
  return null
}

/**
 * The same elements in another shape; one size may be -1. A view where strides allow (always for contiguous tensors), else a
 * copy.
 */
export function reshape<D extends DType, const S extends Shape>(x: Tensor<D>, shape: S): Tensor<D, S> {
  const target = resolve(x, shape)
  const source = contiguous(x)
  const y = viewOf('reshape', source, target as unknown as S, null)
  if (needsGrad(source)) {
    const from = x.shape
    record('reshape', y, [source], null, (g) => [reshape(g, from)])
  }
  return y
}

function resolve(x: Tensor, shape: Shape): Shape {
  const unknown = shape.indexOf(-1)
  let target: Shape = shape
  if (unknown >= 0) {
    const rest = shape.reduce((n, d, i) => (i === unknown ? n : n * d), 1)
    if (shape.indexOf(-1, unknown + 1) >= 0) throw new ShapeError(`reshape: ${show(shape)} has more than one -1`)
    if (rest === 0 || x.numel % rest !== 0) {
      throw new ShapeError(`reshape: ${x.numel} elements of ${show(x.shape)} cannot fill ${show(shape)}`)
    }
    target = shape.map((d, i) => (i === unknown ? x.numel / rest : d))
  }
  checkShape('reshape', target)
  if (numelOf(target) !== x.numel) {
    throw new ShapeError(`reshape: ${show(x.shape)} has ${x.numel} elements, ${show(target)} has ${numelOf(target)}`)
  }
  return target
}

/** Dimensions in another order. */
export function permute<D extends DType>(x: Tensor<D>, axes: readonly number[]): Tensor<D> {
  // Closures of one function share their variables: were `x` among them, the rule would keep it alive.
  const { rank, shape: from, strides } = x
  const order = axes.map((a) => normalizeAxis('permute', a, rank))
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ShapeError(`permute: (${axes.join(', ')}) is no order of the ${rank} dimensions of ${show(from)}`)
  }
  const shape = order.map((a) => from[a] as number)
  const y = viewOf(
    'permute',
    x,
    shape,
    compact(
      shape,
      order.map((a) => strides[a] as number),
    ),
  )
  if (needsGrad(x)) {
    const back = order.map((_, i) => order.indexOf(i))
    record('permute', y, [x], null, (g) => [permute(g, back)])
  }
  return y
}

/** Two dimensions exchanged. Default: the last two. */
export function transpose<D extends DType>(x: Tensor<D>, a = -2, b = -1): Tensor<D> {
  const i = normalizeAxis('transpose', a, x.rank)
  const j = normalizeAxis('transpose', b, x.rank)
  const order = x.shape.map((_, k) => (k === i ? j : k === j ? i : k))
  return permute(x, order)
}

/** Repeats dimensions of size 1 (and new leading ones) without copying; -1 keeps a size. */
export function expand<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  const lead = shape.length - x.rank
  if (lead < 0) throw new ShapeError(`expand: ${show(shape)} has fewer dimensions than ${show(x.shape)}`)
  const strides = x.strides
  const target: number[] = []
  const steps: number[] = []
  for (let i = 0; i < shape.length; i++) {
    const from = i < lead ? 1 : (x.shape[i - lead] as number)
    const size = shape[i] === -1 && i >= lead ? from : (shape[i] as number)
    if (from !== size && from !== 1) {
      throw new ShapeError(`expand: ${show(x.shape)} to ${show(shape)}: dimension ${i} is ${from}, not 1`)
    }
    target.push(size)
    steps.push(i >= lead && from === size ? (strides[i - lead] as number) : 0)
  }
  checkShape('expand', target)
  const y = viewOf('expand', x, target, compact(target, steps))
  if (needsGrad(x)) {
    const from = x.shape
    record('expand', y, [x], null, (g) => [sumTo(g, from)])
  }
  return y
}

/** Elements start, start + step, ... before end along an axis; negative bounds count from the end. step of at least 1. */
export function slice<D extends DType>(
  x: Tensor<D>,
  axis: number,
  start = 0,
  end: number = Number.MAX_SAFE_INTEGER,
  step = 1,
): Tensor<D> {
  const a = normalizeAxis('slice', axis, x.rank)
  if (x.rank === 0) throw new ShapeError('slice: a tensor of rank 0 has no axis')
  for (const v of [start, end, step]) if (!Number.isInteger(v)) throw new ValueError(`slice: ${v} is not an integer`)
  if (step < 1) throw new ValueError(`slice: step ${step}; steps of at least 1 are supported`)
  const size = x.shape[a] as number
  const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + size : v, 0), size)
  const from = bound(start)
  const length = Math.max(0, Math.ceil((bound(end) - from) / step))
  const strides = x.strides
  const shape = x.shape.map((d, i) => (i === a ? length : d))
  const steps = strides.map((s, i) => (i === a ? s * step : s))
  const y = viewOf('slice', x, shape, compact(shape, steps), from < size ? from * (strides[a] as number) : 0)
  if (needsGrad(x)) {
    const full = x.shape
    record('slice', y, [x], null, (g) => {
      const gx = make0(OP.fill, g.device, g.dtype, full, [0])
      const end = length > 0 ? from + (length - 1) * step + 1 : from
      const window = slice(gx, a, from, end, step)
      if (length > 0) mutate('slice', OP.copyInto, [window, g], [gx], NO_ATTRIBUTES, g.numel * 0.3)
      if (needsGrad(g)) record('slice', gx, [g], null, (gg) => [slice(gg, a, from, end, step)])
      return [gx]
    })
  }
  return y
}

/** `length` elements from `start` along an axis. */
export function narrow<D extends DType>(x: Tensor<D>, axis: number, start: number, length: number): Tensor<D> {
  const size = x.shape[normalizeAxis('narrow', axis, x.rank)] as number
  const from = start < 0 ? start + size : start
  if (from < 0 || length < 0 || from + length > size) {
    throw new ShapeError(`narrow: ${length} elements from ${start} exceed dimension ${axis} of ${show(x.shape)}`)
  }
  return slice(x, axis, from, from + length)
}

/** One index along an axis, which disappears. */
export function select<D extends DType>(x: Tensor<D>, axis: number, index: number): Tensor<D> {
  const a = normalizeAxis('select', axis, x.rank)
  const size = x.shape[a] as number
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new ShapeError(`select: index ${index} is out of range for dimension ${axis} of ${show(x.shape)}`)
  }
  return squeeze(narrow(x, a, index < 0 ? index + size : index, 1), a)
}

/** Without the dimensions of size 1, or without the given one if its size is 1. */
export function squeeze<D extends DType>(x: Tensor<D>, axis?: number): Tensor<D> {
  const a = axis === undefined ? -1 : normalizeAxis('squeeze', axis, x.rank)
  const gone = x.shape.map((d, i) => d === 1 && (axis === undefined || i === a))
  return restride(
    'squeeze',
    x,
    x.shape.filter((_, i) => !gone[i]),
    x.strides.filter((_, i) => !gone[i]),
  )
}

/** With a new dimension of size 1 before `axis`. */
export function unsqueeze<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  const a = normalizeAxis('unsqueeze', axis, x.rank + 1)
  const shape = [...x.shape.slice(0, a), 1, ...x.shape.slice(a)]
  checkShape('unsqueeze', shape)
  return restride('unsqueeze', x, shape, [...x.strides.slice(0, a), 0, ...x.strides.slice(a)])
}

function restride<D extends DType>(name: string, x: Tensor<D>, shape: Shape, strides: readonly number[]): Tensor<D> {
  const y = viewOf(name, x, shape, compact(shape, strides))
  if (needsGrad(x)) {
    const from = x.shape
    record(name, y, [x], null, (g) => [reshape(g, from)])
  }
  return y
}

/** Dimensions start..end (inclusive) as one. */
export function flatten<D extends DType>(x: Tensor<D>, start = 0, end = -1): Tensor<D> {
  if (x.rank === 0) return reshape(x, [1])
  const s = normalizeAxis('flatten', start, x.rank)
  const e = normalizeAxis('flatten', end, x.rank)
  if (s > e) throw new ShapeError(`flatten: start ${start} lies behind end ${end}`)
  return reshape(x, [...x.shape.slice(0, s), numelOf(x.shape.slice(s, e + 1)), ...x.shape.slice(e + 1)])
}

/** Pieces of `size` along an axis (the last may be smaller), or pieces of the given sizes. Views. */
export function split<D extends DType>(x: Tensor<D>, size: number | readonly number[], axis = 0): Tensor<D>[] {
  const total = x.shape[normalizeAxis('split', axis, x.rank)] as number
  let sizes: readonly number[]
  if (typeof size === 'number') {
    if (!Number.isInteger(size) || size < 1) throw new ValueError(`split: size ${size} is not a positive integer`)
    sizes = Array.from({ length: Math.max(1, Math.ceil(total / size)) }, (_, i) => Math.min(size, total - i * size))
  } else {
    sizes = size
    const sum = sizes.reduce((n, s) => n + s, 0)
    if (sum !== total)
      throw new ShapeError(
        `split: sizes ${show(sizes)} add to ${sum}, dimension ${axis} of ${show(x.shape)} is ${total}`,
      )
  }
  let at = 0
  return sizes.map((s) => narrow(x, axis, (at += s) - s, s))
}

/** `n` pieces of nearly equal size along an axis. Views. */
export function chunk<D extends DType>(x: Tensor<D>, n: number, axis = 0): Tensor<D>[] {
  if (!Number.isInteger(n) || n < 1) throw new ValueError(`chunk: ${n} is not a positive number of chunks`)
  const total = x.shape[normalizeAxis('chunk', axis, x.rank)] as number
  return split(x, Math.max(1, Math.ceil(total / n)), axis)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    reshape<E extends DType, const A extends Shape>(this: Tensor<E>, shape: A): Tensor<E, A>
    /** `reshape`, by PyTorch's name. */
    view<E extends DType, const A extends Shape>(this: Tensor<E>, shape: A): Tensor<E, A>
    permute<E extends DType>(this: Tensor<E>, axes: readonly number[]): Tensor<E>
    transpose<E extends DType, A extends Shape>(this: Tensor<E, A>): Tensor<E, Transposed<A>>
    transpose<E extends DType>(this: Tensor<E>, a: number, b: number): Tensor<E>
    expand<E extends DType>(this: Tensor<E>, shape: Shape): Tensor<E>
    slice<E extends DType>(this: Tensor<E>, axis: number, start?: number, end?: number, step?: number): Tensor<E>
    narrow<E extends DType>(this: Tensor<E>, axis: number, start: number, length: number): Tensor<E>
    select<E extends DType>(this: Tensor<E>, axis: number, index: number): Tensor<E>
    squeeze<E extends DType>(this: Tensor<E>, axis?: number): Tensor<E>
    unsqueeze<E extends DType>(this: Tensor<E>, axis: number): Tensor<E>
    flatten<E extends DType>(this: Tensor<E>, start?: number, end?: number): Tensor<E>
    split<E extends DType>(this: Tensor<E>, size: number | readonly number[], axis?: number): Tensor<E>[]
    chunk<E extends DType>(this: Tensor<E>, n: number, axis?: number): Tensor<E>[]
  }
}
method('reshape', function (this: Tensor, shape: Shape) {
  return reshape(this, shape)
})
method('view', function (this: Tensor, shape: Shape) {
  return reshape(this, shape)
})
method('permute', function (this: Tensor, axes: readonly number[]) {
  return permute(this, axes)
})
method('transpose', function (this: Tensor, a?: number, b?: number) {
  return transpose(this, a, b)
})
method('expand', function (this: Tensor, shape: Shape) {
  return expand(this, shape)
})
method('slice', function (this: Tensor, axis: number, start?: number, end?: number, step?: number) {
  return slice(this, axis, start, end, step)
})
method('narrow', function (this: Tensor, axis: number, start: number, length: number) {
  return narrow(this, axis, start, length)
})
method('select', function (this: Tensor, axis: number, index: number) {
  return select(this, axis, index)
})
method('squeeze', function (this: Tensor, axis?: number) {
  return squeeze(this, axis)
})
method('unsqueeze', function (this: Tensor, axis: number) {
  return unsqueeze(this, axis)
})
method('flatten', function (this: Tensor, start?: number, end?: number) {
  return flatten(this, start, end)
})
method('split', function (this: Tensor, size: number | readonly number[], axis?: number) {
  return split(this, size, axis)
})
method('chunk', function (this: Tensor, n: number, axis?: number) {
  return chunk(this, n, axis)
})
