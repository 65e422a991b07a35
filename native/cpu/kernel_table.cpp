// This instruction set's kernels, by opcode. Place in the whole: compiled once per instruction set; dispatch.cpp picks one table.
#include <cstdio>

#include "cpu/gemm/gemm.h"
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

// What the kernels of this unit look like, for `sinter info`.
void describe(char* text, size_t size) {
  std::snprintf(text, size, "vectors of %d bits; gemm tiles f32 %dx%d, f64 %dx%d", kVecBytes * 8, kMR, kNR<float>, kMR,
                kNR<double>);
}

}  // namespace sinter::cpu::SINTER_ISA
