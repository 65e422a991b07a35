// Halves as f32: what tensor cores' kernels do not take (widths above 256) is computed by those of f32. Place in the whole: of the host
// sides of attention.
#pragma once
#include "cuda/kernels/attention/operands.h"
#include "cuda/kernels/pointwise/move.h"

namespace sinter::cuda {

// A contiguous f32 copy of x: its rows.
HeadRows widened(const Call& call, const TensorRef& x);
// Memory for a result y, which `deliver` casts into it.
struct WideResult {
  const TensorRef& y;
  void* data;
  WideResult(const Call& call, const TensorRef& y);
  void deliver(const Call& call) const;
};
// q, k, v and the mask of `args` become f32, in[first] on of the call's.
void widen_operands(const Call& call, AttentionArgs& args, int first, bool mask);

}  // namespace sinter::cuda
