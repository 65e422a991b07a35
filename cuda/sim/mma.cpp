// mma.sync of floats; integers are in mma_integer.cpp. Place in the whole: one of matrix.h's models.
#include <array>
#include <bit>
#include <cmath>

#include "fragments.h"
#include "mma_integer.h"
#include "small_float.h"
#include "tensor_core.h"

namespace sinter::sim {

// Eight-bit floats have no unit of their own in mma.sync of an H200: they become f16, two of each word at a time, so that terms
// with k mod 4 of 0 or 1 are summed first, from zero, and the others on top; the accumulator is added last, by an ordinary
// addition.
void float8_sums(const TensorRows& a, const TensorColumns& b, int terms, Element sum, const float* c, float* d) {
  const TensorRounding rounding{.to_f16 = sum == Element::kF16};
  std::array<float, 128> products{};
  tensor_sums(a, b, 0, terms / 2, products.data(), products.data(), rounding);
  tensor_sums(a, b, terms / 2, terms / 2, products.data(), products.data(), rounding);
  for (int i = 0; i < 128; ++i)
    d[i] = sum == Element::kF16 ? rounded_to_f16(double{products[i]} + double{c[i]}) : products[i] + c[i];
}

void mma(const Mma& op, Registers d, ReadRegisters a, ReadRegisters b, ReadRegisters c) {
  if (op.sum == Element::kS32) return mma_integer(op, d, a, b, c);
  uint32_t codes[16 * kMaxTerms];
  TensorRows rows;
  TensorColumns columns;
  codes_of_a(a, 16, op.k, op.a, codes);
  decode_rows(op.a, codes, op.k, rows);
  codes_of_b(b, op.k, op.b, codes);
  decode_columns(op.b, codes, op.k, columns);
  float sums[128];
  sums_from(c, op.sum, sums);
  if (bits_of(op.a) == 8)
    float8_sums(rows, columns, op.k, op.sum, sums, sums);
  else
    tensor_sums(rows, columns, 0, op.k, sums, sums, {.to_f16 = op.sum == Element::kF16});
  sums_to(sums, op.sum, d);
}

// Lane 4g + t holds row g + 8 (r mod 2), column t + 4 (r div 2) of A (m8: one row); row t + 4r of column g of B. Fused
// multiply-adds in the order of k.
void mma_f64(const Mma& op, uint64_t* const* d, const uint64_t* const* a, const uint64_t* const* b,
             const uint64_t* const* c) {
  const int halves = op.m / 8;
  double sums[16][8];
  for (int row = 0; row < op.m; ++row)
    for (int col = 0; col < 8; ++col) {
      const int lane = 4 * (row % 8) + col / 2;
      double sum = std::bit_cast<double>(c[2 * (row / 8) + col % 2][lane]);
      for (int k = 0; k < op.k; ++k) {
        const double x = std::bit_cast<double>(a[halves * (k / 4) + row / 8][4 * (row % 8) + k % 4]);
        const double y = std::bit_cast<double>(b[k / 4][4 * col + k % 4]);
        sum = std::fma(x, y, sum);
      }
      sums[row][col] = sum;
    }
  for (int row = 0; row < op.m; ++row)
    for (int col = 0; col < 8; ++col)
      d[2 * (row / 8) + col % 2][4 * (row % 8) + col / 2] = std::bit_cast<uint64_t>(sums[row][col]);
}

}  // namespace sinter::sim
