/** Norms, softmax, attention, embeddings, resampling, dropout and losses. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Arguments, dtypeOf, LeftOut, type Mapping, map } from './mapping.js'

const soft = (f: typeof ops.softmax): Mapping =>
  map('input dim dtype', ({ input, dim, dtype }) => f(dtype ? ops.cast(input, dtypeOf(dtype)) : input, dim))
type Reduced = { reduction?: any }
/** torch's deprecated pair of arguments that `reduction` replaced. */
const OLD = 'size_average reduce'
const given = (o: Record<string, unknown>): any =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined && v !== null))

/** The results of torch's native_* operators: the normalised tensor, and the statistics over `axes` of x. */
function withStatistics(
  y: Tensor,
  x: Tensor,
  axes: readonly number[],
  eps: number,
  shape?: readonly number[],
): Tensor[] {
  const keep = { keepDim: true }
  const list = [ops.mean(x, axes, keep), ops.rsqrt(ops.variance(x, axes, { ...keep, correction: 0 }).add(eps))]
  return [y, ...list.map((t) => t.reshape(shape ?? t.shape))]
}
const trailing = (x: Tensor, n: number): number[] => x.shape.map((_, i) => i).slice(x.rank - n)
const channelAxes = (x: Tensor): number[] => x.shape.map((_, i) => i).filter((i) => i !== 1)

const pairLoss = (f: (a: Tensor, b: Tensor, o: Reduced) => Tensor, more = ''): Mapping =>
  map(`input target ${OLD} reduction ${more}`.trim(), ({ input, target, size_average, reduce, ...o }) =>
    f(input, target, given(o)),
  )

/** torch clips what interpolate's factors say only where it computes the size itself. */
const upsample = (mode: ops.InterpolationMode | null, align?: boolean): Mapping =>
  map(
    'input size scale_factor mode align_corners recompute_scale_factor antialias',
    ({ input, size, scale_factor, mode: m, align_corners, recompute_scale_factor, antialias }) => {
      const chosen = mode ?? m ?? 'nearest'
      return ops.interpolate(
        input,
        given({
          size,
          scaleFactor: scale_factor,
          mode: chosen,
          alignCorners: align ?? align_corners,
          recomputeScaleFactor: recompute_scale_factor,
          antialias,
        }),
      )
    },
  )
const SAMPLING = ['bilinear', 'nearest', 'bicubic'] as const
const PADDING = ['zeros', 'border', 'reflection'] as const
const gridSampler = map('input grid interpolation_mode padding_mode align_corners', (a) =>
  ops.gridSample(a['input'], a['grid'], {
    mode: SAMPLING[a['interpolation_mode']]!,
    paddingMode: PADDING[a['padding_mode']]!,
    alignCorners: a['align_corners'],
  }),
)
const linearCrossEntropy = map(
  'input linear_weight target linear_bias weight reduction ignore_index label_smoothing options',
  ({ input, linear_weight, target, linear_bias, weight, ...a }) =>
    ops.linearCrossEntropy(
      input,
      linear_weight,
      target,
      given({
        linearBias: linear_bias,
        weight: target.dtype === 'i64' ? weight?.detach() : weight,
        reduction: a['reduction'],
        ignoreIndex: a['ignore_index'],
        labelSmoothing: a['label_smoothing'],
      }),
    ),
)
const layerNorm = ({ input, normalized_shape, weight, bias, eps }: Arguments): Tensor => {
  if (input.numel > 0 && normalized_shape.every((d: number) => d === 1))
    throw new LeftOut("rows of one value, whose gradient is 0 and torch's rounding error")
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
  native_layer_norm: map('input normalized_shape weight bias eps', (a) =>
    withStatistics(layerNorm(a), a['input'], trailing(a['input'], a['normalized_shape'].length), a['eps']),
  ),
  'nn.functional.rms_norm': map('input normalized_shape weight eps', ({ input, normalized_shape, weight, eps }) =>
    ops.rmsNorm(input, normalized_shape, weight, eps ?? undefined),
  ),
  'nn.functional.group_norm': map('input num_groups weight bias eps', ({ input, num_groups, weight, bias, eps }) =>
    ops.groupNorm(input, num_groups, weight, bias, eps),
  ),
  native_group_norm: map('input weight bias N C HxW group eps', ({ input, weight, bias, N, group, eps }) => {
    const y = ops.groupNorm(input, group, weight, bias, eps)
    return withStatistics(y, input.reshape([N, group, input.numel / Math.max(1, N * group)]), [2], eps, [N, group])
  }),
  'nn.functional.batch_norm': map(
    'input running_mean running_var weight bias training momentum eps',
    ({ input, running_mean, running_var, weight, bias, ...options }) =>
      ops.batchNorm(input, running_mean, running_var, weight, bias, given(options)),
  ),
  native_batch_norm: map(
    'input weight bias running_mean running_var training momentum eps',
    ({ input, weight, bias, running_mean, running_var, ...o }) =>
      nativeBatchNorm(input, running_mean, running_var, weight, bias, o),
  ),
  _native_batch_norm_legit: map('input weight bias a b c d e', ({ input, weight, bias, ...o }) => {
    // Without running statistics the variant of torch has two arguments less.
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((k) => (o as Arguments)[k])
    return typeof a === 'boolean'
      ? nativeBatchNorm(input, null, null, weight, bias, { training: a, momentum: b, eps: c })
      : nativeBatchNorm(input, a, b, weight, bias, { training: c, momentum: d, eps: e })
  }),
  'nn.functional.instance_norm': map(
    'input running_mean running_var weight bias use_input_stats momentum eps',
    ({ input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps }) =>
      ops.instanceNorm(
        input,
        running_mean,
        running_var,
        weight,
        bias,
        given({ useInputStats: use_input_stats, momentum, eps }),
      ),
  ),
  'nn.functional.local_response_norm': map('input size alpha beta k', ({ input, size, ...o }) =>
    ops.localResponseNorm(input, size, given(o)),
  ),
  'nn.functional.normalize': map('input p dim eps', ({ input, p, dim, eps }) =>
    ops.normalize(input, given({ p, axis: dim, eps })),
  ),
  'nn.functional.cosine_similarity': map('x1 x2 dim eps', ({ x1, x2, dim, eps }) =>
    ops.cosineSimilarity(x1, x2, given({ axis: dim, eps })),
  ),
  'nn.functional.pairwise_distance': map('x1 x2 p eps keepdim', ({ x1, x2, p, eps, keepdim }) =>
    ops.pairwiseDistance(x1, x2, given({ p, eps, keepDim: keepdim })),
  ),
  ...Object.fromEntries(
    ['area', 'bicubic', 'bilinear', 'linear', 'nearest', 'nearest-exact', 'trilinear'].map((mode) => [
      `nn.functional.interpolate.${mode}`,
      upsample(null),
    ]),
  ),
  'nn.functional.upsample_nearest': upsample('nearest'),
  'nn.functional.upsample_bilinear': upsample('bilinear', true),
  _upsample_bilinear2d_aa: map(
    'input output_size align_corners scale_factors scales_h scales_w',
    ({ input, output_size, align_corners, scale_factors, scales_h, scales_w }) =>
      antialiased(input, output_size, align_corners, scale_factors ?? (scales_h ? [scales_h, scales_w] : null)),
  ),
  'nn.functional.grid_sample': map(
    'input grid mode padding_mode align_corners',
    ({ input, grid, mode, padding_mode, align_corners }) =>
      ops.gridSample(input, grid, given({ mode, paddingMode: padding_mode, alignCorners: align_corners })),
  ),
  grid_sampler_2d: gridSampler,
  grid_sampler_3d: gridSampler,
  'nn.functional.embedding_bag': map(
    'weight input offsets max_norm norm_type scale_grad_by_freq mode sparse per_sample_weights include_last_offset padding_idx',
    ({ input, weight, offsets, max_norm, norm_type, scale_grad_by_freq, mode, ...o }) => {
      // torch's sparse gradients are the same numbers.
      return ops.embeddingBag(
        weight,
        input,
        given({
          offsets,
          mode,
          maxNorm: max_norm,
          normType: norm_type,
          scaleGradByFreq: scale_grad_by_freq,
          perSampleWeights: o['per_sample_weights'],
          includeLastOffset: o['include_last_offset'],
          paddingIndex: o['padding_idx'],
        }),
      )
    },
  ),
  'nn.functional.scaled_dot_product_attention': map(
    'query key value attn_mask dropout_p is_causal scale enable_gqa',
    ({ query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa }) => {
      if (dropout_p > 0) throw new LeftOut("dropout, whose random numbers are torch's")
      const causal = is_causal ? 'upperLeft' : undefined
      const options = given({ mask: attn_mask, causal, scale, enableGqa: enable_gqa })
      return ops.scaledDotProductAttention(query, key, value, options)
    },
  ),
  'nn.functional.multi_head_attention_forward': map(
    'query key value embed_dim_to_check num_heads in_proj_weight in_proj_bias bias_k bias_v add_zero_attn dropout_p out_proj_weight out_proj_bias training key_padding_mask need_weights attn_mask use_separate_proj_weight q_proj_weight k_proj_weight v_proj_weight static_k static_v average_attn_weights is_causal',
    ({ query, key, value, ...a }) => {
      if (a['training'] && a['dropout_p'] > 0) throw new LeftOut("dropout, whose random numbers are torch's")
      const separate = a['use_separate_proj_weight']
      const [y, weights] = ops.multiHeadAttention(query, key, value, {
        ...given({
          inProjWeight: a['in_proj_weight'],
          projWeights: separate ? [a['q_proj_weight'], a['k_proj_weight'], a['v_proj_weight']] : null,
          inProjBias: a['in_proj_bias'],
          outProjBias: a['out_proj_bias'],
          biasK: a['bias_k'],
          biasV: a['bias_v'],
          addZeroAttn: a['add_zero_attn'],
          mask: a['attn_mask'],
          keyPaddingMask: a['key_padding_mask'],
          needWeights: a['need_weights'],
          averageWeights: a['average_attn_weights'],
        }),
        heads: a['num_heads'],
        outProjWeight: a['out_proj_weight'],
      })
      return weights ? [y, weights] : [y]
    },
  ),
  'nn.functional.cross_entropy': map(
    'input target weight size_average ignore_index reduce reduction label_smoothing',
    ({ input, target, weight, ignore_index, reduction, label_smoothing }) =>
      ops.crossEntropy(
        input,
        target,
        given({
          weight: target.dtype === 'i64' ? weight?.detach() : weight,
          ignoreIndex: ignore_index,
          reduction,
          labelSmoothing: label_smoothing,
        }),
      ),
  ),
  'nn.functional.linear_cross_entropy': linearCrossEntropy,
  'nn.functional.linear_cross_entropy.chunked': linearCrossEntropy,
  'nn.functional.linear_cross_entropy.chunked_none': linearCrossEntropy,
  'nn.functional.nll_loss': map(
    'input target weight size_average ignore_index reduce reduction',
    ({ input, target, weight, ignore_index, reduction }) =>
      ops.nllLoss(input, target, given({ weight, ignoreIndex: ignore_index, reduction })),
  ),
  'nn.functional.mse_loss': pairLoss(ops.mseLoss),
  'nn.functional.l1_loss': pairLoss(ops.l1Loss),
  'nn.functional.smooth_l1_loss': pairLoss(ops.smoothL1Loss, 'beta'),
  'nn.functional.huber_loss': map('input target reduction delta weight', ({ input, target, ...o }) =>
    ops.huberLoss(input, target, given(o)),
  ),
  'nn.functional.soft_margin_loss': pairLoss(ops.softMarginLoss),
  'nn.functional.multilabel_margin_loss': pairLoss(ops.multilabelMarginLoss),
  'nn.functional.multilabel_soft_margin_loss': map(
    `input target weight ${OLD} reduction`,
    ({ input, target, weight, reduction }) => ops.multilabelSoftMarginLoss(input, target, given({ weight, reduction })),
  ),
  'nn.functional.multi_margin_loss': map(
    `input target p margin weight ${OLD} reduction`,
    ({ input, target, p, margin, weight, reduction }) =>
      ops.multiMarginLoss(input, target, given({ p, margin, weight, reduction })),
  ),
  'nn.functional.binary_cross_entropy': map(
    `input target weight ${OLD} reduction`,
    ({ input, target, weight, reduction }) => ops.binaryCrossEntropy(input, target, given({ weight, reduction })),
  ),
  'nn.functional.binary_cross_entropy_with_logits': map(
    `input target weight ${OLD} reduction pos_weight`,
    ({ input, target, weight, reduction, pos_weight }) =>
      ops.binaryCrossEntropyWithLogits(input, target, given({ weight, reduction, posWeight: pos_weight })),
  ),
  'nn.functional.kl_div': map(`input target ${OLD} reduction log_target`, ({ input, target, reduction, log_target }) =>
    ops.klDiv(input, target, given({ reduction, logTarget: log_target })),
  ),
  'nn.functional.poisson_nll_loss': map(
    'input target log_input full size_average eps reduce reduction',
    ({ input, target, log_input, full, eps, reduction }) =>
      ops.poissonNllLoss(input, target, given({ logInput: log_input, full, eps, reduction })),
  ),
  'nn.functional.gaussian_nll_loss': map('input target var full eps reduction', ({ input, target, var: v, ...o }) =>
    ops.gaussianNllLoss(input, target, v, given(o)),
  ),
  'nn.functional.hinge_embedding_loss': map(
    `input target margin ${OLD} reduction`,
    ({ input, target, margin, reduction }) => ops.hingeEmbeddingLoss(input, target, given({ margin, reduction })),
  ),
  'nn.functional.cosine_embedding_loss': map(
    `input1 input2 target margin ${OLD} reduction`,
    ({ input1, input2, target, margin, reduction }) =>
      ops.cosineEmbeddingLoss(input1, input2, target, given({ margin, reduction })),
  ),
  'nn.functional.margin_ranking_loss': map(
    `input1 input2 target margin ${OLD} reduction`,
    ({ input1, input2, target, margin, reduction }) =>
      ops.marginRankingLoss(input1, input2, target, given({ margin, reduction })),
  ),
  'nn.functional.triplet_margin_loss': map(
    `anchor positive negative margin p eps swap ${OLD} reduction`,
    ({ anchor, positive, negative, margin, p, eps, swap, reduction }) =>
      ops.tripletMarginLoss(anchor, positive, negative, given({ margin, p, eps, swap, reduction })),
  ),
  // Its samples' distance_function is torch.nn.PairwiseDistance().
  'nn.functional.triplet_margin_with_distance_loss': map(
    'anchor positive negative distance_function margin swap reduction',
    ({ anchor, positive, negative, margin, swap, reduction }) =>
      ops.tripletMarginWithDistanceLoss(anchor, positive, negative, given({ margin, swap, reduction })),
  ),
}

function nativeBatchNorm(
  x: Tensor,
  mean: Tensor | null,
  variance: Tensor | null,
  weight: Tensor | null,
  bias: Tensor | null,
  { training, momentum, eps }: Arguments,
): Tensor[] {
  const y = ops.batchNorm(x, mean, variance, weight, bias, { training, momentum, eps })
  // Without training torch gives no statistics.
  if (!training) return [y, ops.zeros([0]), ops.zeros([0])].map((t) => t.cast(x.dtype))
  return withStatistics(y, x, channelAxes(x), eps, [x.shape[1] as number])
}

/** Sizes and factors together: the factors say where, the sizes how many. */
function antialiased(x: Tensor, size: number[] | null, align: boolean, factors: number[] | null): Tensor {
  const options = { mode: 'bilinear', alignCorners: align, antialias: true } as const
  if (!size || !factors || align)
    return ops.interpolate(x, { ...options, ...(size ? { size } : { scaleFactor: factors as number[] }) })
  const whole = ops.interpolate(x, { ...options, scaleFactor: factors })
  return whole.narrow(2, 0, size[0] as number).narrow(3, 0, size[1] as number)
}
