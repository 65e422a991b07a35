// Attention by the kernels of compute capability 9.0. Place in the whole: tensor.cpp asks, before it takes its own.
#pragma once
#include "cuda/kernels/attention/operands.h"

namespace sinter::cuda {

// y and lse, where this device has the kernels and they can; else false, and nothing is done. `args` are those of one part of the keys.
bool run_hopper_attention(const Call& call, DType dtype, const AttentionArgs& args);
// The same of gq to args.y, or of gk to args.y and gv; scores are those of q and k alone, some of them hidden.
bool run_hopper_backward(const Call& call, DType dtype, const AttentionArgs& args, bool own_keys);

}  // namespace sinter::cuda
