// Complex matrix products through real ones. Place in the whole: matmul hands c64 and c128 over.
#pragma once
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// matmul's call for complex operands; `real` is the product of real matrices.
void complex_matmul(const Call& c, Kernel real);

}  // namespace sinter::cpu::SINTER_ISA
