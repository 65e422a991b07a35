// Products of bytes with vpdpbusd. Place in the whole: replaces avx512's where the processor has AVX-512 VNNI; packed weights
// are the same.
#include "cpu/quant/int_matmul.h"
#include "cpu/quant/linear.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

enum Opcode {
#define OP(name, code, group, mutates, contiguous) kOpcode_##name = code,
#include "ops.def"
#undef OP
};

}  // namespace

void override_table(Kernel* table) {
  table[kOpcode_intMatmul] = intMatmul;
  table[kOpcode_dynamicQuantizedLinear] = dynamicQuantizedLinear;
  table[kOpcode_quantizedLinear] = quantizedLinear;
}

}  // namespace sinter::cpu::SINTER_ISA
