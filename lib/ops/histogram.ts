/** Histograms and counts of integers. No gradients, as in PyTorch. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isFloating, isIntegral } from '../tensor/dtype.js'
import { numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, ge, le, logicalAnd, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { arange, full, tensor } from './creation.js'
import { isTensor, makeMany, method, refuseComplex, sameDType } from './emit.js'
import { diff } from './integrate.js'
import { amax, amin, sum } from './reduce.js'
import { searchSorted } from './search.js'
import { where } from './select.js'
import { clamp, trunc } from './unary.js'
import { reshape, select } from './views.js'

/** How often (or with how much weight) each of 0 .. n-1 occurs among the bins (i64); others are left out. */
function counted(name: string, bins: Tensor, n: number, weight: Tensor | null, dtype: DType): Tensor {
  const [y] = makeMany(name, OP.binCount, [{ dtype, shape: [n] }], [bins, weight], [], bins.numel + n)
  return y as Tensor
}

function checkDType(name: string, x: Tensor): void {
  if (x.dtype !== 'f32' && x.dtype !== 'f64')
    throw new DTypeError(`${name}: a ${x.dtype} tensor; it takes f32 and f64, which hold counts: convert it`)
}

function checkBins(name: string, bins: number): void {
  if (!Number.isInteger(bins) || bins < 1) throw new ValueError(`${name}: ${bins} bins; at least 1 is needed`)
}

function checkRange(name: string, low: number, high: number): void {
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high)
    throw new ValueError(`${name}: from ${low} to ${high} is no finite range`)
}

/** The ends of a range, as tensors of rank 0: given, or those of the data; an empty one is widened by `by` on both sides. */
function range(x: Tensor, given: readonly [number, number] | null, by: number): [Tensor, Tensor] {
  const constant = (v: number): Tensor => full([], v, { dtype: x.dtype, device: x.device })
  if (given && given[0] !== given[1]) return [constant(given[0]), constant(given[1])]
  if (given) return [constant(given[0] - by), constant(given[1] + by)]
  if (x.numel === 0) return [constant(0), constant(1)]
  const [low, high] = [amin(x), amax(x)]
  const empty = mul(cast(eq(low, high), x.dtype), by)
  return [sub(low, empty), add(high, empty)]
}

/**
 * Counts in `bins` bins of equal width between min and max, in x's dtype (torch.histc). Both 0: the data's extremes. What lies
 * outside is left out, NaN too.
 */
export function histc<D extends DType>(x: Tensor<D>, bins = 100, min = 0, max = 0): Tensor<D> {
  checkDType('histc', x)
  checkBins('histc', bins)
  checkRange('histc', min, max)
  const line = reshape(x.detach(), [x.numel])
  const [low, high] = range(line, min === max && min === 0 ? null : [min, max], 1)
  const places = trunc(div(mul(sub(line, low), bins), sub(high, low)))
  const inside = logicalAnd(ge(line, low), le(line, high))
  const at = cast(where(inside, clamp(places, 0, bins - 1), -1), 'i64')
  return counted('histc', at, bins, null, x.dtype) as Tensor<D>
}

export interface HistogramOptions {
  /** Smallest and largest edge, where bins are counted; for histogramdd a pair a dimension, one after the other. */
  range?: readonly number[]
  /** What each element (point) counts. */
  weight?: Tensor
  /** Divide by the total and the bins' sizes: the integral becomes 1. */
  density?: boolean
}

/** The bins' edges: given ones, or equally spaced ones. */
function edgesOf(name: string, x: Tensor, bins: number | Tensor, given: readonly [number, number] | null): Tensor {
  if (isTensor(bins)) {
    if (bins.rank !== 1 || bins.numel < 2)
      throw new ShapeError(`${name}: the edges are ${show(bins.shape)}; they are a vector of at least 2`)
    if (bins.dtype !== x.dtype) throw new DTypeError(`${name}: edges of ${bins.dtype} for a ${x.dtype} tensor`)
    return bins.detach()
  }
  checkBins(name, bins)
  if (given) checkRange(name, given[0], given[1])
  const [low, high] = range(x, given, 0.5)
  const steps = arange(0, bins + 1, 1, { dtype: x.dtype, device: x.device })
  const width = div(sub(high, low), bins)
  // From both ends, so that both are exact.
  const half = steps.lt((bins + 1) / 2)
  return where(half, add(low, mul(steps, width)), sub(high, mul(sub(bins, steps), width)))
}

/** The bin of each element: left edges belong to it, and the last right edge too; -1 outside. */
function binOf(x: Tensor, edges: Tensor): Tensor {
  const n = edges.numel - 1
  const bin = sub(searchSorted(edges, x, { right: true }), 1)
  const inBin = where(eq(x, select(edges, 0, n)), n - 1, bin)
  return where(logicalAnd(ge(x, select(edges, 0, 0)), le(x, select(edges, 0, n))), inBin, -1)
}

/**
 * Counts between edges, and the edges (torch.histogram): bins is the edges (a rising vector), or a number of equally wide bins
 * over `range`, by default the data's. Counts have x's dtype.
 */
export function histogram<D extends DType>(
  x: Tensor<D>,
  bins: number | Tensor,
  options: HistogramOptions = {},
): [histogram: Tensor<D>, edges: Tensor<D>] {
  checkDType('histogram', x)
  const { weight } = options
  if (weight && !sameShape(weight.shape, x.shape))
    throw new ShapeError(`histogram: the weight is ${show(weight.shape)}, the tensor ${show(x.shape)}`)
  if (weight) sameDType('histogram', x, weight)
  const points = reshape(x.detach(), [x.numel, 1])
  const flat = weight ? { ...options, weight: reshape(weight, [x.numel]) } : options
  const [counts, edges] = histograms('histogram', points, [bins], flat)
  return [counts as Tensor<D>, edges[0] as Tensor<D>]
}

/**
 * Counts of points x (n, d) (or (..., d)) in boxes, and the edges of each dimension (torch.histogramdd): bins is a number, or one
 * for each dimension, or the edges of each.
 */
export function histogramdd<D extends DType>(
  x: Tensor<D>,
  bins: number | readonly number[] | readonly Tensor[],
  options: HistogramOptions = {},
): [histogram: Tensor<D>, edges: Tensor<D>[]] {
  checkDType('histogramdd', x)
  if (x.rank < 2) throw new ShapeError(`histogramdd: takes points (n, d), got ${show(x.shape)}`)
  const d = x.shape.at(-1) as number
  const each = typeof bins === 'number' ? new Array<number>(d).fill(bins) : bins
  if (each.length !== d) throw new ShapeError(`histogramdd: bins of ${each.length} dimensions for points of ${d}`)
  const { weight } = options
  if (weight && !sameShape(weight.shape, x.shape.slice(0, -1)))
    throw new ShapeError(`histogramdd: the weight is ${show(weight.shape)}, the points ${show(x.shape)}`)
  if (weight) sameDType('histogramdd', x, weight)
  const points = reshape(x.detach(), [numelOf(x.shape.slice(0, -1)), d])
  const flat = weight ? { ...options, weight: reshape(weight, [points.shape[0] as number]) } : options
  return histograms('histogramdd', points, each, flat) as [Tensor<D>, Tensor<D>[]]
}

function histograms(
  name: string,
  points: Tensor,
  bins: readonly (number | Tensor)[],
  { range: ends, weight, density }: HistogramOptions,
): [Tensor, Tensor[]] {
  if (ends && ends.length !== 2 * bins.length)
    throw new ValueError(`${name}: a range of ${ends.length} numbers; it takes ${2 * bins.length}`)
  const columns = bins.map((_, k) => select(points, 1, k))
  const edges = bins.map((b, k) =>
    edgesOf(name, columns[k] as Tensor, b, ends ? [ends[2 * k] as number, ends[2 * k + 1] as number] : null),
  )
  const shape = edges.map((e) => e.numel - 1)
  let at: Tensor | null = null
  for (const [k, column] of columns.entries()) {
    const bin = binOf(column, edges[k] as Tensor)
    const outside = bin.lt(0)
    at = at === null ? bin : where(outside.logicalOr(at.lt(0)), -1, add(mul(at, shape[k] as number), bin))
  }
  const n = numelOf(shape)
  let counts: Tensor = reshape(counted(name, at as Tensor, n, weight?.detach() ?? null, points.dtype), shape)
  if (density) {
    counts = div(counts, sum(counts))
    for (const [k, e] of edges.entries())
      counts = div(
        counts,
        reshape(
          diff(e),
          shape.map((d, i) => (i === k ? d : 1)),
        ),
      )
  }
  return [counts, edges]
}

export interface BincountOptions {
  /** What each element counts; the result then has its dtype (integers: f64). */
  weights?: Tensor
  /** The result has at least as many elements. */
  minLength?: number
}

function checkBincount(x: Tensor, { weights, minLength = 0 }: BincountOptions): void {
  if (!isIntegral(x.dtype) || x.dtype === 'bool')
    throw new DTypeError(`bincount: a ${x.dtype} tensor; it takes integers`)
  if (x.rank !== 1) throw new ShapeError(`bincount: takes a vector, got ${show(x.shape)}`)
  if (weights && !sameShape(weights.shape, x.shape))
    throw new ShapeError(`bincount: weights are ${show(weights.shape)}, the tensor ${show(x.shape)}`)
  if (weights) refuseComplex('bincount', weights)
  if (!Number.isInteger(minLength) || minLength < 0)
    throw new ValueError(`bincount: minLength ${minLength}; it is an integer of at least 0`)
}

/** Smallest and largest element, (2) i64. */
function ends(x: Tensor): Tensor {
  const wide = cast(x, 'i64')
  return add(
    mul(amin(wide), tensor([1, 0], { dtype: 'i64', device: x.device })),
    mul(amax(wide), tensor([0, 1], { dtype: 'i64', device: x.device })),
  )
}

function bincountOf(x: Tensor, options: BincountOptions, least: number, most: number): Tensor {
  if (least < 0) throw new ValueError(`bincount: the tensor contains ${least}; it takes integers of at least 0`)
  const { weights, minLength = 0 } = options
  const dtype = !weights ? 'i64' : isFloating(weights.dtype) ? weights.dtype : 'f64'
  return counted('bincount', cast(x, 'i64'), Math.max(most + 1, minLength), weights?.detach() ?? null, dtype)
}

/**
 * How often each of 0, 1, ... occurs in a vector of integers, up to the largest (torch.bincount). The size depends on the data,
 * so it is read back.
 *
 * @throws ValueError when an element is negative
 */
export async function bincount(x: Tensor, options: BincountOptions = {}): Promise<Tensor> {
  checkBincount(x, options)
  if (x.numel === 0) return bincountOf(x, options, 0, -1)
  const [least, most] = await ends(x).data()
  return bincountOf(x, options, Number(least), Number(most))
}

/** `bincount`, blocking the thread. */
export function bincountSync(x: Tensor, options: BincountOptions = {}): Tensor {
  checkBincount(x, options)
  if (x.numel === 0) return bincountOf(x, options, 0, -1)
  const [least, most] = ends(x).dataSync()
  return bincountOf(x, options, Number(least), Number(most))
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    histc<E extends DType>(this: Tensor<E>, bins?: number, min?: number, max?: number): Tensor<E>
    histogram<E extends DType>(
      this: Tensor<E>,
      bins: number | Tensor,
      options?: HistogramOptions,
    ): [histogram: Tensor<E>, edges: Tensor<E>]
    bincount(options?: BincountOptions): Promise<Tensor>
  }
}
method('histc', function (this: Tensor, bins?: number, min?: number, max?: number) {
  return histc(this, bins, min, max)
})
method('histogram', function (this: Tensor, bins: number | Tensor, options?: HistogramOptions) {
  return histogram(this, bins, options)
})
method('bincount', function (this: Tensor, options?: BincountOptions) {
  return bincount(this, options)
})
