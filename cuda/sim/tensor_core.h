// How tensor cores add. Place in the whole: mma.cpp, mma_sparse.cpp and wgmma.cpp bring operands here and take sums back.
//
// As an H200 does it (test/golden/ptx/README.md): products are exact. All products and the accumulator are aligned to the largest
// exponent among them, where a product's is the sum of its operands'; each is cut toward zero [fraction] bits below that, the
// rest is added exactly, and the sum is cut toward zero to [significand] bits, or rounded to the nearest f16.
#pragma once
#include <cstdint>

#include "matrix.h"

namespace sinter::sim {

inline constexpr int kMaxTerms = 64;

// 16 rows of A. Row i's term p is multiplied with row pick[i][p] of B where there are picks (sparse A), else with row p.
struct TensorRows {
  alignas(64) float significand[16][kMaxTerms];
  alignas(64) int32_t exponent[16][kMaxTerms];
  bool special = false;  // there are infinities or NaN: zeros above, to be seen in kind
  float kind[16][kMaxTerms];
  const uint8_t (*pick)[kMaxTerms] = nullptr;
};

// 8 columns of B.
struct TensorColumns {
  alignas(64) float significand[kMaxTerms][8];
  alignas(64) int32_t exponent[kMaxTerms][8];
  bool special = false;
  float kind[kMaxTerms][8];
};

struct TensorRounding {
  int fraction = 25, significand = 24;
  bool to_f16 = false;
};

// Row-major codes of [terms] columns of A (16 x terms) or rows of B (terms x 8), of a float type; of
// tf32 without its low 13 bits.
void decode_rows(Element type, const uint32_t* codes, int terms, TensorRows& rows);
void decode_columns(Element type, const uint32_t* codes, int terms, TensorColumns& columns);

// d = the products of terms [first, first + terms) + c, [16][8]. c and d may be the same. f16 accumulators come as floats.
void tensor_sums(const TensorRows& a, const TensorColumns& b, int first, int terms, const float* c, float* d,
                 TensorRounding rounding);

// mma.sync and mma.sp of 8-bit floats, which have no unit of their own there (mma.cpp).
void float8_sums(const TensorRows& a, const TensorColumns& b, int terms, Element sum, const float* c, float* d);

}  // namespace sinter::sim
