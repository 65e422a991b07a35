/** Gather, scatter and their kin; indexing. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Index, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Mapping, map } from './mapping.js'

const scatterReduce = map('input dim index src reduce include_self', ({ input, dim, index, src, ...a }) =>
  ops.scatterReduce(input, dim, index, src, a['reduce'], { includeSelf: a['include_self'] ?? true }),
)
const indexReduce = map('input dim index source reduce include_self', ({ input, dim, index, source, ...a }) =>
  ops.indexReduce(input, dim, index, source, a['reduce'], { includeSelf: a['include_self'] ?? true }),
)
const reductions = (name: string, mapping: Mapping, kinds: readonly string[]): Record<string, Mapping> =>
  Object.fromEntries(kinds.map((kind) => [`${name}.${kind}`, mapping]))

/** 'slice(0, 3, None)', None, Ellipsis as the export prints them; lists are index arrays. */
function indexOf(v: unknown): Index {
  if (typeof v !== 'string') return v as Index
  const slice = /^slice\((.+), (.+), (.+)\)$/.exec(v)
  if (slice) {
    const [start, end, step] = slice.slice(1).map((s) => (s === 'None' ? undefined : Number(s)))
    return { start, end, step }
  }
  return v === 'Ellipsis' ? '...' : null
}

/** A tuple of indices and a list of integers, which is one index, are both exported as a list. */
const indicesOf = (v: unknown): Index[] =>
  Array.isArray(v) && v.some((i) => typeof i !== 'number') ? v.map(indexOf) : [indexOf(v)]

/** Indices kept inside by the masks that go with them. */
const inside = (input: Tensor, indices: readonly Tensor[]): Tensor[] =>
  indices.map((t, i) => ops.clamp(t, -(input.shape[i] as number), (input.shape[i] as number) - 1))

export const indexing: Readonly<Record<string, Mapping>> = {
  gather: map('input dim index', ({ input, dim, index }) => ops.gather(input, dim, index)),
  scatter: map('input dim index src', ({ input, dim, index, src }) => ops.scatter(input, dim, index, src)),
  scatter_add: map('input dim index src', ({ input, dim, index, src }) => ops.scatterAdd(input, dim, index, src)),
  ...reductions('scatter_reduce', scatterReduce, ['sum', 'prod', 'mean', 'amax', 'amin']),
  index_select: map('input dim index', ({ input, dim, index }) => ops.indexSelect(input, dim, index)),
  index_add: map('input dim index source alpha', ({ input, dim, index, source, alpha }) =>
    ops.indexAdd(input, dim, index, source, { alpha: alpha ?? 1 }),
  ),
  index_copy: map('input dim index source', ({ input, dim, index, source }) =>
    ops.indexCopy(input, dim, index, source),
  ),
  index_fill: map('input dim index value', ({ input, dim, index, value }) => ops.indexFill(input, dim, index, value)),
  ...reductions('index_reduce', indexReduce, ['prod', 'mean', 'amax', 'amin']),
  index_put: map('input indices values accumulate', ({ input, indices, values, accumulate }) =>
    ops.indexPut(input, indices, values, { accumulate: accumulate ?? false }),
  ),
  put: map('input index source accumulate', ({ input, index, source, accumulate }) =>
    ops.put(input, index, source, { accumulate: accumulate ?? false }),
  ),
  take: map('input index', ({ input, index }) => ops.take(input, index)),
  take_along_dim: map('input indices dim', ({ input, indices, dim }) => ops.takeAlongDim(input, indices, dim)),
  masked_scatter: map('input mask source', ({ input, mask, source }) => ops.maskedScatter(input, mask, source)),
  masked_select: map('input mask', ({ input, mask }) => ops.maskedSelectSync(input, mask)),
  nonzero: map('input as_tuple', ({ input, as_tuple }) =>
    as_tuple ? ops.nonzeroSync(input, { asTuple: true }) : ops.nonzeroSync(input),
  ),
  nonzero_static: map('input size fill_value', ({ input, size, fill_value }) =>
    ops.nonzeroStatic(input, size, { fill: fill_value ?? -1 }),
  ),
  argwhere: map('input', ({ input }) => ops.argwhereSync(input)),
  __getitem__: map('input index', ({ input, index }) => ops.atSync(input, ...indicesOf(index))),
  _unsafe_masked_index: map('input mask indices fill', ({ input, mask, indices, fill }) =>
    ops.where(mask, ops.atSync(input, ...inside(input, indices)), fill),
  ),
  _unsafe_masked_index_put_accumulate: map('input mask indices values', ({ input, mask, indices, values }) =>
    ops.indexPut(input, inside(input, indices), ops.where(mask, values, 0), { accumulate: true }),
  ),
  select_scatter: map('input src dim index', ({ input, src, dim, index }) => ops.selectScatter(input, src, dim, index)),
  slice_scatter: map('input src dim start end step', ({ input, src, dim, start, end, step }) =>
    ops.sliceScatter(input, src, dim ?? 0, start ?? 0, end ?? undefined, step ?? 1),
  ),
  diagonal_scatter: map('input src offset dim1 dim2', ({ input, src, offset, dim1, dim2 }) =>
    ops.diagonalScatter(input, src, { offset: offset ?? 0, axes: [dim1 ?? 0, dim2 ?? 1] }),
  ),
  as_strided_scatter: map('input src size stride storage_offset', ({ input, src, size, stride, storage_offset }) =>
    // PyTorch's gradient for the input is wrong: see NO_GRADIENT of opinfo.test.ts.
    ops.asStridedScatter(input.detach(), src, size, stride, storage_offset ?? 0),
  ),
  // sparse=True: the same numbers in a gradient of another layout.
  'nn.functional.embedding': map(
    'weight input padding_idx max_norm norm_type scale_grad_by_freq sparse',
    ({ input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq }) =>
      ops.embedding(weight, input, {
        ...(padding_idx === undefined || padding_idx === null ? {} : { paddingIndex: padding_idx }),
        ...(max_norm === undefined || max_norm === null ? {} : { maxNorm: max_norm, normType: norm_type ?? 2 }),
        scaleGradByFreq: scale_grad_by_freq ?? false,
      }),
  ),
  'nn.functional.one_hot': map('input num_classes', ({ input, num_classes }) => ops.oneHot(input, num_classes)),
}
