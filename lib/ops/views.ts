/** Views: other shapes and strides over the same bytes, with gradients. */
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'
import { axesMask, checkShape, compact, normalizeAxis, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Fits, Reshape, ShapeOf, Transposed } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { contiguous } from './convert.js'
import { method, viewOf } from './emit.js'
import { flip } from './rearrange.js'
import { sumTo } from './reduce.js'
import { intoView } from './window.js'

/**
 * The same elements in another shape; one size may be -1. A view where strides allow (always for contiguous tensors), else a
 * copy.
 */
export function reshape<D extends DType, const S extends Shape>(x: Tensor<D>, shape: S): Tensor<D, S> {
  const target = resolve(x, shape)
  const strides = x.isContiguous ? null : stridesOver(x.shape, x.strides, target)
  const source = strides ? x : contiguous(x)
  const y = viewOf('reshape', source, target as unknown as S, strides)
  if (needsGrad(source)) {
    const from = x.shape
    record('reshape', y, [source], null, (g) => [reshape(g, from)])
  }
  return y
}

/** Strides with which elements that lie by `shape` and `strides` have the shape `target`, of as many; null where none are. */
function stridesOver(shape: Shape, strides: readonly number[], target: Shape): readonly number[] | null {
  const steps = target.map(() => 1)
  if (numelOf(shape) === 0) return null
  const axes = shape.flatMap((size, i) => (size === 1 ? [] : [{ size, step: strides[i] as number }]))
  let n = 0
  for (let i = 0; i < axes.length; ) {
    // The fewest dimensions of both from here on that have as many elements: those of `shape` are to follow one another evenly.
    const to = n
    let all = (axes[i] as Axis).size
    let step = (axes[i++] as Axis).step
    let found = target[n++] as number
    while (all !== found) {
      if (found < all) {
        found *= target[n++] as number
      } else {
        const next = axes[i++] as Axis
        if (step !== next.step * next.size) return null
        all *= next.size
        step = next.step
      }
    }
    for (let j = n - 1; j >= to; j--) {
      steps[j] = step
      step *= target[j] as number
    }
  }
  return steps
}
interface Axis {
  readonly size: number
  readonly step: number
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

/**
 * Elements start, start + step, ... before end along an axis; negative bounds count from the end. A view for steps of at least 1.
 * Negative steps go backwards (by default from the last element to the first) and give a copy: views have no negative strides.
 */
export function slice<D extends DType>(
  x: Tensor<D>,
  axis: number,
  start?: number | null,
  end?: number | null,
  step = 1,
): Tensor<D> {
  const a = normalizeAxis('slice', axis, x.rank)
  if (x.rank === 0) throw new ShapeError('slice: a tensor of rank 0 has no axis')
  for (const v of [start ?? 0, end ?? 0, step])
    if (!Number.isInteger(v)) throw new ValueError(`slice: ${v} is not an integer`)
  if (step === 0) throw new ValueError('slice: a step of 0 leads nowhere')
  const size = x.shape[a] as number
  const bound = (v: number, least: number): number => Math.min(Math.max(v < 0 ? v + size : v, least), size + least)
  if (step > 0) {
    const from = bound(start ?? 0, 0)
    return stepped(x, a, from, Math.max(0, Math.ceil((bound(end ?? size, 0) - from) / step)), step)
  }
  const from = bound(start ?? size, -1)
  const to = end === undefined || end === null ? -1 : bound(end, -1)
  const length = Math.max(0, Math.ceil((from - to) / -step))
  return flip(stepped(x, a, length > 0 ? from + (length - 1) * step : 0, length, -step), a)
}

/** `length` elements from `from` on, `step` apart: all arguments are checked. */
function stepped<D extends DType>(x: Tensor<D>, a: number, from: number, length: number, step: number): Tensor<D> {
  const strides = x.strides
  const shape = x.shape.map((d, i) => (i === a ? length : d))
  const steps = strides.map((s, i) => (i === a ? s * step : s))
  const y = viewOf('slice', x, shape, compact(shape, steps), length > 0 ? from * (strides[a] as number) : 0)
  if (needsGrad(x)) {
    const full = x.shape
    record('slice', y, [x], null, (g) => [intoView('slice', g, full, (t) => stepped(t, a, from, length, step))])
  }
  return y
}

/** `length` elements from `start` (negative: counted from the end) along an axis. A view. */
export function narrow<D extends DType>(x: Tensor<D>, axis: number, start: number, length: number): Tensor<D> {
  const a = normalizeAxis('narrow', axis, x.rank)
  if (x.rank === 0) throw new ShapeError('narrow: a tensor of rank 0 has no axis')
  const size = x.shape[a] as number
  const from = start < 0 ? start + size : start
  if (!Number.isInteger(from) || !Number.isInteger(length) || from < 0 || length < 0 || from + length > size) {
    throw new ShapeError(`narrow: ${length} elements from ${start} exceed dimension ${axis} of ${show(x.shape)}`)
  }
  return stepped(x, a, from, length, 1)
}

/** One index along an axis, which disappears. A view. */
export function select<D extends DType>(x: Tensor<D>, axis: number, index: number): Tensor<D> {
  const a = normalizeAxis('select', axis, x.rank)
  const size = x.rank === 0 ? 0 : (x.shape[a] as number)
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new ShapeError(`select: index ${index} is out of range for dimension ${axis} of ${show(x.shape)}`)
  }
  const at = index < 0 ? index + size : index
  const strides = x.strides
  const shape = x.shape.filter((_, i) => i !== a)
  const steps = strides.filter((_, i) => i !== a)
  const y = viewOf('select', x, shape, compact(shape, steps), numelOf(shape) > 0 ? at * (strides[a] as number) : 0)
  if (needsGrad(x)) {
    const full = x.shape
    record('select', y, [x], null, (g) => [intoView('select', g, full, (t) => select(t, a, at))])
  }
  return y
}

/** Without the dimensions of size 1, or without those of the given ones whose size is 1. A view. */
export function squeeze<D extends DType>(x: Tensor<D>, axis?: number | readonly number[]): Tensor<D> {
  const mask = axesMask('squeeze', axis, x.rank)
  const { shape } = x
  const gone = shape.map((d, i) => d === 1 && (mask & (1 << i)) !== 0)
  return restride(
    'squeeze',
    x,
    shape.filter((_, i) => !gone[i]),
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
  if (x.rank === 0) {
    normalizeAxis('flatten', start, 1)
    normalizeAxis('flatten', end, 1)
    return reshape(x, [1])
  }
  const s = normalizeAxis('flatten', start, x.rank)
  const e = normalizeAxis('flatten', end, x.rank)
  if (s > e) throw new ShapeError(`flatten: start ${start} lies behind end ${end}`)
  return reshape(x, [...x.shape.slice(0, s), numelOf(x.shape.slice(s, e + 1)), ...x.shape.slice(e + 1)])
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    reshape<E extends DType, F extends Shape, const A extends Shape>(
      this: Tensor<E, F>,
      shape: A & Fits<Reshape<F, A>>,
    ): Tensor<E, ShapeOf<Reshape<F, A>>>
    /** `reshape`, by PyTorch's name. */
    view<E extends DType, F extends Shape, const A extends Shape>(
      this: Tensor<E, F>,
      shape: A & Fits<Reshape<F, A>>,
    ): Tensor<E, ShapeOf<Reshape<F, A>>>
    permute<E extends DType>(this: Tensor<E>, axes: readonly number[]): Tensor<E>
    transpose<E extends DType, A extends Shape>(this: Tensor<E, A>): Tensor<E, Transposed<A>>
    transpose<E extends DType>(this: Tensor<E>, a: number, b: number): Tensor<E>
    expand<E extends DType>(this: Tensor<E>, shape: Shape): Tensor<E>
    slice<E extends DType>(
      this: Tensor<E>,
      axis: number,
      start?: number | null,
      end?: number | null,
      step?: number,
    ): Tensor<E>
    narrow<E extends DType>(this: Tensor<E>, axis: number, start: number, length: number): Tensor<E>
    select<E extends DType>(this: Tensor<E>, axis: number, index: number): Tensor<E>
    squeeze<E extends DType>(this: Tensor<E>, axis?: number | readonly number[]): Tensor<E>
    unsqueeze<E extends DType>(this: Tensor<E>, axis: number): Tensor<E>
    flatten<E extends DType>(this: Tensor<E>, start?: number, end?: number): Tensor<E>
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
method('slice', function (this: Tensor, axis: number, start?: number | null, end?: number | null, step?: number) {
  return slice(this, axis, start, end, step)
})
method('narrow', function (this: Tensor, axis: number, start: number, length: number) {
  return narrow(this, axis, start, length)
})
method('select', function (this: Tensor, axis: number, index: number) {
  return select(this, axis, index)
})
method('squeeze', function (this: Tensor, axis?: number | readonly number[]) {
  return squeeze(this, axis)
})
method('unsqueeze', function (this: Tensor, axis: number) {
  return unsqueeze(this, axis)
})
method('flatten', function (this: Tensor, start?: number, end?: number) {
  return flatten(this, start, end)
})
