// Launches of scalar.cuh's kernels. Place in the whole: attention.cpp, attention_backward.cpp and paged.cpp come here with f32 and f64, and
// with halves that tensor cores' kernels do not take.
#pragma once
#include "cuda/kernels/attention/operands.h"

namespace sinter::cuda {

// y, and lse where args.lse is not null.
void run_scalar(const Call& call, DType dtype, AttentionArgs args);
// gq to args.y.
void run_scalar_queries(const Call& call, DType dtype, AttentionArgs args);
// gk to args.y, gv.
void run_scalar_keys(const Call& call, DType dtype, AttentionArgs args);

}  // namespace sinter::cuda
