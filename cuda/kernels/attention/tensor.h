// Launches of the kernels for halves on tensor cores. Place in the whole: attention.cpp, attention_backward.cpp and paged.cpp come here with
// bf16 and f16.
#pragma once
#include "cuda/kernels/attention/operands.h"

namespace sinter::cuda {

// Widths that they take.
inline bool takes_tensor(const AttentionArgs& args) { return args.d <= kTensorMostWidth && args.e <= kTensorMostWidth; }
// q, k and v of `args`, in[first] on of the call's, as they are or, where 16 bytes do not divide address and strides, copied.
void align_operands(const Call& call, AttentionArgs& args, int first);
HeadRows aligned_rows(const Call& call, const TensorRef& x);

// y, and lse where args.lse is not null.
void run_tensor(const Call& call, DType dtype, AttentionArgs args);
// gq to args.y.
void run_tensor_queries(const Call& call, DType dtype, AttentionArgs args);
// gk to args.y, gv.
void run_tensor_keys(const Call& call, DType dtype, AttentionArgs args);

}  // namespace sinter::cuda
