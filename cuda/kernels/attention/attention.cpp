// attention and attentionFactors. Place in the whole: entry points of the operator table on CUDA; native/cpu/attention/problem.h says
// what the operands are.
#include <algorithm>

#include "cuda/kernels/attention/by_library.h"
#include "cuda/kernels/attention/parts.h"
#include "cuda/kernels/attention/run.h"
#include "cuda/kernels/attention/scalar.h"
#include "cuda/kernels/attention/tensor.h"
#include "cuda/kernels/attention/widened.h"
#include "cuda/kernels/random/stream_of.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_attention_parts;

namespace {

constinit Kernel factors[] = {{image_attention_parts, "attention_factors_f32"},
                              {image_attention_parts, "attention_factors_f64"}};

}  // namespace

void run_forward(const Call& call, AttentionArgs& args, bool by_rows, bool masked) {
  const TensorRef& y = call.out[0];
  const DType dtype = call.in[0].dtype;
  if (dtype == DType::f32 || dtype == DType::f64) {
    args.y = result_rows(y.data, args.h, args.t, args.e, by_rows);
    return run_scalar(call, dtype, args);
  }
  if (takes_tensor(args)) {
    align_operands(call, args, 0);
    args.y = result_rows(y.data, args.h, args.t, args.e, by_rows);
    return run_tensor(call, dtype, args);
  }
  widen_operands(call, args, 0, masked);
  const WideResult wide(call, y);
  args.y = result_rows(wide.data, args.h, args.t, args.e, by_rows);
  run_scalar(call, DType::f32, args);
  wide.deliver(call);
}

SINTER_CUDA_OP(attention) {
  const TensorRef &y = call.out[0], &lse = call.out[1];
  AttentionArgs args = attention_args(call, "attention", 0);
  if (y.numel == 0 && lse.numel == 0) return;
  args.lse = lse.data;
  const auto own = [&] { run_forward(call, args, call.attr[9] != 0, true); };
  if (is_for_library(call, args, false)) return forward_by_choice(call, args, own);
  own();
}

SINTER_CUDA_OP(attentionFactors) {
  const TensorRef& y = call.out[0];
  if (y.dtype != DType::f32 && y.dtype != DType::f64)
    fail(ErrorCode::unsupported, "attentionFactors: dtype %s is not supported on cuda", dtype_name(y.dtype));
  if (y.numel == 0) return;
  const int64_t s = y.dim(3), draws = (s + 7) / 8, blocks = y.numel / s * draws;
  const auto threshold = static_cast<uint32_t>(std::min(65535., call.attr[0] * 65536 + 0.5));
  launch(call, factors[static_cast<int>(y.dtype)], Dim((blocks + kDeltaThreads - 1) / kDeltaThreads),
         Dim(kDeltaThreads), 0, y.data, blocks, draws, s, stream_of(call, 1), threshold, 65536. / (65536 - threshold));
}

}  // namespace sinter::cuda
