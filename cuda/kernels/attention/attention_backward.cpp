// attentionBackward. Place in the whole: entry point of the operator table on CUDA. gq comes from blocks that own queries, gk and gv
// from blocks that own keys, each of which computes the weights again from lse: what two blocks would add to is never shared.
#include <algorithm>

#include "cuda/kernels/attention/by_library.h"
#include "cuda/kernels/attention/parts.h"
#include "cuda/kernels/attention/scalar.h"
#include "cuda/kernels/attention/tensor.h"
#include "cuda/kernels/attention/widened.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

extern const Image image_attention_parts;

namespace {

constinit Kernel deltas[] = {{image_attention_parts, "attention_delta_f32"},
                             {image_attention_parts, "attention_delta_f64"},
                             {image_attention_parts, "attention_delta_bf16"},
                             {image_attention_parts, "attention_delta_f16"}};

const void* delta_of(const Call& call, const AttentionArgs& args) {
  const DType dtype = call.in[0].dtype;
  const int64_t rows = int64_t{args.b} * args.h * args.t;
  DeltaArgs delta{head_rows(call.in[0]), head_rows(call.in[1]), nullptr, rows, args.h, args.t, args.e};
  delta.delta = call.scratch(static_cast<size_t>(std::max<int64_t>(rows, 1)) * (dtype == DType::f64 ? 8 : 4));
  launch(call, deltas[static_cast<int>(dtype)], Dim((rows + kDeltaThreads / 32 - 1) / (kDeltaThreads / 32)),
         Dim(kDeltaThreads), 0, delta);
  return delta.delta;
}

// By kernels of our own.
void run_backward(const Call& call, AttentionArgs& args) {
  const TensorRef &gq = call.out[0], &gk = call.out[1], &gv = call.out[2];
  const DType dtype = call.in[3].dtype;
  const bool by_rows = call.attr[9] != 0;
  const int64_t hk = call.in[4].dim(1);
  args.delta = delta_of(call, args);
  // Whose blocks own queries, then whose own keys.
  const auto run = [&](DType type, void* to_q, void* to_k, void* to_v, auto queries, auto keys) {
    args.y = result_rows(to_q, args.h, args.t, args.d, by_rows);
    queries(call, type, args);
    args.y = result_rows(to_k, hk, args.s, args.d, by_rows);
    args.gv = result_rows(to_v, hk, args.s, args.e, by_rows);
    keys(call, type, args);
  };
  if (dtype == DType::f32 || dtype == DType::f64) {
    args.g = head_rows(call.in[0]);
    return run(dtype, gq.data, gk.data, gv.data, run_scalar_queries, run_scalar_keys);
  }
  if (takes_tensor(args)) {
    align_operands(call, args, 3);
    args.g = aligned_rows(call, call.in[0]);
    return run(dtype, gq.data, gk.data, gv.data, run_tensor_queries, run_tensor_keys);
  }
  widen_operands(call, args, 3, true);
  args.g = widened(call, call.in[0]);
  const WideResult wide_q(call, gq), wide_k(call, gk), wide_v(call, gv);
  run(DType::f32, wide_q.data, wide_k.data, wide_v.data, run_scalar_queries, run_scalar_keys);
  for (const WideResult* result : {&wide_q, &wide_k, &wide_v}) result->deliver(call);
}

}  // namespace

SINTER_CUDA_OP(attentionBackward) {
  AttentionArgs args = attention_args(call, "attentionBackward", 3);
  args.lse = call.in[2].data;
  const auto own = [&] { run_backward(call, args); };
  if (is_for_library(call, args, true)) return backward_by_choice(call, args, own);
  own();
}

}  // namespace sinter::cuda
