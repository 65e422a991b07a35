/** Norms, softmax, attention, embeddings, resampling, dropout and losses. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Arguments, dtypeOf, LeftOut, type Mapping, map, only } from './mapping.js'

const soft = (f: typeof ops.softmax): Mapping =>
  map('input dim dtype', ({ input, dim, dtype }) => f(dtype ? ops.cast(input, dtypeOf(dtype)) : input, dim))
const layerNorm = ({ input, normalized_shape, weight, bias, eps }: Arguments): Tensor => {
  if (eps < 0) throw new LeftOut('a negative eps, whose roots are NaN by chance')
  if (normalized_shape.every((d: number) => d === 1))
    throw new LeftOut('rows of one value, whose gradient is 0 and a rounding error')
  return ops.layerNorm(input, normalized_shape, weight, bias, eps)
}

export const layers: Readonly<Record<string, Mapping>> = {
  softmax: soft(ops.softmax),
  'softmax.with_dtype': soft(ops.softmax),
  log_softmax: soft(ops.logSoftmax),
  'log_softmax.with_dtype': soft(ops.logSoftmax),
  'nn.functional.softmin': soft(ops.softmin),
  'nn.functional.softmin.with_dtype': soft(ops.softmin),
  'torch.ops.aten._safe_softmax.default': map('input dim dtype', ({ input, dim }) => {
    // Lines of nothing but -inf give 0.
    const nothing = ops.eq(ops.amax(input.detach(), dim, { keepDim: true }), Number.NEGATIVE_INFINITY)
    return ops.maskedFill(ops.softmax(ops.maskedFill(input, nothing, 0), dim), nothing, 0)
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
}
