// Which element of a matrix which lane's register holds (PTX ISA, "Matrix Fragments for mma"). Place in the whole: between
// registers and the sums of tensor_core.cpp, mma_integer.cpp.
//
// In every fragment of 32-bit registers, lane 4g + t holds, in register r of A (16 rows; 8 with m8), row g + 8 (r mod 2) and
// word t + 4 (r div 2) of it; in register r of B, column g, word t + 4r. A word is 32 / bits neighbours along k.
//
// The order of terms does not matter to sums, so rows are kept as the words have them: term_of(k) is all first elements of the
// words, then all second ones. That makes rows of four lanes stay together.
#pragma once
#include <cstdint>

#include "matrix.h"

namespace sinter::sim {

inline int term_of(int k, int terms, int bits) {
  const int in_word = 32 / bits;
  return (k % in_word) * (terms / in_word) + k / in_word;
}

// [rows][terms] of A, [rows] 8 or 16; [terms][8] of B: codes in the low bits; of tf32 the upper 19 bits.
void codes_of_a(ReadRegisters a, int rows, int terms, Element type, uint32_t* codes);
void codes_of_b(ReadRegisters b, int terms, Element type, uint32_t* codes);

// [16][8] accumulators: f32 or f16 as floats.
void sums_from(ReadRegisters c, Element type, float* sums);
void sums_to(const float* sums, Element type, Registers d);

}  // namespace sinter::sim
