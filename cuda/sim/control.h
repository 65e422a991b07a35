// Handlers that decode.cpp puts around calls.
#pragma once
#include "code.h"

namespace sinter::sim {

// Goes to in.target; the lanes' way back is kept in in.d.
void run_call(Warp& warp, const Instruction& in, uint32_t mask);
// in.option bytes of local memory, from in.target to in.immediate.
void run_copy_local(Warp& warp, const Instruction& in, uint32_t mask);

}  // namespace sinter::sim
