/** Differences and integrals over points of equal or given distance. */
import { ShapeError, ValueError } from '../errors.js'
import { type DType, floatOf } from '../tensor/dtype.js'
import { normalizeAxis, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, logicalXor, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { isTensor, method, refuseComplex } from './emit.js'
import { concat } from './join.js'
import { sum } from './reduce.js'
import { cumsum } from './scan.js'
import { narrow, reshape } from './views.js'

export interface DiffOptions {
  /** Joined to x before its first elements (for n of at least 1). */
  prepend?: Tensor
  /** Joined to x behind its last ones. */
  append?: Tensor
}

/** Differences of neighbours along an axis, taken n times; of bool tensors, whether they differ (torch.diff). */
export function diff<D extends DType>(x: Tensor<D>, n = 1, axis = -1, options: DiffOptions = {}): Tensor<D> {
  if (!Number.isInteger(n) || n < 0) throw new ValueError(`diff: order ${n}; it is an integer of at least 0`)
  if (x.rank === 0) throw new ShapeError('diff: a tensor of rank 0 has no neighbours')
  const a = normalizeAxis('diff', axis, x.rank)
  const parts = [options.prepend, x, options.append].filter((t) => t !== undefined)
  let y: Tensor = parts.length > 1 && n > 0 ? concat(parts, a) : x
  for (let k = 0; k < n && (y.shape[a] as number) > 0; k++) {
    const length = (y.shape[a] as number) - 1
    const [later, earlier] = [narrow(y, a, 1, length), narrow(y, a, 0, length)]
    y = y.dtype === 'bool' ? logicalXor(later, earlier) : sub(later, earlier)
  }
  return y as Tensor<D>
}

/** The distance of points: a number, or the points themselves: a vector along the axis, or of y's shape (or one broadcast to it). */
export type Spacing = number | Tensor

interface Trapezoids {
  /** Areas between neighbours along the axis. */
  areas: Tensor
  axis: number
}

function trapezoids(name: string, y: Tensor, spacing: Spacing, axis: number): Trapezoids {
  if (y.rank === 0) throw new ShapeError(`${name}: a tensor of rank 0 has no axis`)
  const a = normalizeAxis(name, axis, y.rank)
  const f = cast(y, floatOf(y.dtype))
  const size = f.shape[a] as number
  const length = Math.max(0, size - 1)
  const means = (t: Tensor): Tensor => add(narrow(t, a, Math.min(1, size), length), narrow(t, a, 0, length))
  if (!isTensor(spacing)) return { areas: mul(means(f), spacing / 2), axis: a }
  if (spacing.rank === 0) throw new ShapeError(`${name}: the points are of rank 0; pass a number for equal distances`)
  let points = spacing
  if (points.rank === 1) {
    if (points.numel !== size && points.numel !== 1)
      throw new ShapeError(`${name}: ${points.numel} points for ${size} values`)
    points = reshape(
      points,
      f.shape.map((_, i) => (i === a ? spacing.numel : 1)),
    )
  } else if (points.rank < f.rank) {
    points = reshape(points, [...new Array<number>(f.rank - points.rank).fill(1), ...points.shape])
  }
  const at = points.rank - f.rank + a
  return { areas: div(mul(means(f), diff(points, 1, at)), 2), axis: a }
}

/** The integral along an axis by the trapezoidal rule (torch.trapezoid): 0 for fewer than two points. */
export function trapezoid(y: Tensor, spacing: Spacing = 1, axis = -1): Tensor {
  const { areas, axis: a } = trapezoids('trapezoid', y, spacing, axis)
  return sum(areas, a - y.rank)
}

/** `trapezoid` (torch.trapz). */
export function trapz(y: Tensor, spacing: Spacing = 1, axis = -1): Tensor {
  return trapezoid(y, spacing, axis)
}

/** The integral up to each point but the first (torch.cumulative_trapezoid). */
export function cumulativeTrapezoid(y: Tensor, spacing: Spacing = 1, axis = -1): Tensor {
  const { areas, axis: a } = trapezoids('cumulativeTrapezoid', y, spacing, axis)
  return cumsum(areas, a - y.rank)
}

export interface GradientOptions {
  /** A number for all axes, or one for each; or each axis's points as vectors. Default 1. */
  spacing?: number | readonly number[] | readonly Tensor[]
  /** Default: all. */
  axes?: number | readonly number[]
  /** At the edges: differences of the first (default) or second order. */
  edgeOrder?: 1 | 2
}

/**
 * Numerical derivatives of sampled values along each axis, by central differences of second order inside (torch.gradient;
 * for unequal distances Fornberg's three-point formula).
 */
export function gradient(x: Tensor, options: GradientOptions = {}): Tensor[] {
  refuseComplex('gradient', x)
  const { spacing = 1, edgeOrder = 1 } = options
  if (edgeOrder !== 1 && edgeOrder !== 2) throw new ValueError(`gradient: edgeOrder ${edgeOrder} is neither 1 nor 2`)
  const chosen = options.axes ?? x.shape.map((_, i) => i)
  const axes = (typeof chosen === 'number' ? [chosen] : chosen).map((a) => normalizeAxis('gradient', a, x.rank))
  if (new Set(axes).size !== axes.length) throw new ValueError('gradient: an axis is named twice')
  const spacings: readonly Spacing[] =
    typeof spacing === 'number' ? axes.map(() => spacing) : (spacing as readonly Spacing[])
  if (spacings.length !== axes.length)
    throw new ValueError(`gradient: ${spacings.length} spacings for ${axes.length} axes`)
  const f = cast(x, floatOf(x.dtype))
  return axes.map((a, k) => derivative(f, a, spacings[k] as Spacing, edgeOrder))
}

function derivative(f: Tensor, axis: number, spacing: Spacing, edgeOrder: number): Tensor {
  const n = f.shape[axis] as number
  if (n < edgeOrder + 1)
    throw new ShapeError(
      `gradient: axis ${axis} of ${show(f.shape)} has ${n} points; at least ${edgeOrder + 1} are needed`,
    )
  const at = (from: number, length: number): Tensor => narrow(f, axis, from < 0 ? from + n : from, length)
  if (!isTensor(spacing)) return equallySpaced(at, axis, n, spacing, edgeOrder)
  if (spacing.rank !== 1 || spacing.numel !== n)
    throw new ShapeError(`gradient: the points of axis ${axis} are ${show(spacing.shape)}, not (${n})`)
  const distances = diff(
    cast(
      reshape(
        spacing,
        f.shape.map((_, i) => (i === axis ? n : 1)),
      ),
      f.dtype,
    ),
    1,
    axis,
  )
  return spaced(at, axis, n, distances, edgeOrder)
}

type At = (from: number, length: number) => Tensor

function equallySpaced(at: At, axis: number, n: number, h: number, edgeOrder: number): Tensor {
  // (c0 f0 + c1 f1 + c2 f2) / h at an edge, and its mirror image.
  const edge = (first: number, step: number): Tensor => {
    const [a, b] = [at(first, 1), at(first + step, 1)]
    if (edgeOrder === 1) return div(sub(b, a), h * step)
    return div(sub(sub(mul(b, 2), mul(a, 1.5)), mul(at(first + 2 * step, 1), 0.5)), h * step)
  }
  const inside = n > 2 ? [div(sub(at(2, n - 2), at(0, n - 2)), 2 * h)] : []
  return concat([edge(0, 1), ...inside, edge(-1, -1)], axis)
}

function spaced(at: At, axis: number, n: number, distances: Tensor, edgeOrder: number): Tensor {
  const d = (from: number, length: number): Tensor => narrow(distances, axis, from < 0 ? from + n - 1 : from, length)
  const edge = (first: number, step: number): Tensor => {
    const [f0, f1] = [at(first, 1), at(first + step, 1)]
    const h1 = d(first, 1)
    const slope = div(sub(f1, f0), mul(h1, step))
    if (edgeOrder === 1) return slope
    // The parabola through three points.
    const h2 = d(first + step, 1)
    const next = div(sub(at(first + 2 * step, 1), f1), mul(h2, step))
    return sub(slope, mul(div(sub(next, slope), add(h1, h2)), h1))
  }
  if (n <= 2) return concat([edge(0, 1), edge(-1, -1)], axis)
  const [before, after] = [d(0, n - 2), d(1, n - 2)]
  const total = add(before, after)
  const left = div(sub(at(1, n - 2), at(0, n - 2)), before)
  const right = div(sub(at(2, n - 2), at(1, n - 2)), after)
  const inside = div(add(mul(left, after), mul(right, before)), total)
  return concat([edge(0, 1), inside, edge(-1, -1)], axis)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    diff<E extends DType>(this: Tensor<E>, n?: number, axis?: number, options?: DiffOptions): Tensor<E>
  }
}
method('diff', function (this: Tensor, n?: number, axis?: number, options?: DiffOptions) {
  return diff(this, n, axis, options)
})
