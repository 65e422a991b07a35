/** Reductions, scans, sorting and searching. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Arguments, dtypeOf, type Mapping, map } from './mapping.js'
import { masked } from './masked.js'
import { norms } from './norms.js'

export const axes = (dim: unknown): any => (Array.isArray(dim) && dim.length === 0 ? undefined : (dim ?? undefined))
const typed = (dtype: unknown): object => (typeof dtype === 'string' ? { dtype: dtypeOf(dtype) } : {})
const reduction = (f: (x: Tensor, dim?: any, options?: any) => Tensor | readonly Tensor[]): Mapping =>
  map('input dim keepdim dtype', ({ input, dim, keepdim, dtype }) =>
    f(input, axes(dim), { keepDim: keepdim ?? false, ...typed(dtype) }),
  )
const place = (f: typeof ops.argmax): Mapping =>
  map('input dim keepdim', ({ input, dim, keepdim }) => {
    const y = f(input, dim ?? undefined, { keepDim: dim === undefined || dim === null ? false : (keepdim ?? false) })
    // Without a dimension torch keeps all of them, too.
    return keepdim && (dim === undefined || dim === null) ? y.reshape(input.shape.map(() => 1)) : y
  })
const spread = (f: (x: Tensor, dim?: any, options?: any) => Tensor | readonly Tensor[]): Mapping =>
  map('input dim unbiased keepdim correction', ({ input, dim, unbiased, keepdim, correction }) => {
    // var(input, unbiased): a boolean in dim's place.
    const [d, u] = typeof dim === 'boolean' ? [undefined, dim] : [dim, unbiased]
    return f(input, axes(d), { keepDim: keepdim ?? false, correction: u === false ? 0 : (correction ?? 1) })
  })
const chosen = (f: (x: Tensor, dim: number, options?: any) => readonly Tensor[]): Mapping =>
  map('input dim keepdim', ({ input, dim, keepdim }) => f(input, dim ?? -1, { keepDim: keepdim ?? false }))
/** median, max: without a dimension the value alone. */
const whole = (f: (x: Tensor, dim?: any, options?: any) => Tensor | readonly Tensor[]): Mapping =>
  map('input dim keepdim', ({ input, dim, keepdim }) =>
    dim === undefined || dim === null ? f(input) : f(input, dim, { keepDim: keepdim ?? false }),
  )
const scan = (f: (x: Tensor, dim: number, options?: any) => Tensor | readonly Tensor[]): Mapping =>
  map('input dim dtype', ({ input, dim, dtype }) => f(input, dim, typed(dtype)))
const quantile = (f: typeof ops.quantile): Mapping =>
  map('input q dim keepdim interpolation', ({ input, q, dim, keepdim, interpolation }) =>
    f(input, q, dim ?? undefined, { keepDim: keepdim ?? false, interpolation: interpolation ?? 'linear' }),
  )
const sorted =
  <R>(f: (x: Tensor, dim?: number, options?: ops.SortOptions) => R) =>
  ({ input, dim, descending, stable }: Arguments): R =>
    f(input, dim ?? -1, { descending: descending ?? false, stable: stable ?? false })
const integral = (f: typeof ops.trapezoid): Mapping =>
  map('y x dx dim', ({ y, x, dx, dim }) => f(y, x ?? dx ?? 1, dim ?? -1))
const distinct = (
  f: typeof ops.uniqueSync,
  { input, dim, return_inverse, return_counts }: Arguments,
): readonly Tensor[] => {
  const y = f(input, dim === undefined || dim === null ? {} : { axis: dim })
  return [y.values, ...(return_inverse ? [y.inverse] : []), ...(return_counts ? [y.counts] : [])]
}

export const reduce: Readonly<Record<string, Mapping>> = {
  sum: reduction(ops.sum),
  mean: reduction(ops.mean),
  prod: reduction(ops.prod),
  nansum: reduction(ops.nansum),
  nanmean: reduction(ops.nanmean),
  amax: reduction(ops.amax),
  amin: reduction(ops.amin),
  aminmax: reduction(ops.aminmax),
  any: reduction(ops.any),
  all: reduction(ops.all),
  count_nonzero: reduction(ops.countNonzero),
  logsumexp: reduction(ops.logsumexp),
  argmax: place(ops.argmax),
  argmin: place(ops.argmin),
  'max.reduction_no_dim': whole(ops.max),
  'min.reduction_no_dim': whole(ops.min),
  'max.reduction_with_dim': whole(ops.max),
  'min.reduction_with_dim': whole(ops.min),
  'max.binary': map('input other', ({ input, other }) => ops.max(input, other)),
  'min.binary': map('input other', ({ input, other }) => ops.min(input, other)),
  median: whole(ops.median),
  nanmedian: whole(ops.nanmedian),
  mode: chosen(ops.mode),
  kthvalue: map('input k dim keepdim', ({ input, k, dim, keepdim }) =>
    ops.kthvalue(input, k, dim ?? -1, { keepDim: keepdim ?? false }),
  ),
  quantile: quantile(ops.quantile),
  nanquantile: quantile(ops.nanquantile),
  var: spread(ops.variance),
  'var.unbiased': spread(ops.variance),
  std: spread(ops.std),
  'std.unbiased': spread(ops.std),
  var_mean: spread(ops.varMean),
  'var_mean.unbiased': spread(ops.varMean),
  std_mean: spread(ops.stdMean),
  'std_mean.unbiased': spread(ops.stdMean),
  cov: map('input correction fweights aweights', ({ input, correction, fweights, aweights }) =>
    ops.cov(input, {
      correction: correction ?? 1,
      ...(fweights ? { fweights } : {}),
      ...(aweights ? { aweights } : {}),
    }),
  ),
  corrcoef: map('input', ({ input }) => ops.corrcoef(input)),
  sum_to_size: map('input a b c d', ({ input, a, b, c, d }) =>
    ops.sumToSize(input, Array.isArray(a) ? a : [a, b, c, d].filter((n) => n !== undefined)),
  ),
  cumsum: scan(ops.cumsum),
  cumprod: scan(ops.cumprod),
  cummax: scan(ops.cummax),
  cummin: scan(ops.cummin),
  logcumsumexp: scan(ops.logcumsumexp),
  sort: map('input dim descending stable', sorted(ops.sort)),
  argsort: map('input dim descending stable', sorted(ops.argsort)),
  msort: map('input', ({ input }) => ops.msort(input)),
  topk: map('input k dim largest sorted', ({ input, k, dim, largest, sorted }) =>
    ops.topk(input, k, dim ?? -1, { largest: largest ?? true, sorted: sorted ?? true }),
  ),
  searchsorted: map('sorted_sequence input out_int32 right side sorter', (a) =>
    ops.searchSorted(a['sorted_sequence'], a['input'], {
      outInt32: a['out_int32'] ?? false,
      right: a['right'] ?? false,
      ...(a['side'] ? { side: a['side'] } : {}),
      ...(a['sorter'] ? { sorter: a['sorter'] } : {}),
    }),
  ),
  bucketize: map('input boundaries out_int32 right', ({ input, boundaries, out_int32, right }) =>
    ops.bucketize(input, boundaries, { outInt32: out_int32 ?? false, right: right ?? false }),
  ),
  histc: map('input bins min max', ({ input, bins, min, max }) => ops.histc(input, bins, min, max)),
  histogram: map('input bins range weight density', ({ input, bins, range, weight, density }) =>
    ops.histogram(input, bins, {
      ...(range ? { range } : {}),
      ...(weight ? { weight } : {}),
      density: density ?? false,
    }),
  ),
  histogramdd: map('input bins range weight density', ({ input, bins, range, weight, density }) => {
    const [counts, edges] = ops.histogramdd(input, bins, {
      ...(range ? { range } : {}),
      ...(weight ? { weight } : {}),
      density: density ?? false,
    })
    return [counts, ...edges]
  }),
  bincount: map('input weights minlength', ({ input, weights, minlength }) =>
    ops.bincountSync(input, { ...(weights ? { weights } : {}), minLength: minlength ?? 0 }),
  ),
  unique: map('input sorted return_inverse return_counts dim', (a) => distinct(ops.uniqueSync, a)),
  unique_consecutive: map('input return_inverse return_counts dim', (a) => distinct(ops.uniqueConsecutiveSync, a)),
  diff: map('input n dim prepend append', ({ input, n, dim, prepend, append }) =>
    ops.diff(input, n ?? 1, dim ?? -1, { ...(prepend ? { prepend } : {}), ...(append ? { append } : {}) }),
  ),
  gradient: map('input spacing dim edge_order', ({ input, spacing, dim, edge_order }) =>
    ops.gradient(input, {
      ...(spacing === undefined || spacing === null ? {} : { spacing }),
      ...(dim === undefined || dim === null ? {} : { axes: dim }),
      edgeOrder: edge_order ?? 1,
    }),
  ),
  trapezoid: integral(ops.trapezoid),
  trapz: integral(ops.trapz),
  cumulative_trapezoid: integral(ops.cumulativeTrapezoid),
  ...norms,
  ...masked,
}
