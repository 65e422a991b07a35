/** Moments, counts and covariances. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf, isComplex, isFloating, isIntegral, realOf } from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { After, AxesFor } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, mul, sub } from './binary.js'
import { imag, real } from './complex.js'
import { cast } from './convert.js'
import { arange } from './creation.js'
import { make, method, NO_ATTRIBUTES, refuseComplex } from './emit.js'
import { indexSelect } from './indexing.js'
import { matmul } from './matmul.js'
import {
  type Axes,
  axesOf,
  type CountMethod,
  keepDimOf,
  mean,
  type PairMethod,
  type ReduceMethod,
  type ReduceOptions,
  reduce,
  type SumMethod,
  type SumOptions,
  spread,
  sum,
  truths,
  typed,
} from './reduce.js'
import { maskedFill } from './select.js'
import { clamp, isnan, logicalNot } from './unary.js'
import { reshape, transpose, unsqueeze } from './views.js'

export interface VarianceOptions<K extends boolean = boolean> extends ReduceOptions<K> {
  /** What is taken off the number of elements in the divisor. Default 1 (Bessel's correction); 0: the population's. */
  correction?: number
}

/**
 * Variance with Bessel's correction by default (`correction` 1); 0 gives the population variance. That of complex numbers is real:
 * the sum of their parts'.
 */
export function variance<D extends DType, S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<D, S>,
  axes?: AxesFor<S, A>,
  options?: VarianceOptions<K>,
): Tensor<D, After<S, A, K>> {
  if (isComplex(x.dtype)) {
    const of = (part: Tensor): Tensor => variance(part, axes as Axes as undefined, options)
    return add(of(real(x)), of(imag(x))) as Tensor as Tensor<D, After<S, A, K>>
  }
  if (!isFloating(x.dtype)) throw new DTypeError(`variance: a ${x.dtype} tensor; convert it with .to('f32') first`)
  const correction = options?.correction ?? 1
  const { y, mask } = reduce('variance', OP.variance, x, x.dtype, axes, options, [correction])
  if (needsGrad(x)) {
    const n = x.numel / Math.max(1, y.numel)
    record('variance', y, [x], [save(x)], (g, [xs]) => {
      const x = xs as Tensor
      const centred = sub(x, mean(x, axesOf(mask, x.rank), { keepDim: true }))
      return [mul(mul(centred, 2 / Math.max(0, n - correction)), spread(g, x.shape, mask))]
    })
  }
  return y as Tensor<D, After<S, A, K>>
}

/** Standard deviation: the square root of `variance`; its gradient at 0 is 0. */
export function std<D extends DType, S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<D, S>,
  axes?: AxesFor<S, A>,
  options?: VarianceOptions<K>,
): Tensor<D, After<S, A, K>> {
  // Half-precision variances overflow where their roots do not.
  const wide: Tensor = x.dtype === 'f16' || x.dtype === 'bf16' ? cast(x, 'f32') : x
  return cast(root(variance(wide, axes, options)), realOf(x.dtype)) as Tensor as Tensor<D, After<S, A, K>>
}

/** Square root whose gradient at 0 is 0. */
function root(x: Tensor): Tensor {
  const y = make('sqrt', OP.sqrt, x.dtype, x.shape, x, null, NO_ATTRIBUTES, x.numel)
  if (needsGrad(x)) {
    record('sqrt', y, [x], [save(y)], (g, [ys]) => {
      const y = ys as Tensor
      const zero = eq(y, 0)
      return [maskedFill(div(g, mul(maskedFill(y, zero, 1), 2)), zero, 0)]
    })
  }
  return y
}

/** Variance and mean (torch.var_mean). */
export function varMean<D extends DType, S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<D, S>,
  axes?: AxesFor<S, A>,
  options?: VarianceOptions<K>,
): [Tensor<D, After<S, A, K>>, Tensor<D, After<S, A, K>>] {
  return [variance(x, axes, options), mean(x, axes, keepDimOf<K>(options))]
}

/** Standard deviation and mean (torch.std_mean). */
export function stdMean<D extends DType, S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<D, S>,
  axes?: AxesFor<S, A>,
  options?: VarianceOptions<K>,
): [Tensor<D, After<S, A, K>>, Tensor<D, After<S, A, K>>] {
  return [std(x, axes, options), mean(x, axes, keepDimOf<K>(options))]
}

/** Sum of what is not NaN (torch.nansum). Integers have no NaN: `sum`. */
export function nansum<
  D extends DType,
  E extends DType = D,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, axes?: AxesFor<S, A>, options?: SumOptions<E, K>): Tensor<E, After<S, A, K>> {
  const f = typed('nansum', x, options)
  if (isIntegral(f.dtype)) return sum(f, axes, keepDimOf(options)) as Tensor as Tensor<E, After<S, A, K>>
  const { y, mask } = reduce('nansum', OP.nansum, f, f.dtype, axes, options)
  if (needsGrad(f)) {
    record('nansum', y, [f], [save(f)], (g, [x]) => [
      maskedFill(spread(g, (x as Tensor).shape, mask), isnan(x as Tensor), 0),
    ])
  }
  return y as Tensor as Tensor<E, After<S, A, K>>
}

/** Mean of what is not NaN (torch.nanmean); NaN when there is nothing. */
export function nanmean<
  D extends DType,
  E extends DType = D,
  S extends Shape = Shape,
  const A extends Axes = undefined,
  K extends boolean = false,
>(x: Tensor<D, S>, axes?: AxesFor<S, A>, options?: SumOptions<E, K>): Tensor<E, After<S, A, K>> {
  const f = typed('nanmean', x, options)
  if (!isFloating(f.dtype)) throw new DTypeError(`nanmean: a ${f.dtype} tensor; convert it with .to('f32') first`)
  const counts = countNonzero(logicalNot(isnan(f)), axes, options)
  return div(nansum(f, axes, keepDimOf(options)), cast(counts, f.dtype)) as Tensor as Tensor<E, After<S, A, K>>
}

/** How many elements are not zero (torch.count_nonzero); NaN is not. */
export function countNonzero<S extends Shape, const A extends Axes = undefined, K extends boolean = false>(
  x: Tensor<DType, S>,
  axes?: AxesFor<S, A>,
  options?: ReduceOptions<K>,
): Tensor<'i64', After<S, A, K>> {
  return reduce('countNonzero', OP.countNonzero, truths(x), 'i64', axes, options).y as Tensor<'i64', After<S, A, K>>
}

export interface CovOptions {
  /** What is taken off the number of observations. Default 1. */
  correction?: number
  /** How often each observation counts: integers, (n). */
  fweights?: Tensor
  /** How much each observation weighs, (n). */
  aweights?: Tensor
}

function weights(name: string, w: Tensor | undefined, n: number, integers: boolean): Tensor | null {
  if (!w) return null
  if (w.rank > 1 || w.numel !== n) throw new ShapeError(`cov: ${name} are ${show(w.shape)}, not (${n})`)
  if (integers !== isIntegral(w.dtype))
    throw new DTypeError(`cov: ${name} are ${w.dtype}; they must be ${integers ? 'integers' : 'floating-point'}`)
  return reshape(w, [n])
}

/**
 * Covariances of the variables in the rows of x (d, n), the observations being columns: (d, d); of one variable, given as
 * a row or a vector, its variance, of rank 0. Definition: torch.cov.
 */
export function cov(x: Tensor, options: CovOptions = {}): Tensor {
  refuseComplex('cov', x)
  if (x.rank > 2) throw new ShapeError(`cov: takes (variables, observations) or a vector, got ${show(x.shape)}`)
  const f = cast(x, floatOf(x.dtype))
  const rows = f.rank === 2 ? f : reshape(f, [1, f.numel])
  const n = rows.shape[1] as number
  const correction = options.correction ?? 1
  if (!Number.isInteger(correction)) throw new ValueError(`cov: correction ${correction} is not an integer`)
  const often = weights('fweights', options.fweights, n, true)
  const much = weights('aweights', options.aweights, n, false)
  const w = often && much ? mul(often, much) : (often ?? much)
  const total = w ? sum(w) : n
  const centred = sub(rows, w ? unsqueeze(div(sum(mul(rows, w), 1), total), 1) : mean(rows, 1, { keepDim: true }))
  // With weights a of importance, the correction is weighted: correction * sum(w a) / sum(w).
  const taken = much && w ? mul(div(sum(mul(w, much)), total), correction) : correction
  const divisor = typeof total === 'number' ? Math.max(0, total - correction) : clamp(sub(total, taken), 0)
  const products = matmul(w ? mul(centred, w) : centred, transpose(centred))
  const c = div(products, divisor)
  return rows.shape[0] === 1 ? reshape(c, []) : c
}

/** Pearson's correlations of the variables in the rows of x (d, n): (d, d), bounded to [-1, 1] (torch.corrcoef). */
export function corrcoef(x: Tensor): Tensor {
  const c = cov(x)
  if (c.rank === 0) return div(c, c)
  const d = c.shape[0] as number
  const diagonal = arange(0, d * d, d + 1, { dtype: 'i64', device: x.device })
  const deviations = indexSelect(reshape(c, [-1]), 0, diagonal).sqrt()
  return clamp(div(div(c, unsqueeze(deviations, 1)), unsqueeze(deviations, 0)), -1, 1)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    variance: ReduceMethod<VarianceOptions>
    std: ReduceMethod<VarianceOptions>
    varMean: PairMethod<VarianceOptions>
    stdMean: PairMethod<VarianceOptions>
    nansum: SumMethod
    nanmean: SumMethod
    countNonzero: CountMethod<'i64'>
    cov(options?: CovOptions): Tensor
    corrcoef(): Tensor
  }
}
const reductions = { variance, std, varMean, stdMean, nansum, nanmean, countNonzero }
for (const [name, f] of Object.entries(reductions)) {
  method(name, function (this: Tensor, axes?: Axes, options?: object) {
    return (f as (x: Tensor, axes?: Axes, options?: object) => unknown)(this, axes, options)
  })
}
method('cov', function (this: Tensor, options?: CovOptions) {
  return cov(this, options)
})
method('corrcoef', function (this: Tensor) {
  return corrcoef(this)
})
