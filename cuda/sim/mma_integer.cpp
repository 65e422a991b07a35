// mma_integer.h: exact sums, which wrap, or saturate once at the end.
#include "mma_integer.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "fragments.h"

namespace sinter::sim {
namespace {

int32_t extended(uint32_t code, Element type) {
  switch (type) {
    case Element::kS8: return static_cast<int8_t>(code);
    case Element::kS4: return static_cast<int32_t>(code << 28) >> 28;
    default: return static_cast<int32_t>(code);
  }
}

int32_t finished(int64_t sum, bool saturate) {
  using Limits = std::numeric_limits<int32_t>;
  if (saturate) return static_cast<int32_t>(std::clamp<int64_t>(sum, Limits::min(), Limits::max()));
  return static_cast<int32_t>(static_cast<uint32_t>(sum));
}

}  // namespace

void integer_sums(const IntegerProduct& op, const int32_t* c, int32_t* d) {
  int32_t b[kMaxIntegerTerms][8];
  const int terms_b = op.pick ? 2 * op.terms : op.terms;
  for (int p = 0; p < terms_b; ++p)
    for (int j = 0; j < 8; ++j) b[p][j] = extended(op.codes_b[p * 8 + j], op.b);
  for (int row = 0; row < op.rows; ++row) {
    int32_t sum[8] = {};  // below 2^31: at most 128 products of 2^16, or 256 bits
    for (int p = 0; p < op.terms; ++p) {
      const int32_t x = extended(op.codes_a[row * op.terms + p], op.a);
      const int32_t* y = b[op.pick ? op.pick[row * op.terms + p] : p];
      if (op.a != Element::kB1)
        for (int j = 0; j < 8; ++j) sum[j] += x * y[j];
      else
        for (int j = 0; j < 8; ++j) sum[j] += std::popcount(static_cast<uint32_t>(op.exclusive ? x ^ y[j] : x & y[j]));
    }
    for (int j = 0; j < 8; ++j) d[row * 8 + j] = finished(int64_t{c[row * 8 + j]} + sum[j], op.saturate);
  }
}

void integers_from(ReadRegisters c, int rows, int32_t* sums) {
  for (int row = 0; row < rows; ++row)
    for (int col = 0; col < 8; ++col)
      sums[row * 8 + col] = static_cast<int32_t>(c[2 * (row / 8) + col % 2][4 * (row % 8) + col / 2]);
}

void integers_to(const int32_t* sums, int rows, Registers d) {
  for (int row = 0; row < rows; ++row)
    for (int col = 0; col < 8; ++col)
      d[2 * (row / 8) + col % 2][4 * (row % 8) + col / 2] = static_cast<uint32_t>(sums[row * 8 + col]);
}

void mma_integer(const Mma& op, Registers d, ReadRegisters a, ReadRegisters b, ReadRegisters c) {
  uint32_t codes_a[16 * kMaxIntegerTerms], codes_b[kMaxIntegerTerms * 8];
  int32_t sums[128] = {};                  // half of them with m8
  const bool bits = op.a == Element::kB1;  // 32 of them are one term
  IntegerProduct product{.a = op.a,
                         .b = op.b,
                         .saturate = op.saturate,
                         .exclusive = op.exclusive,
                         .rows = op.m,
                         .terms = bits ? op.k / 32 : op.k,
                         .codes_a = codes_a,
                         .codes_b = codes_b};
  codes_of_a(a, op.m, product.terms, bits ? Element::kS32 : op.a, codes_a);
  codes_of_b(b, product.terms, bits ? Element::kS32 : op.b, codes_b);
  integers_from(c, op.m, sums);
  integer_sums(product, sums, sums);
  integers_to(sums, op.m, d);
}

}  // namespace sinter::sim
