// Convolution of bf16 by pairs, in front of what computes it in f32. Place in the whole: gemm/matmul_bf16.cpp puts this set's kernels
// into the table.
#pragma once
#include "cpu/conv/weight_grad.h"

namespace sinter::cpu::SINTER_ISA {

void override_conv(Kernel* conv, Kernel* input_grad, Kernel* weight_grad, Kernel* channels_last);

// channels_last_bf16.cpp, weight_grad_bf16.cpp
void conv_channels_last_pairs(const Call& c);
void gemm_weight_grad_pairs(const Call& c, const Problem& p, const WeightGrad& out);

}  // namespace sinter::cpu::SINTER_ISA
