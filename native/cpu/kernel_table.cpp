// This instruction set's kernels, by opcode. Place in the whole: compiled once per instruction set; dispatch.cpp picks one table.
#include "engine/backend.h"

namespace sinter::cpu::SINTER_ISA {

#define OP(name, code, group, mutates, contiguous) void name(const Call&);
#include "ops.def"
#undef OP

void fill_table(Kernel* table) {
#define OP(name, code, group, mutates, contiguous) table[code] = name;
#include "ops.def"
#undef OP
}

}  // namespace sinter::cpu::SINTER_ISA
