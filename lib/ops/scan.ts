/** Scans: running sums, products, extremes along an axis. */
import { needsGrad, record, save } from '../autograd/node.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf, isComplex, isIntegral } from '../tensor/dtype.js'
import { normalizeAxis, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { eq, mul, sub } from './binary.js'
import { viewAsComplex, viewAsReal } from './complex.js'
import { runningProduct } from './complex-products.js'
import { cast } from './convert.js'
import { zerosLike } from './creation.js'
import { make, make0, makeMany, method, refuseComplex } from './emit.js'
import { scatterAdd } from './gather.js'
import { concat } from './join.js'
import { maskedFill } from './select.js'
import { exp, isnan } from './unary.js'
import { narrow } from './views.js'

export interface ScanOptions<E extends DType = DType> {
  /** The elements are cast to this first. Default: i64 for integers and bool, else the tensor's dtype. */
  dtype?: E
}

function operand(name: string, x: Tensor, dtype: DType | undefined): Tensor {
  refuseComplex(name, x)
  return cast(x, dtype ?? (isIntegral(x.dtype) ? 'i64' : x.dtype))
}

/** Running sum along an axis (torch.cumsum), accumulated in f64 or i64; of complex numbers too. */
export function cumsum<D extends DType, E extends DType = D>(
  x: Tensor<D>,
  axis: number,
  options?: ScanOptions<E>,
): Tensor<E> {
  const a = normalizeAxis('cumsum', axis, x.rank)
  const dtype = options?.dtype ?? x.dtype
  if (isComplex(dtype)) {
    const parts = viewAsReal(cast(x, dtype))
    // A number without axes is its own sum; its parts are no axis to sum along.
    return viewAsComplex(x.rank === 0 ? parts : runningSum(parts, a, false)) as Tensor as Tensor<E>
  }
  return runningSum(operand('cumsum', x, options?.dtype), a, false) as Tensor<E>
}

function runningSum(x: Tensor, axis: number, reverse: boolean): Tensor {
  const y = make('cumsum', OP.cumsum, x.dtype, x.shape, x, null, [axis, reverse ? 1 : 0], x.numel * 0.6)
  if (needsGrad(x)) record('cumsum', y, [x], null, (g) => [runningSum(g, axis, !reverse)])
  return y
}

/** Running product along an axis (torch.cumprod), of complex numbers too. The gradient is exact where factors are zero, at any order. */
export function cumprod<D extends DType, E extends DType = D>(
  x: Tensor<D>,
  axis: number,
  options?: ScanOptions<E>,
): Tensor<E> {
  const a = normalizeAxis('cumprod', axis, x.rank)
  if (isComplex(options?.dtype ?? x.dtype)) return runningProduct(cast(x, options?.dtype ?? x.dtype), a) as Tensor<E>
  const f = operand('cumprod', x, options?.dtype)
  const y = make('cumprod', OP.cumprod, f.dtype, f.shape, f, null, [a], f.numel)
  if (needsGrad(f)) {
    record('cumprod', y, [f], [save(f), save(y)], (g, [x, y]) => [productGradient(g, x as Tensor, y as Tensor, a)])
  }
  return y as Tensor<E>
}

// With y[k] = x[0] .. x[k]: dL/dx[k] = y[k-1] s[k], s[k] = g[k] + x[k+1] s[k+1]. Nothing is divided, so zeros are no exception.
function productGradient(g: Tensor, x: Tensor, y: Tensor, axis: number): Tensor {
  return mul(shifted(y, axis, 1), linearScan(x, g, axis, true))
}

/** y[i - 1] at place i, `first` at 0. */
function shifted(y: Tensor, axis: number, first: number): Tensor {
  const size = y.rank === 0 ? 1 : (y.shape[axis] as number)
  const fill = (shape: readonly number[]): Tensor => make0(OP.fill, y.device, y.dtype, shape, [first])
  if (size <= 1) return fill(y.shape)
  return concat([fill(y.shape.map((d, i) => (i === axis ? 1 : d))), narrow(y, axis, 0, size - 1)], axis)
}

/**
 * The recurrence y[i] = a[i] y[i-1] + b[i], or from the end y[i] = a[i+1] y[i+1] + b[i]: each is the other's adjoint, so its
 * gradients are recurrences again.
 */
export function linearScan(a: Tensor, b: Tensor, axis: number, reverse: boolean): Tensor {
  const y = make('linearScan', OP.linearScan, b.dtype, b.shape, a, b, [axis, reverse ? 1 : 0], b.numel * 2)
  if (needsGrad(a, b)) {
    const wanted = a.requiresGrad
    const saved = wanted ? [save(a), save(y)] : [save(a)]
    record('linearScan', y, [a, b], saved, (g, [a, y]) => {
      const gb = linearScan(a as Tensor, g, axis, !reverse)
      if (!wanted) return [null, gb]
      const ga = reverse ? mul(shifted(gb, axis, 0), y as Tensor) : mul(gb, shifted(y as Tensor, axis, 0))
      return [ga, gb]
    })
  }
  return y
}

/** The gradient of the product along one axis: that of a running product whose last element alone counts. g has size 1 there. */
export function prodGradient(g: Tensor, x: Tensor, axis: number): Tensor {
  const size = x.shape[axis] as number
  if (size === 1) return g
  if (size === 0) return zerosLike(x)
  const y = cumprod(x, axis)
  const none = make0(
    OP.fill,
    g.device,
    g.dtype,
    x.shape.map((d, i) => (i === axis ? size - 1 : d)),
    [0],
  )
  // As in PyTorch, a product that is NaN has no gradient, not even that of its one NaN.
  const last = maskedFill(g, isnan(narrow(y, axis, size - 1, 1)), Number.NaN)
  return productGradient(concat([none, last], axis), x, y, axis)
}

/** log of the running sum of exp(x) along an axis, without overflow (torch.logcumsumexp). */
export function logcumsumexp<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  const a = normalizeAxis('logcumsumexp', axis, x.rank)
  refuseComplex('logcumsumexp', x)
  const f = cast(x, floatOf(x.dtype))
  const y = make('logcumsumexp', OP.logcumsumexp, f.dtype, f.shape, f, null, [a], f.numel * 8)
  if (needsGrad(f)) {
    // With u[k] = sum over i >= k of g[i] exp(y[k] - y[i]): a recurrence whose factors exp(y[k-1] - y[k]) are at most 1.
    record('logcumsumexp', y, [f], [save(f), save(y)], (g, [x, ys]) => {
      const y = ys as Tensor
      const nothing = eq(y, Number.NEGATIVE_INFINITY)
      // Where nothing but -inf was summed, exp(x - y) is to be 0.
      const finite = maskedFill(y, nothing, 0)
      const factors = exp(sub(shifted(y, a, 0), finite))
      const u = linearScan(factors, g, a, true)
      return [mul(exp(sub(x as Tensor, finite)), u)]
    })
  }
  return y as Tensor<D>
}

function runningExtreme<D extends DType>(
  name: string,
  x: Tensor<D>,
  axis: number,
  min: number,
): [Tensor<D>, Tensor<'i64'>] {
  refuseComplex(name, x)
  const a = normalizeAxis(name, axis, x.rank)
  const { shape, dtype } = x
  const [values, indices] = makeMany(
    name,
    OP.cummax,
    [
      { dtype, shape },
      { dtype: 'i64', shape },
    ],
    [x],
    [a, min],
    x.numel,
  ) as [Tensor<D>, Tensor<'i64'>]
  if (needsGrad(x)) {
    record(name, values, [x], [save(indices)], (g, [i]) => [
      scatterAdd(make0(OP.fill, g.device, g.dtype, shape, [0]), a, i as Tensor, g),
    ])
  }
  return [values, indices]
}

/** Running maximum along an axis and where it was found: of equals the last; a NaN wins (torch.cummax). */
export function cummax<D extends DType>(x: Tensor<D>, axis: number): [Tensor<D>, Tensor<'i64'>] {
  return runningExtreme('cummax', x, axis, 0)
}

/** Running minimum along an axis and where it was found: of equals the last; a NaN wins (torch.cummin). */
export function cummin<D extends DType>(x: Tensor<D>, axis: number): [Tensor<D>, Tensor<'i64'>] {
  return runningExtreme('cummin', x, axis, 1)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    cumsum<E extends DType>(this: Tensor<E>, axis: number, options?: ScanOptions<E>): Tensor<E>
    cumprod<E extends DType>(this: Tensor<E>, axis: number, options?: ScanOptions<E>): Tensor<E>
    logcumsumexp<E extends DType>(this: Tensor<E>, axis: number): Tensor<E>
    cummax<E extends DType>(this: Tensor<E>, axis: number): [Tensor<E>, Tensor<'i64'>]
    cummin<E extends DType>(this: Tensor<E>, axis: number): [Tensor<E>, Tensor<'i64'>]
  }
}
for (const [name, f] of Object.entries({ cumsum, cumprod })) {
  method(name, function (this: Tensor, axis: number, options?: ScanOptions) {
    return f(this, axis, options)
  })
}
for (const [name, f] of Object.entries({ logcumsumexp, cummax, cummin })) {
  method(name, function (this: Tensor, axis: number) {
    return f(this, axis)
  })
}
