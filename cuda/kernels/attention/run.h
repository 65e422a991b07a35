// The forward pass on whichever kernels take the operands. Place in the whole: attention.cpp has it, paged.cpp calls it too.
#pragma once
#include "cuda/kernels/attention/attention.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// The call's first result, by rows (b, t, h, e) or not, and args.lse where it is not null; in[0] to in[2] are q, k and v, in[3] with
// `masked` a mask.
void run_forward(const Call& call, AttentionArgs& args, bool by_rows, bool masked);

}  // namespace sinter::cuda
