// Integer sums of mma.sync, mma.sp and wgmma. Place in the whole: beside tensor_core.h, for s8, u8, s4, u4 and b1.
#pragma once
#include <cstdint>

#include "matrix.h"

namespace sinter::sim {

inline constexpr int kMaxIntegerTerms = 128;  // of b1, words of 32 bits

// d[rows][8] = sum of products + c; codes as fragments.h has them, extended here. pick as of TensorRows, or null.
struct IntegerProduct {
  Element a{}, b{};
  bool saturate = false, exclusive = false;
  int rows = 16, terms = 0;
  const uint32_t *codes_a = nullptr, *codes_b = nullptr;
  const uint8_t* pick = nullptr;  // [rows][terms]
};
void integer_sums(const IntegerProduct& op, const int32_t* c, int32_t* d);

void mma_integer(const Mma& op, Registers d, ReadRegisters a, ReadRegisters b, ReadRegisters c);

// [16][8] (m8: [8][8]) accumulators.
void integers_from(ReadRegisters c, int rows, int32_t* sums);
void integers_to(const int32_t* sums, int rows, Registers d);

}  // namespace sinter::sim
