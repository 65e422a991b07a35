// Grouped products of bf16. Place in the whole: between matmul_bf16.cpp, which fills the table, and grouped_bf16.cpp.
#pragma once
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// Puts bf16's kernels in front of these.
void override_grouped(Kernel* matmul, Kernel* experts, Kernel* weight_gradient);

}  // namespace sinter::cpu::SINTER_ISA
