/** PyTorch's operators of OpInfo in Sinter's terms. Place in the whole: test/ops/opinfo.test.ts runs an export through it. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { type Arguments, dtypeOf, LeftOut, type Mapping, map, only } from './opinfo.js'
import { TORCH } from './torch.js'

/** A pointwise or other operator by its name in TORCH: tensors x, y, z in order. */
const unary = (name: string): Mapping =>
  map('input', ({ input }) => (TORCH[name] as (typeof TORCH)[string])([input], {}))
const binary = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(input, other))
const swapped = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(other, input))

const shapeOf = (x: Tensor): readonly number[] => x.shape
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
const soft = (f: typeof ops.softmax): Mapping =>
  map('input dim dtype', ({ input, dim, dtype }) => f(dtype ? ops.cast(input, dtypeOf(dtype)) : input, dim))
const castTo = (dtype: DType): Mapping => map('input memory_format', ({ input }) => ops.cast(input, dtype))
const layerNorm = ({ input, normalized_shape, weight, bias, eps }: Arguments): Tensor => {
  if (eps < 0) throw new LeftOut('a negative eps, whose roots are NaN by chance')
  if (normalized_shape.every((d: number) => d === 1))
    throw new LeftOut('rows of one value, whose gradient is 0 and a rounding error')
  return ops.layerNorm(input, normalized_shape, weight, bias, eps)
}

export const OPINFO: Readonly<Record<string, Mapping>> = {
  ...Object.fromEntries(
    [
      'abs',
      'ceil',
      'cos',
      'exp',
      'floor',
      'log1p',
      'log',
      'neg',
      'round',
      'sigmoid',
      'sign',
      'sin',
      'tanh',
      'trunc',
      'expm1',
      'reciprocal',
      'rsqrt',
      'sqrt',
      'square',
      'isfinite',
      'isnan',
      'erf',
    ].map((name) => [name, unary(name)]),
  ),
  logical_not: unary('logicalNot'),
  'nn.functional.relu': map('input inplace', ({ input, ...a }) => {
    only(a, { inplace: false })
    return ops.relu(input)
  }),
  'nn.functional.silu': map('input inplace', ({ input, ...a }) => {
    only(a, { inplace: false })
    return ops.silu(input)
  }),
  'nn.functional.gelu': map('input approximate', ({ input, approximate }) => ops.gelu(input, { approximate })),
  'nn.functional.leaky_relu': map('input negative_slope inplace', ({ input, negative_slope }) =>
    ops.leakyRelu(input, negative_slope),
  ),
  'nn.functional.elu': map('input alpha', ({ input, alpha }) => ops.elu(input, alpha)),
  'nn.functional.softplus': map('input beta threshold', ({ input, beta, threshold }) =>
    ops.softplus(input, beta, threshold),
  ),
  'nn.functional.hardtanh': map('input min_val max_val', ({ input, min_val, max_val }) =>
    ops.clamp(input, min_val ?? -1, max_val ?? 1),
  ),
  'nn.functional.relu6': map('input', ({ input }) => ops.clamp(input, 0, 6)),

  add: map('input other alpha', ({ input, other, alpha }) =>
    ops.add(input, alpha === undefined ? other : ops.mul(other, alpha)),
  ),
  sub: map('input other alpha', ({ input, other, alpha }) =>
    ops.sub(input, alpha === undefined ? other : ops.mul(other, alpha)),
  ),
  rsub: map('input other alpha', ({ input, other, alpha }) =>
    ops.sub(other, alpha === undefined ? input : ops.mul(input, alpha)),
  ),
  mul: binary(ops.mul),
  'div.no_rounding_mode': map('input other rounding_mode', ({ input, other, ...a }) => {
    only(a, { rounding_mode: null })
    return ops.div(input, other)
  }),
  true_divide: binary(ops.div),
  remainder: binary(ops.remainder),
  pow: binary(ops.pow),
  maximum: binary(ops.maximum),
  minimum: binary(ops.minimum),
  'max.binary': binary(ops.maximum),
  'min.binary': binary(ops.minimum),
  clamp_min: binary(ops.maximum),
  clamp_max: binary(ops.minimum),
  eq: binary(ops.eq),
  ne: binary(ops.ne),
  lt: binary(ops.lt),
  le: binary(ops.le),
  gt: binary(ops.gt),
  ge: binary(ops.ge),
  logical_and: binary(ops.logicalAnd),
  logical_or: binary(ops.logicalOr),
  logical_xor: binary(ops.logicalXor),
  __radd__: swapped(ops.add),
  __rsub__: swapped(ops.sub),
  __rmul__: swapped(ops.mul),
  __rdiv__: swapped(ops.div),
  __rpow__: swapped(ops.pow),
  __rmod__: swapped(ops.remainder),
  where: map('input condition other', ({ condition, input, other }) => ops.where(condition, input, other)),
  masked_fill: map('input mask value', ({ input, mask, value }) =>
    typeof value === 'number'
      ? ops.maskedFill(input, mask, value)
      : ops.where(mask, value.dtype === input.dtype ? value : ops.cast(value, input.dtype), input),
  ),

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
  softmax: soft(ops.softmax),
  'softmax.with_dtype': soft(ops.softmax),
  log_softmax: soft(ops.logSoftmax),
  'log_softmax.with_dtype': soft(ops.logSoftmax),

  matmul: binary(ops.matmul),
  mm: binary(ops.matmul),
  bmm: binary(ops.matmul),
  mv: binary(ops.matmul),
  dot: binary(ops.matmul),
  __rmatmul__: swapped(ops.matmul),
  'nn.functional.linear': map('input weight bias', ({ input, weight, bias }) => {
    if (weight.rank !== 2) throw new LeftOut('a weight that is a vector')
    return ops.linear(input, weight, bias)
  }),
  'nn.functional.conv2d': map(
    'input weight bias stride padding dilation groups',
    ({ input, weight, bias, stride, padding, dilation, groups }) => {
      const even = weight.shape
        .slice(2)
        .some((d: number, i: number) => ((Array.isArray(dilation) ? dilation[i] : (dilation ?? 1)) * (d - 1)) % 2 !== 0)
      if (padding === 'same' && even) throw new LeftOut("padding 'same' of even windows")
      if (input.rank !== 4) throw new LeftOut('an image without a batch')
      return ops.conv2d(input, weight, bias, { stride, padding, dilation, groups })
    },
  ),
  'nn.functional.max_pool2d': map(
    'input kernel_size stride padding dilation ceil_mode return_indices',
    ({ input, kernel_size, stride, padding, dilation, return_indices, ...a }) => {
      only(a, { ceil_mode: false })
      if (input.rank !== 4) throw new LeftOut('an image without a batch')
      const both = ops.maxPool2dWithIndices(input, kernel_size, { stride: stride ?? undefined, padding, dilation })
      return return_indices ? both : both[0]
    },
  ),
  'nn.functional.avg_pool2d': map(
    'input kernel_size stride padding ceil_mode count_include_pad divisor_override',
    ({ input, kernel_size, stride, padding, count_include_pad, ...a }) => {
      only(a, { ceil_mode: false, divisor_override: null })
      if (input.rank !== 4) throw new LeftOut('an image without a batch')
      return ops.avgPool2d(input, kernel_size, {
        stride: stride ?? undefined,
        padding,
        countIncludePad: count_include_pad,
      })
    },
  ),
  'nn.functional.adaptive_avg_pool2d': map('input output_size', ({ input, output_size }) => {
    if (input.rank !== 4 || (Array.isArray(output_size) && output_size.includes(null)))
      throw new LeftOut('an image without a batch, or a size that is kept')
    return ops.adaptiveAvgPool2d(input, output_size)
  }),
  'nn.functional.layer_norm': map('input normalized_shape weight bias eps', layerNorm),
  native_layer_norm: map('input normalized_shape weight bias eps', layerNorm),
  'nn.functional.batch_norm': map(
    'input running_mean running_var weight bias training momentum eps',
    ({ input, running_mean, running_var, weight, bias, ...options }) => {
      if (input.rank < 2) throw new LeftOut('an image without channels')
      return ops.batchNorm(input, running_mean, running_var, weight, bias, options)
    },
  ),
  'nn.functional.scaled_dot_product_attention': map(
    'query key value attn_mask dropout_p is_causal scale enable_gqa',
    ({ query, key, value, is_causal, scale, ...a }) => {
      only(a, { attn_mask: null, dropout_p: 0, enable_gqa: false })
      if (query.rank !== 4) throw new LeftOut('batches of other than two dimensions')
      if (is_causal && query.shape[2] !== key.shape[2])
        throw new LeftOut("a causal mask aligned to the upper left: Sinter's last query sees every key")
      if (
        ![query, key, value].every((t) => t.shape[0] === query.shape[0] && t.shape[1] === query.shape[1]) ||
        value.shape[3] !== key.shape[3]
      )
        throw new LeftOut('broadcast batches, or values of another width')
      return ops.scaledDotProductAttention(query, key, value, { causal: is_causal ?? false, scale: scale ?? undefined })
    },
  ),
  'nn.functional.embedding': map(
    'weight input padding_idx max_norm norm_type scale_grad_by_freq sparse',
    ({ input, weight, padding_idx, ...a }) => {
      only(a, { max_norm: null, scale_grad_by_freq: false, sparse: false })
      return ops.embedding(weight, input, { paddingIndex: padding_idx })
    },
  ),
  'nn.functional.cross_entropy': map(
    'input target weight size_average ignore_index reduce reduction label_smoothing',
    ({ input, target, weight, ignore_index, reduction: r, label_smoothing }) => {
      if (target.dtype !== 'i64') throw new LeftOut('targets that are probabilities')
      if (input.rank < 2) throw new LeftOut('logits without a batch')
      return ops.crossEntropy(input, target, {
        weight: weight?.detach(),
        ignoreIndex: ignore_index,
        reduction: r,
        labelSmoothing: label_smoothing,
      })
    },
  ),
  'nn.functional.mse_loss': map('input target size_average reduce reduction', ({ input, target, reduction: r }) =>
    ops.mseLoss(input, target, { reduction: r }),
  ),

  gather: map('input dim index', ({ input, dim, index }) => {
    if (input.rank === 0) throw new LeftOut('a tensor without dimensions')
    if (index.dtype !== 'i64' && index.dtype !== 'i32') throw new LeftOut(`indices of ${index.dtype}`)
    return ops.gather(input, dim, index)
  }),
  scatter_add: map('input dim index src', ({ input, dim, index, src }) => {
    if (input.rank === 0) throw new LeftOut('a tensor without dimensions')
    // torch reads as much of src as there are indices.
    const part = index.shape.reduce((s: Tensor, n: number, axis: number) => s.narrow(axis, 0, n), src)
    return ops.scatterAdd(input, dim, index, part)
  }),
  index_select: map('input dim index', ({ input, dim, index }) => {
    if (input.rank === 0 || index.rank === 0) throw new LeftOut('a tensor without dimensions')
    return ops.indexSelect(input, dim, index)
  }),
  index_add: map('input dim index source alpha', ({ input, dim, index, source, alpha }) => {
    if (input.rank === 0 || index.rank === 0) throw new LeftOut('a tensor without dimensions')
    return ops.indexAdd(input, dim, index, alpha === undefined ? source : ops.mul(source, alpha))
  }),
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
