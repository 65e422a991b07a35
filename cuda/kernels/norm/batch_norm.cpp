// batchNorm, batchNormEval, batchNormBackward, batchNormUpdate. Place in the whole: entry points of the operator table on CUDA.
//
// x (n, c, ...) contiguous, f32, f64, bf16, f16; all that a channel has may be of any floating-point type, but a batch's own statistics,
// which are f32 or f64. See native/ops.def.
// Images that lie channels-last come as (positions, c).
#include <algorithm>

#include "cuda/kernels/norm/channel_plan.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_channel_tables;

static constinit Kernel table_of_moments{image_channel_tables, "table_of_moments"};
static constinit Kernel table_of_constants{image_channel_tables, "table_of_constants"};
static constinit Kernel table_of_gradients{image_channel_tables, "table_of_gradients"};
static constinit Kernel update_running_statistics{image_channel_tables, "update_running_statistics"};

namespace {

constexpr int64_t kShortRun = 32;  // elements: shorter runs are columns of a matrix (n, c s)

ChannelPlan plan_of(const Call& call, DType dtype, const ChannelShape& shape) {
  if (shape.s < kShortRun) return {call, dtype, shape.n, shape.c * shape.s, 1, true};
  return {call, dtype, shape.n, shape.c, shape.s, false};
}
// Columns of the plan that a channel has.
int64_t columns_of(const ChannelPlan& plan, const ChannelShape& shape) { return plan.by_columns ? shape.s : 1; }

int32_t code_of(const TensorRef& t) { return static_cast<int32_t>(t.dtype); }

void normalise(const Call& call, const void* x, const void* table, const ChannelShape& shape, const TensorRef& residual,
               bool relu) {
  ChannelApply p{};
  p.x = x;
  p.table = table;
  p.other = aligned(call, residual);
  p.y = call.out[0].data;
  p.numel = call.in[0].numel;
  p.relu = relu;
  apply_table(call, p, call.in[0].dtype, shape.s, shape.c, false);
}

}  // namespace

SINTER_CUDA_OP(batchNorm) {
  const TensorRef &x = call.in[0], weight = call.opt(1), bias = call.opt(2);
  require_floating("batchNorm", x.dtype);
  const ChannelShape shape(x);
  ChannelPlan plan = plan_of(call, x.dtype, shape);
  plan.sums.x = aligned(call, x);
  sum_moments(call, plan, x.dtype);
  MomentsTable t{};
  t.parts = static_cast<const ChannelMoments*>(plan.sums.parts);
  t.table = table_for(call, x.dtype, shape.c);
  t.mean = call.out[1].data, t.rstd = call.out[2].data;
  t.weight = weight.data, t.weight_dtype = code_of(weight);
  t.bias = bias.data, t.bias_dtype = code_of(bias);
  t.slices = plan.slices, t.channels = shape.c, t.columns = columns_of(plan, shape);
  t.repeat = 1, t.parameters = shape.c;
  t.eps = call.attr[0];
  t.dtype = static_cast<int32_t>(computed_in(x.dtype));
  launch(call, table_of_moments, Dim(ceil_div(shape.c, kChannelWarps)), Dim(kChannelThreads), 0, t);
  normalise(call, plan.sums.x, t.table, shape, call.opt(3), call.attr[1] != 0);
}

SINTER_CUDA_OP(batchNormEval) {
  const TensorRef &x = call.in[0], &mean = call.in[1], &var = call.in[2], weight = call.opt(3), bias = call.opt(4);
  require_floating("batchNormEval", x.dtype);
  if (x.numel == 0) return;
  const ChannelShape shape(x);
  ConstantTable t{};
  t.mean = mean.data, t.mean_dtype = code_of(mean);
  t.var = var.data, t.var_dtype = code_of(var);
  t.weight = weight.data, t.weight_dtype = code_of(weight);
  t.bias = bias.data, t.bias_dtype = code_of(bias);
  t.table = table_for(call, x.dtype, shape.c);
  t.channels = shape.c;
  t.eps = call.attr[0];
  t.dtype = static_cast<int32_t>(computed_in(x.dtype));
  launch(call, table_of_constants, Dim(ceil_div(shape.c, kChannelThreads)), Dim(kChannelThreads), 0, t);
  normalise(call, aligned(call, x), t.table, shape, call.opt(5), call.attr[1] != 0);
}

// With gresidual the first pass writes it, and the second one reads that instead of g and y.
SINTER_CUDA_OP(batchNormBackward) {
  const TensorRef &g = call.in[0], &x = call.in[1], &mean = call.in[2], &rstd = call.in[3], weight = call.opt(4);
  const TensorRef y = call.opt(5);
  require_floating("batchNormBackward", x.dtype);
  const ChannelShape shape(x);
  ChannelPlan plan = plan_of(call, x.dtype, shape);
  const int64_t columns = columns_of(plan, shape);
  plan.sums.x = aligned(call, x);
  plan.sums.g = aligned(call, g);
  plan.sums.y = aligned(call, y);
  plan.sums.gsum = call.nout > 3 ? call.out[3].data : nullptr;
  plan.sums.mean = mean.dtype == computed_in(x.dtype) ? mean.data : converted(call, mean, computed_in(x.dtype));
  plan.sums.mean_repeat = std::max<int64_t>(columns, 1);
  sum_gradients(call, plan, x.dtype);
  GradientTable t{};
  t.parts = static_cast<const GradientSums*>(plan.sums.parts);
  t.table = table_for(call, x.dtype, shape.c);
  t.mean = mean.data, t.mean_dtype = code_of(mean);
  t.rstd = rstd.data, t.rstd_dtype = code_of(rstd);
  t.weight = weight.data, t.weight_dtype = code_of(weight);
  t.gweight = call.out[1].data, t.gweight_dtype = code_of(call.out[1]);
  t.gbias = call.out[2].data, t.gbias_dtype = code_of(call.out[2]);
  t.slices = plan.slices, t.channels = shape.c, t.columns = columns;
  t.count = call.attr[0] != 0 ? static_cast<double>(shape.count()) : 0;
  t.dtype = static_cast<int32_t>(computed_in(x.dtype));
  launch(call, table_of_gradients, Dim(ceil_div(shape.c, kChannelWarps)), Dim(kChannelThreads), 0, t);
  ChannelApply p{};
  p.x = plan.sums.x;
  p.table = t.table;
  p.other = plan.sums.gsum ? plan.sums.gsum : plan.sums.g;
  p.result = plan.sums.gsum ? nullptr : plan.sums.y;
  p.y = call.out[0].data;
  p.numel = x.numel;
  apply_table(call, p, x.dtype, shape.s, shape.c, true);
}

// One element a channel has no unbiased variance; the biased one (zero) then stands in.
SINTER_CUDA_OP(batchNormUpdate) {
  const TensorRef &mean = call.in[0], &var = call.in[1], &batch_mean = call.in[2], &batch_rstd = call.in[3];
  require_floating("batchNormUpdate", mean.dtype);
  const double count = call.attr[2];
  RunningStatistics p{};
  p.mean = mean.data, p.mean_dtype = code_of(mean);
  p.var = var.data, p.var_dtype = code_of(var);
  p.batch_mean = batch_mean.data, p.batch_rstd = batch_rstd.data, p.dtype = code_of(batch_rstd);
  p.channels = mean.numel;
  p.mean_stride = mean.strides ? mean.strides[0] : 1;
  p.var_stride = var.strides ? var.strides[0] : 1;
  p.eps = call.attr[0], p.momentum = call.attr[1];
  p.unbias = count > 1 ? count / (count - 1) : 1;
  launch(call, update_running_statistics, Dim(ceil_div(p.channels, kChannelThreads)), Dim(kChannelThreads), 0, p);
}

}  // namespace sinter::cuda
