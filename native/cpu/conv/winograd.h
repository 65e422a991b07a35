// Convolution by fewer products than it has. Place in the whole: a way of conv and convInputGrad for 3 x 3 kernels of stride 1 in
// f32, bf16 and f16, where precision 'high' allows it and the work is large enough to pay for the transforms.
#pragma once
#include "cpu/conv/problem.h"

namespace sinter::cpu::SINTER_ISA {

// Where the 3 x 3 kernels lie: of group g, target channel i and source channel ch at data + g * group + i * row + ch * channel, nine
// elements in a row; `flipped`: the last one meets the least tap.
struct Kernels3x3 {
  const void* data;
  int64_t group, row, channel;
  bool flipped;
};

// dtype: of all operands.
void winograd(const Call& c, DType dtype, int tile, const Problem& p, const Kernels3x3& kernels, const Target& target);

}  // namespace sinter::cpu::SINTER_ISA
