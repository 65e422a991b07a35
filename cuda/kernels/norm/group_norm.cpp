// groupNorm and its gradient. Place in the whole: entry points of the operator table on CUDA.
//
// x (n, c, ...) contiguous, f32, f64, bf16, f16; weight, bias (c) of any floating-point type; mean and rstd (n, groups). See
// native/ops.def. A group is a channel of (1, n groups, its elements) for the statistics, and all channels of all samples have entries
// of one table; the gradient's sums are of these channels, of which a group's and a parameter's are made.
#include <algorithm>

#include "cuda/kernels/norm/channel_plan.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_channel_tables;

static constinit Kernel table_of_moments{image_channel_tables, "table_of_moments"};
static constinit Kernel table_of_group_gradients{image_channel_tables, "table_of_group_gradients"};
static constinit Kernel group_parameter_gradients{image_channel_tables, "group_parameter_gradients"};

namespace {

// Of a group; mean (n, groups) says how many there are.
int64_t channels_of(const ChannelShape& shape, const TensorRef& mean) {
  return shape.c / std::max<int64_t>(mean.dims[1], 1);
}

}  // namespace

SINTER_CUDA_OP(groupNorm) {
  const TensorRef &x = call.in[0], weight = call.opt(1), bias = call.opt(2), &mean = call.out[1];
  require_floating("groupNorm", x.dtype);
  const ChannelShape shape(x);
  const int64_t rows = mean.numel, channels = channels_of(shape, mean);
  if (rows == 0) return;
  ChannelPlan plan(call, x.dtype, 1, rows, channels * shape.s, false);
  plan.sums.x = aligned(call, x);
  sum_moments(call, plan, x.dtype);
  MomentsTable t{};
  t.parts = static_cast<const ChannelMoments*>(plan.sums.parts);
  t.table = table_for(call, x.dtype, rows * channels);
  t.mean = mean.data, t.rstd = call.out[2].data;
  t.weight = weight.data, t.weight_dtype = static_cast<int32_t>(weight.dtype);
  t.bias = bias.data, t.bias_dtype = static_cast<int32_t>(bias.dtype);
  t.slices = plan.slices, t.channels = rows, t.columns = 1;
  t.repeat = channels, t.parameters = shape.c;
  t.eps = call.attr[0];
  t.dtype = static_cast<int32_t>(computed_in(x.dtype));
  launch(call, table_of_moments, Dim(ceil_div(rows, kChannelWarps)), Dim(kChannelThreads), 0, t);
  ChannelApply p{};
  p.x = plan.sums.x;
  p.table = t.table;
  p.y = call.out[0].data;
  p.numel = x.numel;
  apply_table(call, p, x.dtype, shape.s, rows * channels, false);
}

SINTER_CUDA_OP(groupNormBackward) {
  const TensorRef &x = call.in[1], &mean = call.in[2], &rstd = call.in[3], weight = call.opt(4);
  require_floating("groupNormBackward", x.dtype);
  const ChannelShape shape(x);
  const int64_t channels = channels_of(shape, mean), planes = shape.n * shape.c;
  ChannelPlan plan(call, x.dtype, 1, planes, shape.s, false);
  plan.sums.x = aligned(call, x);
  plan.sums.g = aligned(call, call.in[0]);
  plan.sums.mean = mean.data;
  plan.sums.mean_repeat = std::max<int64_t>(channels, 1);
  sum_gradients(call, plan, x.dtype);
  GroupGradientTable t{};
  t.parts = static_cast<const GradientSums*>(plan.sums.parts);
  t.sums = call.scratch_of<GradientSums>(std::max<int64_t>(planes, 1));
  t.table = table_for(call, x.dtype, planes);
  t.mean = mean.data, t.rstd = rstd.data;
  t.weight = weight.data, t.weight_dtype = static_cast<int32_t>(weight.dtype);
  t.gweight = call.out[1].data, t.gweight_dtype = static_cast<int32_t>(call.out[1].dtype);
  t.gbias = call.out[2].data, t.gbias_dtype = static_cast<int32_t>(call.out[2].dtype);
  t.slices = plan.slices, t.rows = mean.numel, t.channels = channels, t.c = shape.c, t.samples = shape.n;
  t.count = static_cast<double>(channels * shape.s);
  t.dtype = static_cast<int32_t>(mean.dtype);
  launch(call, table_of_group_gradients, Dim(ceil_div(t.rows, kChannelWarps)), Dim(kChannelThreads), 0, t);
  launch(call, group_parameter_gradients, Dim(ceil_div(shape.c, kChannelWarps)), Dim(kChannelThreads), 0, t);
  ChannelApply p{};
  p.x = plan.sums.x;
  p.table = t.table;
  p.other = plan.sums.g;
  p.y = call.out[0].data;
  p.numel = x.numel;
  apply_table(call, p, x.dtype, shape.s, planes, true);
}

}  // namespace sinter::cuda
