// Attention by cuDNN. Place in the whole: attention.cpp and attention_backward.cpp ask here first where cuda/vendor/choices.h says so.
#pragma once
#include <functional>

#include "cuda/kernels/attention/attention.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// By the library where it is chosen and takes what is asked, else by own(): bf16 or f16, all keys or those up to the query's place, no
// mask, slopes, cap, dropout or packed sequences. `args` as attention_args has them, with args.y (and, backward, args.g) not read yet.
// The call's operands and results are those of the operator.
bool is_for_library(const Call& call, const AttentionArgs& args, bool backward);
void forward_by_choice(const Call& call, const AttentionArgs& args, const std::function<void()>& own);
void backward_by_choice(const Call& call, const AttentionArgs& args, const std::function<void()>& own);

}  // namespace sinter::cuda
