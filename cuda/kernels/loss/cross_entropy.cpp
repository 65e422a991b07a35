// crossEntropy, crossEntropyBackward, crossEntropyInto. Place in the whole: entry points of the operator table on CUDA.
//
// logits (n, c) f32, f64, bf16, f16, target (n) i64 or i32, weight? (c). See native/ops.def. A target out of range is reported when the
// device has come to it.
#include "cuda/kernels/loss/cross_entropy.h"

#include <algorithm>
#include <bit>

#include "cpu/rounding.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/kernels/reports.h"
#include "cuda/runtime/launch.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_cross_entropy;

#define SINTER_KERNELS(name)                                                           \
  static constinit Kernel kernels_of_##name[] = {{image_cross_entropy, #name "_f32"},  \
                                                 {image_cross_entropy, #name "_f64"},  \
                                                 {image_cross_entropy, #name "_bf16"}, \
                                                 {image_cross_entropy, #name "_f16"}};
SINTER_KERNELS(cross_entropy)
SINTER_KERNELS(cross_entropy_backward)
SINTER_KERNELS(cross_entropy_into)
#undef SINTER_KERNELS
static constinit Kernel totals[] = {{image_cross_entropy, "cross_entropy_total_f32"},
                                    {image_cross_entropy, "cross_entropy_total_f64"}};

namespace {

// What the three have in common.
CrossEntropy loss_of(const Call& call, const char* name, const TensorRef& logits, const TensorRef& target,
                     const TensorRef& weight, int64_t ignored, double smoothing, int packs = kLossPacks) {
  if (!is_floating(logits.dtype))
    fail(ErrorCode::unsupported, "%s: dtype %s is not supported on cuda", name, dtype_name(logits.dtype));
  if (target.dtype != DType::i64 && target.dtype != DType::i32)
    fail(ErrorCode::unsupported, "%s: indices must be i64 or i32, not %s", name, dtype_name(target.dtype));
  CrossEntropy p{};
  p.logits = logits.data;
  p.target = target.data;
  p.wide = target.dtype == DType::i64;
  p.rows = logits.dims[0];
  p.classes = logits.dims[1];
  p.ignored = ignored;
  p.smoothing = smoothing;
  p.share = smoothing / static_cast<double>(p.classes);
  // Each thread has half of what it can keep.
  const int64_t kept = packs * 16 / static_cast<int64_t>(dtype_size(logits.dtype));
  p.members = static_cast<int32_t>(
      std::bit_ceil(static_cast<uint64_t>(std::clamp<int64_t>(ceil_div(p.classes, kept / 2), 1, kLossThreads))));
  const DType wanted = logits.dtype == DType::f64 ? DType::f64 : DType::f32;
  p.weight = weight.data;
  if (weight.present() && weight.dtype != wanted) {
    TensorRef copy = weight;
    copy.dtype = wanted;
    copy.data = call.scratch(static_cast<size_t>(std::max<int64_t>(weight.numel, 1)) * dtype_size(wanted));
    copy_to(call, copy, weight);
    p.weight = copy.data;
  }
  return p;
}
void launch_rows(const Call& call, const Kernel* kernels, DType dtype, const CrossEntropy& p) {
  launch(call, kernels[static_cast<int>(dtype)], Dim(ceil_div(p.rows, kLossThreads / p.members)), Dim(kLossThreads), 0,
         p);
}
template <Text kOp>
Fault* fault_of(const Call& call) {
  return reinterpret_cast<Fault*>(report_index<kOp, "classes">(call));
}

}  // namespace

SINTER_CUDA_OP(crossEntropy) {
  const TensorRef& logits = call.in[0];
  CrossEntropy p = loss_of(call, "crossEntropy", logits, call.in[1], call.opt(2), call.int_attr(1), call.attr[2]);
  p.reduction = static_cast<int32_t>(call.attr[0]);
  p.loss = call.out[0].data;
  p.loss_dtype = static_cast<int32_t>(call.out[0].dtype);
  p.lse = call.out[1].data;
  p.total = call.out[2].data;
  p.losses = call.scratch_of<double>(std::max<int64_t>(2 * p.rows, 1));
  p.counted = p.losses + p.rows;
  p.fault = fault_of<"crossEntropy">(call);
  launch_rows(call, kernels_of_cross_entropy, logits.dtype, p);
  launch(call, totals[logits.dtype == DType::f64], Dim(1), Dim(kLossThreads), 0, p);
}

SINTER_CUDA_OP(crossEntropyBackward) {
  const TensorRef& logits = call.in[1];
  if (logits.numel == 0) return;
  CrossEntropy p =
      loss_of(call, "crossEntropyBackward", logits, call.in[2], call.opt(5), call.int_attr(1), call.attr[2]);
  p.reduction = static_cast<int32_t>(call.attr[0]);
  p.g = call.in[0].data;
  p.g_dtype = static_cast<int32_t>(call.in[0].dtype);
  p.lse = call.in[3].data;
  p.total = call.in[4].data;
  p.gradient = call.out[0].data;
  p.fault = fault_of<"crossEntropyBackward">(call);
  launch_rows(call, kernels_of_cross_entropy_backward, logits.dtype, p);
}

SINTER_CUDA_OP(crossEntropyInto) {
  const TensorRef &logits = call.in[0], scale = call.opt(3);
  CrossEntropy p = loss_of(call, "crossEntropyInto", logits, call.in[1], call.opt(2), call.int_attr(0), call.attr[1],
                           logits.dtype == DType::f64 ? kLossIntoPacks<8> : kLossIntoPacks<4>);
  p.gradient = logits.data;
  p.g = scale.present() ? scale.data : nullptr;
  p.one = scale.present() && scale.numel == 1;
  p.loss = call.out[0].data;
  p.fault = fault_of<"crossEntropyInto">(call);
  launch_rows(call, kernels_of_cross_entropy_into, logits.dtype, p);
}

}  // namespace sinter::cuda
