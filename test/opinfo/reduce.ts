/** Reductions, scans, sorting and searching. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Mapping, map } from './mapping.js'

const axes = (dim: unknown): any => (Array.isArray(dim) && dim.length === 0 ? undefined : (dim ?? undefined))
const reduction = (f: (x: Tensor, dim?: any, options?: any) => Tensor): Mapping =>
  map('input dim keepdim', ({ input, dim, keepdim }) => f(input, axes(dim), { keepDim: keepdim ?? false }))
const extreme = (f: typeof ops.argmax): Mapping =>
  map('input dim keepdim', ({ input, dim, keepdim }) => {
    const y = f(input, dim ?? undefined, { keepDim: dim === undefined || dim === null ? false : (keepdim ?? false) })
    // Without a dimension torch keeps all of them, too.
    return keepdim && (dim === undefined || dim === null) ? y.reshape(input.shape.map(() => 1)) : y
  })
const spread = (f: typeof ops.variance): Mapping =>
  map('input dim unbiased keepdim correction', ({ input, dim, unbiased, keepdim, correction }) => {
    // var(input, unbiased): a boolean in dim's place.
    const [d, u] = typeof dim === 'boolean' ? [undefined, dim] : [dim, unbiased]
    return f(input, axes(d), { keepDim: keepdim ?? false, correction: u === false ? 0 : (correction ?? 1) })
  })

export const reduce: Readonly<Record<string, Mapping>> = {
  sum: reduction(ops.sum),
  mean: reduction(ops.mean),
  prod: reduction(ops.prod),
  amax: reduction(ops.amax),
  amin: reduction(ops.amin),
  any: reduction(ops.any as typeof ops.sum),
  all: reduction(ops.all as typeof ops.sum),
  logsumexp: reduction(ops.logsumexp),
  argmax: extreme(ops.argmax),
  argmin: extreme(ops.argmin),
  'max.reduction_no_dim': map('input', ({ input }) => ops.amax(input)),
  'min.reduction_no_dim': map('input', ({ input }) => ops.amin(input)),
  var: spread(ops.variance),
  'var.unbiased': spread(ops.variance),
  std: spread(ops.std),
  'std.unbiased': spread(ops.std),
}
