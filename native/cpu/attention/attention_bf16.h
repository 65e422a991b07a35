// Attention of bf16 by pairs. Place in the whole: between attention_bf16.cpp and gemm/matmul_bf16.cpp, which fills the table.
#pragma once
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// Puts bf16's kernels in front of these.
void override_attention(Kernel* attention, Kernel* paged, Kernel* backward);

}  // namespace sinter::cpu::SINTER_ISA
