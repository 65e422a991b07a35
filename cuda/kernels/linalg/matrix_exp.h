// What matrix_exp.cu and its host side agree on. Place in the whole: see matrix_exp.cpp.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kExpThreads = 256;
constexpr int kExpColumns = 32;  // whose sums a block makes
constexpr int kExpItems = 4;     // elements that a thread has

// How a matrix is brought to where the polynomial is exact to rounding; -1 halvings: it is not finite.
struct ExpItem {
  double factor;  // 2^-halvings
  int64_t halvings;
};

// out = c[0] + c[1] a + c[2] a^2 + c[3] a^3 + c[4] a^4 of (n, n) matrices, all contiguous; a power that does not count
// is null. 16-byte aligned.
struct PolynomialArgs {
  const void* powers[4];
  void* out;
  double c[5];
  int64_t n, total;
};

}  // namespace sinter::cuda
