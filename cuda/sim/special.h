// Special registers: %tid.x and the like. Place in the whole: decode.cpp reads them into a register in front of the instruction
// that names one.
#pragma once
#include <string_view>

#include "code.h"

namespace sinter::sim {

// The number by which run_special knows the register, and its size; -1: there is none of this name.
int special_register(std::string_view name, uint32_t& bytes);
// in.option: that number.
void run_special(Warp& warp, const Instruction& in, uint32_t mask);
void run_special_predicate(Warp& warp, const Instruction& in, uint32_t mask);
void run_special64(Warp& warp, const Instruction& in, uint32_t mask);

}  // namespace sinter::sim
