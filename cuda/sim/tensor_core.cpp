// tensor_core.h: eight columns side by side, in floats and 32-bit integers, so that the compiler makes vectors of them.
//
// Why this is exact: a product of two significands (at most 11 bits each; 22 bits) is exact in f32. Scaled by
// 2^(fraction + its exponent - the largest exponent), it is below 2^(2 + 25), and the scaling is exact, as it is a power of two
// that is a normal number (scales below kSmallest would give less than 1, which is cut to 0 all the same). The conversion to int32
// cuts toward zero. Eight such terms stay below 2^30; these are added in int32, and groups of eight in double, as is the
// accumulator: below 2^34, an integer, so exact.
#include "tensor_core.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "small_float.h"

namespace sinter::sim {
namespace {

constexpr int kSmallest = -40;

float power_of_two(int exponent) { return std::bit_cast<float>((exponent + 127) << 23); }
double wide_power_of_two(int exponent) { return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52); }

template <FloatFormat F>
bool decode_all(const uint32_t* codes, int rows, int cols, float* significand, int32_t* exponent, float* kind,
                int stride) {
  bool special = false;
  for (int i = 0; i < rows; ++i)
    special |= decode<F>(codes + i * cols, cols, significand + i * stride, exponent + i * stride);
  for (int i = 0; special && i < rows; ++i)
    for (int j = 0; j < cols; ++j) kind[i * stride + j] = kind_of<F>(codes[i * cols + j]);
  return special;
}

template <class... Arguments>
bool decode_type(Element type, Arguments... arguments) {
  switch (type) {
    case Element::kF16: return decode_all<kF16>(arguments...);
    case Element::kBF16: return decode_all<kBF16>(arguments...);
    case Element::kTF32: return decode_all<kTF32>(arguments...);
    case Element::kE4M3: return decode_all<kE4M3>(arguments...);
    case Element::kE5M2: return decode_all<kE5M2>(arguments...);
    default: throw std::logic_error("tensor_sums: not a float type");
  }
}

// Infinities and NaN: the sum has them as any sum of floats would.
float special_sum(const TensorRows& a, const TensorColumns& b, int row, int col, int first, int terms, float c) {
  bool up = c == INFINITY, down = c == -INFINITY, nan = std::isnan(c);
  for (int p = first; p < first + terms; ++p) {
    const int other = a.pick ? a.pick[row][p] : p;
    const float x = (a.special ? a.kind[row][p] : a.significand[row][p]) *
                    (b.special ? b.kind[other][col] : b.significand[other][col]);
    nan |= std::isnan(x);
    up |= x == INFINITY;
    down |= x == -INFINITY;
  }
  if (nan || (up && down)) return NAN;
  return up ? INFINITY : down ? -INFINITY : 0.0f;
}

float finished(double sum, int top, TensorRounding rounding) {
  if (rounding.to_f16) return rounded_to_f16(sum * wide_power_of_two(top - rounding.fraction));
  const uint64_t keep = ~uint64_t{0} << (53 - rounding.significand);
  const double cut =
      std::bit_cast<double>(std::bit_cast<uint64_t>(sum) & keep) * wide_power_of_two(top - rounding.fraction);
  if (std::fabs(cut) >= 0x1p-126 || cut == 0) return static_cast<float>(cut);
  const int below = rounding.significand - 1 + 126;  // denormals: the last bit has a fixed place
  return static_cast<float>(std::trunc(std::ldexp(cut, below)) * std::ldexp(1.0, -below));
}

}  // namespace

void decode_rows(Element type, const uint32_t* codes, int terms, TensorRows& rows) {
  rows.special =
      decode_type(type, codes, 16, terms, &rows.significand[0][0], &rows.exponent[0][0], &rows.kind[0][0], kMaxTerms);
}

void decode_columns(Element type, const uint32_t* codes, int terms, TensorColumns& columns) {
  columns.special = decode_type(type, codes, 1, terms * 8, &columns.significand[0][0], &columns.exponent[0][0],
                                &columns.kind[0][0], 0);
}

void tensor_sums(const TensorRows& a, const TensorColumns& b, int first, int terms, const float* c, float* d,
                 TensorRounding rounding) {
  for (int row = 0; row < 16; ++row) {
    alignas(32) float c_significand[8];
    alignas(32) int32_t c_exponent[8], top[8];
    alignas(32) uint32_t c_code[8];
    for (int j = 0; j < 8; ++j) c_code[j] = std::bit_cast<uint32_t>(c[row * 8 + j]);
    bool special = decode<kF32>(c_code, 8, c_significand, c_exponent);
    std::copy_n(c_exponent, 8, top);
    const auto other = [&](int p) { return a.pick ? a.pick[row][p] : p; };
    for (int p = first; p < first + terms; ++p) {
      const int32_t x = a.exponent[row][p];
      const int32_t* y = b.exponent[other(p)];
      for (int j = 0; j < 8; ++j) top[j] = std::max(top[j], x + y[j]);
    }
    alignas(64) double sum[8];
    for (int j = 0; j < 8; ++j) {
      const int scale = std::max(c_exponent[j] - top[j] + rounding.fraction, kSmallest);
      sum[j] = std::trunc(c_significand[j] * power_of_two(scale));
    }
    for (int p = first; p < first + terms;) {
      alignas(32) int32_t group[8] = {};
      for (const int end = std::min(p + 8, first + terms); p < end; ++p) {
        const float x = a.significand[row][p];
        const int32_t x_exponent = a.exponent[row][p] + rounding.fraction;
        const float* y = b.significand[other(p)];
        const int32_t* y_exponent = b.exponent[other(p)];
        for (int j = 0; j < 8; ++j) {
          const int32_t scale = std::max(x_exponent + y_exponent[j] - top[j], kSmallest);
          group[j] += static_cast<int32_t>(x * y[j] * power_of_two(scale));
        }
      }
      for (int j = 0; j < 8; ++j) sum[j] += group[j];
    }
    special |= a.special || b.special;
    for (int j = 0; j < 8; ++j) {
      float result = finished(sum[j], std::max(top[j], -900), rounding);
      if (special) {
        const float other_sum = special_sum(a, b, row, j, first, terms, c[row * 8 + j]);
        if (other_sum != 0) result = other_sum;
      }
      d[row * 8 + j] = result;
    }
  }
}

}  // namespace sinter::sim
