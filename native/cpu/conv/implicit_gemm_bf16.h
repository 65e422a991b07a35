// Convolution of bf16 by pairs of source channels. Place in the whole: conv_bf16.cpp states problems for implicit_gemm_bf16.cpp.
#pragma once
#include "cpu/conv/pair_kernels.h"
#include "cpu/conv/problem.h"

namespace sinter::cpu::SINTER_ISA {

// As implicit_gemm, of bf16.
void implicit_gemm_pairs(const Call& c, const Problem& p, const PairKernels& kernels, const Target& target);

}  // namespace sinter::cpu::SINTER_ISA
