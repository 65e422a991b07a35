/** Views, copies, creation, random numbers, joining and padding. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { dtypeOf, LeftOut, type Mapping, map } from './mapping.js'

const shapeOf = (x: Tensor): readonly number[] => x.shape
const castTo = (dtype: DType): Mapping => map('input memory_format', ({ input }) => ops.cast(input, dtype))

export const views: Readonly<Record<string, Mapping>> = {
  cat: map('tensors dim', ({ tensors, dim }) => {
    const first = tensors[0] as Tensor
    // An old rule of torch: empty vectors fit everything.
    if (tensors.some((t: Tensor) => t.rank !== first.rank)) throw new LeftOut('empty vectors among matrices')
    return ops.concat(tensors, dim)
  }),
  stack: map('tensors dim', ({ tensors, dim }) => ops.stack(tensors, dim)),
  tril: map('input diagonal', ({ input, diagonal }) => ops.tril(input, diagonal)),
  triu: map('input diagonal', ({ input, diagonal }) => ops.triu(input, diagonal)),
  clone: map('input memory_format', ({ input }) => ops.clone(input)),
  contiguous: map('input memory_format', ({ input }) => ops.contiguous(input)),
  float: castTo('f32'),
  double: castTo('f64'),
  bfloat16: castTo('bf16'),
  half: castTo('f16'),
  int: castTo('i32'),
  long: castTo('i64'),
  char: castTo('i8'),
  bool: castTo('bool'),
  full_like: map(
    'input fill_value dtype device',
    ({ input, fill_value, dtype }) =>
      ops.full(input.shape, Number(fill_value), {
        dtype: dtype ? dtypeOf(dtype) : input.dtype,
        device: input.device,
      }) as Tensor,
  ),
  ones_like: map(
    'input dtype device',
    ({ input, dtype }) =>
      ops.full(input.shape, 1, { dtype: dtype ? dtypeOf(dtype) : input.dtype, device: input.device }) as Tensor,
  ),
  zeros_like: map(
    'input dtype device',
    ({ input, dtype }) =>
      ops.full(input.shape, 0, { dtype: dtype ? dtypeOf(dtype) : input.dtype, device: input.device }) as Tensor,
  ),
  reshape: map('input shape', ({ input, shape }) => ops.reshape(input, shape)),
  view: map('input shape', ({ input, shape }) => ops.reshape(input, shape)),
  reshape_as: map('input other', ({ input, other }) => ops.reshape(input, shapeOf(other))),
  view_as: map('input other', ({ input, other }) => ops.reshape(input, shapeOf(other))),
  ravel: map('input', ({ input }) => ops.reshape(input, [-1])),
  flatten: map('input start_dim end_dim', ({ input, start_dim, end_dim }) => ops.flatten(input, start_dim, end_dim)),
  expand: map('input shape', ({ input, shape }) => ops.expand(input, shape)),
  broadcast_to: map('input shape', ({ input, shape }) => ops.expand(input, shape)),
  expand_as: map('input other', ({ input, other }) => ops.expand(input, shapeOf(other))),
  permute: map('input dims', ({ input, dims }) => ops.permute(input, dims)),
  transpose: map('input dim0 dim1', ({ input, dim0, dim1 }) =>
    input.rank === 0 ? input.clone() : ops.transpose(input, dim0, dim1),
  ),
  t: map('input', ({ input }) => (input.rank < 2 ? input.clone() : ops.transpose(input))),
  T: map('input', ({ input }) =>
    ops.permute(
      input,
      input.shape.map((_: number, i: number) => input.rank - 1 - i),
    ),
  ),
  mT: map('input', ({ input }) => ops.transpose(input)),
  squeeze: map('input dim', ({ input, dim }) => ops.squeeze(input, dim)),
  'squeeze.multiple': map('input dim', ({ input, dim }) =>
    dim
      .map((d: number) => (d < 0 ? d + input.rank : d))
      .sort((a: number, b: number) => b - a)
      .reduce((x: Tensor, d: number) => ops.squeeze(x, d), input),
  ),
  unsqueeze: map('input dim', ({ input, dim }) => ops.unsqueeze(input, dim)),
  narrow: map('input dim start length', ({ input, dim, start, length }) =>
    ops.narrow(input, dim, typeof start === 'number' ? start : start.itemSync(), length),
  ),
  select: map('input dim index', ({ input, dim, index }) => ops.select(input, dim, index)),
  slice: map('input dim start end step', ({ input, dim, start, end, step }) =>
    ops.slice(input, dim ?? 0, start ?? undefined, end ?? undefined, step),
  ),
  split: map('input split_size dim', ({ input, split_size, dim }) => ops.split(input, split_size, dim)),
  'split.list_args': map('input split_size dim', ({ input, split_size, dim }) => ops.split(input, split_size, dim)),
  split_with_sizes: map('input split_size dim', ({ input, split_size, dim }) => ops.split(input, split_size, dim)),
  chunk: map('input chunks dim', ({ input, chunks, dim }) => ops.chunk(input, chunks, dim)),
  unbind: map('input dim', ({ input, dim }) =>
    Array.from({ length: input.shape.at(dim ?? 0) }, (_, i) => ops.select(input, dim ?? 0, i)),
  ),
}
