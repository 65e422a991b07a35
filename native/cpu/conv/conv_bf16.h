// Convolution of bf16 by pairs, in front of what computes it in f32. Place in the whole: gemm/matmul_bf16.cpp puts this set's kernels
// into the table.
#pragma once
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

void override_conv(Kernel* conv, Kernel* input_grad, Kernel* channels_last);

// channels_last_bf16.cpp
void conv_channels_last_pairs(const Call& c);

}  // namespace sinter::cpu::SINTER_ISA
