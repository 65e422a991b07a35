/** Views, copies, joining and padding. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import { creation } from './creation.js'
import { dtypeOf, LeftOut, type Mapping, map } from './mapping.js'

const castTo = (dtype: DType): Mapping => map('input memory_format', ({ input }) => ops.cast(input, dtype))

/** Operands one after the other, or in a list. */
const variadic = (f: (tensors: Tensor[], a: any) => Tensor | readonly Tensor[], more = ''): Mapping =>
  map(`t0 t1 t2 t3 t4 t5 t6 t7 ${more}`.trim(), ({ t0, t1, t2, t3, t4, t5, t6, t7, ...a }) =>
    f(Array.isArray(t0) ? t0 : [t0, t1, t2, t3, t4, t5, t6, t7].filter((x) => x !== undefined), a),
  )

/** An operator and its `_copy` twin. */
const twins = (name: string, mapping: Mapping): Record<string, Mapping> => ({
  [name]: mapping,
  [`${name}_copy`]: mapping,
})

const atleast = (f: (x: Tensor) => Tensor): Mapping =>
  map('input t1 t2 t3 t4 t5', ({ input, t1, t2, t3, t4, t5 }) => {
    if (Array.isArray(input)) return input.map(f)
    const all = [input, t1, t2, t3, t4, t5].filter((x) => x !== undefined)
    return all.length > 1 ? all.map(f) : f(input)
  })

const split = map('input split_size dim', ({ input, split_size, dim }) => ops.split(input, split_size, dim))
const chunk = map('input chunks dim', ({ input, chunks, dim }) => ops.chunk(input, chunks, dim))
const same = map('input', ({ input }) => ops.clone(input))
const meshgrid = variadic((tensors, { indexing }) => ops.meshgrid(tensors, { indexing: indexing ?? 'ij' }), 'indexing')
const reshape = map('input shape', ({ input, shape }) => ops.reshape(input, shape))
const cut = (f: (x: Tensor, at: number | readonly number[], axis?: number) => Tensor[]): Mapping =>
  map('input at dim', ({ input, at, dim }) => {
    const where = typeof at === 'object' && !Array.isArray(at) ? Array.from(numbers(at)) : at
    return f(input, at.rank === 0 ? where[0] : where, dim)
  })
const stacked = (f: (tensors: readonly Tensor[]) => Tensor): Mapping => map('tensors', ({ tensors }) => f(tensors))
const padding = map('input pad mode value', ({ input, pad, mode, value }) =>
  ops.pad(input, pad, { mode: mode ?? 'constant', value: value ?? 0 }),
)
const diagonal = (rows: number, columns: number): Mapping =>
  map('input offset dim1 dim2', ({ input, offset, dim1, dim2 }) =>
    ops.diagonal(input, { offset: offset ?? 0, axes: [dim1 ?? rows, dim2 ?? columns] }),
  )
/** PyTorch writes into its operand, and gives the result a gradient of zero. */
const filled = (input: Tensor, value: number | Tensor): Tensor =>
  ops.where(
    ops.ones(input.shape, { dtype: 'bool', device: input.device }) as Tensor,
    typeof value === 'number' ? value : ops.cast(value, input.dtype),
    input,
  )

export const views: Readonly<Record<string, Mapping>> = {
  ...creation,

  // ---- copies and casts
  clone: map('input memory_format', ({ input }) => ops.clone(input)),
  contiguous: map('input memory_format', ({ input }) => ops.contiguous(input)),
  alias_copy: same,
  resolve_conj: same,
  resolve_neg: same,
  float: castTo('f32'),
  double: castTo('f64'),
  bfloat16: castTo('bf16'),
  half: castTo('f16'),
  int: castTo('i32'),
  long: castTo('i64'),
  char: castTo('i8'),
  byte: castTo('u8'),
  bool: castTo('bool'),
  short: map('input memory_format', () => {
    throw new LeftOut('dtype int16')
  }),
  to: map('input a b c d dtype device memory_format non_blocking copy', ({ input, dtype, ...a }) => {
    const given = [dtype, a['a'], a['b']].find((v) => typeof v === 'string' && v.startsWith('torch.'))
    const other = a['a']
    const target = given ? dtypeOf(given) : typeof other === 'object' && other !== null ? other.dtype : input.dtype
    return ops.cast(input, target)
  }),
  zero_: map('input', ({ input }) => filled(input, 0)),
  fill: map('input value', ({ input, value }) => filled(input, typeof value === 'object' ? value : Number(value))),
  resize_: map('input shape', ({ input, shape }) => {
    if (shape.reduce((n: number, d: number) => n * d, 1) !== input.numel)
      throw new LeftOut('another number of elements')
    return ops.reshape(input, shape)
  }),
  resize_as_: map('input other', ({ input, other }) => {
    if (other.numel !== input.numel) throw new LeftOut('another number of elements')
    return ops.viewAs(input, other)
  }),

  // ---- shapes
  reshape,
  ...twins('view', reshape),
  reshape_as: map('input other', ({ input, other }) => ops.reshapeAs(input, other)),
  view_as: map('input other', ({ input, other }) => ops.viewAs(input, other)),
  ravel: map('input', ({ input }) => ops.ravel(input)),
  flatten: map('input start_dim end_dim', ({ input, start_dim, end_dim }) => ops.flatten(input, start_dim, end_dim)),
  unflatten: map('input dim sizes', ({ input, dim, sizes }) => ops.unflatten(input, dim, sizes)),
  ...twins(
    'expand',
    map('input shape', ({ input, shape }) => ops.expand(input, shape)),
  ),
  broadcast_to: map('input shape', ({ input, shape }) => ops.broadcastTo(input, shape)),
  broadcast_tensors: variadic((tensors) => ops.broadcastTensors(...tensors)),
  expand_as: map('input other', ({ input, other }) => ops.expandAs(input, other)),
  ...twins(
    'permute',
    map('input dims', ({ input, dims }) => ops.permute(input, dims)),
  ),
  ...twins(
    'transpose',
    map('input dim0 dim1', ({ input, dim0, dim1 }) => ops.transpose(input, dim0, dim1)),
  ),
  ...twins(
    't',
    map('input', ({ input }) => ops.t(input)),
  ),
  T: map('input', ({ input }) => input.T),
  mT: map('input', ({ input }) => input.mT),
  H: map('input', ({ input }) => input.H),
  mH: map('input', ({ input }) => input.mH),
  movedim: map('input source destination', ({ input, source, destination }) => ops.movedim(input, source, destination)),
  ...twins(
    'squeeze',
    map('input dim', ({ input, dim }) => ops.squeeze(input, dim)),
  ),
  'squeeze.multiple': map('input dim', ({ input, dim }) => ops.squeeze(input, dim)),
  ...twins(
    'unsqueeze',
    map('input dim', ({ input, dim }) => ops.unsqueeze(input, dim)),
  ),
  atleast_1d: atleast(ops.atleast1d),
  atleast_2d: atleast(ops.atleast2d),
  atleast_3d: atleast(ops.atleast3d),

  // ---- parts
  ...twins(
    'narrow',
    map('input dim start length', ({ input, dim, start, length }) =>
      ops.narrow(input, dim, typeof start === 'number' ? start : Number(start.itemSync()), length),
    ),
  ),
  select: map('input dim index', ({ input, dim, index }) => ops.select(input, dim, index)),
  slice: map('input dim start end step', ({ input, dim, start, end, step }) =>
    ops.slice(input, dim ?? 0, start, end, step ?? undefined),
  ),
  split,
  'split.list_args': split,
  unsafe_split: split,
  ...twins(
    'split_with_sizes',
    map('input split_sizes dim', ({ input, split_sizes, dim }) => ops.splitWithSizes(input, split_sizes, dim)),
  ),
  chunk,
  unsafe_chunk: chunk,
  ...twins(
    'unbind',
    map('input dim', ({ input, dim }) => ops.unbind(input, dim)),
  ),
  tensor_split: cut(ops.tensorSplit),
  hsplit: cut(ops.hsplit),
  vsplit: cut(ops.vsplit),
  dsplit: cut(ops.dsplit),
  ...twins(
    'unfold',
    map('input dimension size step', ({ input, dimension, size, step }) =>
      ops.unfoldAxis(input, dimension, size, step),
    ),
  ),
  ...twins(
    'as_strided',
    map('input size stride storage_offset', ({ input, size, stride, storage_offset }) =>
      ops.asStrided(input, size, stride, storage_offset ?? 0),
    ),
  ),
  'as_strided.partial_views': map('input size stride storage_offset', ({ input, size, stride, storage_offset }) => {
    // PyTorch counts it from the beginning of the memory, which the sample does not have.
    if (typeof storage_offset === 'number') throw new LeftOut('storage_offset of a view')
    return ops.asStrided(input, size, stride)
  }),
  ...twins('diagonal', diagonal(0, 1)),
  'linalg.diagonal': diagonal(-2, -1),
  diag: map('input diagonal', ({ input, diagonal: offset }) => ops.diag(input, offset)),
  diag_embed: map('input offset dim1 dim2', ({ input, offset, dim1, dim2 }) =>
    ops.diagEmbed(input, { offset: offset ?? 0, axes: [dim1 ?? -2, dim2 ?? -1] }),
  ),
  diagflat: map('input offset', ({ input, offset }) => ops.diagflat(input, offset)),
  tril: map('input diagonal', ({ input, diagonal: d }) => ops.tril(input, d)),
  triu: map('input diagonal', ({ input, diagonal: d }) => ops.triu(input, d)),

  // ---- other places
  flip: map('input dims', ({ input, dims }) => ops.flip(input, dims)),
  fliplr: map('input', ({ input }) => ops.fliplr(input)),
  flipud: map('input', ({ input }) => ops.flipud(input)),
  roll: map('input shifts dims', ({ input, shifts, dims }) => ops.roll(input, shifts, dims)),
  rot90: map('input k dims', ({ input, k, dims }) => ops.rot90(input, k, dims)),
  repeat: map('input repeats', ({ input, repeats }) => ops.repeat(input, repeats)),
  tile: map('input dims', ({ input, dims }) => ops.tile(input, dims)),
  repeat_interleave: map('input repeats dim output_size', ({ input, repeats, dim, output_size }) => {
    const axis = dim == null ? {} : { axis: dim }
    return output_size == null
      ? ops.repeatInterleaveSync(input, repeats, axis)
      : ops.repeatInterleave(input, repeats, { ...axis, outputSize: output_size })
  }),
  constant_pad_nd: map('input pad value', ({ input, pad, value }) => ops.pad(input, pad, { value: value ?? 0 })),
  ...Object.fromEntries(
    ['constant', 'reflect', 'replicate', 'replicate_negative', 'circular'].map((mode) => [
      `nn.functional.pad.${mode}`,
      padding,
    ]),
  ),

  // ---- joined
  cat: map('tensors dim', ({ tensors, dim }) => ops.concat(tensors, dim)),
  stack: map('tensors dim', ({ tensors, dim }) => ops.stack(tensors, dim)),
  hstack: stacked(ops.hstack),
  vstack: stacked(ops.vstack),
  dstack: stacked(ops.dstack),
  column_stack: stacked(ops.columnStack),
  block_diag: variadic((tensors) => ops.blockDiag(...tensors)),
  _chunk_cat: map('tensors dim num_chunks', ({ tensors, dim, num_chunks }) => {
    const axis = (t: Tensor): number => (dim < 0 ? dim + t.rank : dim)
    return ops.concat(
      tensors.map((t: Tensor) => {
        const size = t.shape[axis(t)] as number
        const whole = Math.ceil(size / num_chunks) * num_chunks
        const widths = t.shape.flatMap((_, i) => (t.rank - 1 - i === axis(t) ? [0, whole - size] : [0, 0]))
        return ops.reshape(ops.pad(t, widths), [...t.shape.slice(0, axis(t)), num_chunks, -1])
      }),
      axis(tensors[0]) + 1,
    )
  }),

  // ---- grids
  'meshgrid.variadic_tensors': meshgrid,
  'meshgrid.list_of_tensors': meshgrid,
  cartesian_prod: variadic((tensors) => ops.cartesianProd(...tensors)),
  combinations: map('input r with_replacement', ({ input, r, with_replacement }) =>
    ops.combinations(input, r ?? 2, { withReplacement: with_replacement ?? false }),
  ),
  'linalg.vander': map('x N', ({ x, N }) =>
    ops.vander(x.rank === 0 ? ops.reshape(x, [1]) : x, { ...(N == null ? {} : { n: N }), increasing: true }),
  ),
}
