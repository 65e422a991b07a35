// tensor_core.h: eight columns side by side, in vectors of floats and 32-bit integers.
//
// Why this is exact: a product of two significands (at most 11 bits each; 22 bits) is exact in f32. Scaled by
// 2^(fraction + its exponent - the largest exponent), it is below 2^(2 + 25), and the scaling is exact, as it is a power of two
// that is a normal number (scales below kSmallest would give less than 1, which is cut to 0 all the same). The conversion to int32
// cuts toward zero. Eight such terms stay below 2^30; these are added in int32, and groups of eight in double, as is the
// accumulator: below 2^34, an integer, so exact.
#include "tensor_core.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "small_float.h"

namespace sinter::sim {
namespace {

#pragma GCC diagnostic ignored "-Wpsabi"  // of vectors passed to functions that are always inlined

// Vectors of the compiler: one instruction or several, as the machine has them.
using Floats = float __attribute__((vector_size(32)));
using Ints = int32_t __attribute__((vector_size(32)));
using Doubles = double __attribute__((vector_size(64)));
using Longs = int64_t __attribute__((vector_size(64)));

template <class V, class T>
[[gnu::always_inline]] inline V load(const T* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

constexpr int kSmallest = -40;

[[gnu::always_inline]] inline Floats powers_of_two(const Ints& exponent) {
  const Ints smallest = Ints{} + kSmallest;
  return reinterpret_cast<Floats>(((exponent > smallest ? exponent : smallest) + 127) << 23);
}

constexpr std::array<uint8_t, kMaxTerms> kInOrder = [] {
  std::array<uint8_t, kMaxTerms> order{};
  for (int i = 0; i < kMaxTerms; ++i) order[i] = static_cast<uint8_t>(i);
  return order;
}();

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

void put_special_sums(const TensorRows& a, const TensorColumns& b, int first, int terms, const uint32_t* c, float* d) {
  for (int row = 0; row < 16; ++row)
    for (int col = 0; col < 8; ++col) {
      const float sum = special_sum(a, b, row, col, first, terms, std::bit_cast<float>(c[row * 8 + col]));
      if (sum != 0) d[row * 8 + col] = sum;
    }
}

// [sum] counts units of 2^(top - fraction).
[[gnu::always_inline]] inline void finish(Doubles& sum, const Ints& top, TensorRounding rounding, float* d) {
  const Ints lowest = Ints{} - 900;  // of zeros, which have no exponent
  const Longs exponent = __builtin_convertvector((top > lowest ? top : lowest) - rounding.fraction, Longs);
  if (!rounding.to_f16)
    sum = reinterpret_cast<Doubles>(reinterpret_cast<Longs>(sum) & -1LL << (53 - rounding.significand));
  sum *= reinterpret_cast<Doubles>((exponent + 1023) << 52);
  for (int j = 0; j < 8; ++j) {
    if (rounding.to_f16)
      d[j] = rounded_to_f16(sum[j]);
    else if (std::fabs(sum[j]) >= 0x1p-126 || sum[j] == 0)
      d[j] = static_cast<float>(sum[j]);
    else {
      const int below = rounding.significand - 1 + 126;  // denormals: the last bit has a fixed place
      d[j] = static_cast<float>(std::trunc(std::ldexp(sum[j], below)) * std::ldexp(1.0, -below));
    }
  }
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
  const Ints fraction = Ints{} + rounding.fraction;
  alignas(64) float c_significand[128];
  alignas(64) int32_t c_exponent[128];
  uint32_t c_code[128];  // kept, as d may be c
  std::memcpy(c_code, c, sizeof c_code);
  const bool special = decode<kF32>(c_code, 128, c_significand, c_exponent) | a.special | b.special;
  for (int row = 0; row < 16; ++row) {
    const uint8_t* pick = a.pick ? a.pick[row] : kInOrder.data();
    const Ints start = load<Ints>(c_exponent + row * 8);
    Ints top = start;
    for (int p = first; p < first + terms; ++p) {
      const Ints exponent = a.exponent[row][p] + load<Ints>(b.exponent[pick[p]]);
      top = exponent > top ? exponent : top;
    }
    const Ints shift = fraction - top;
    const Doubles initial = __builtin_convertvector(
        __builtin_convertvector(load<Floats>(c_significand + row * 8) * powers_of_two(start + shift), Ints), Doubles);
    Doubles sum = initial;
    for (int p = first; p < first + terms;) {
      Ints group{};
      for (const int end = std::min(p + 8, first + terms); p < end; ++p) {
        const Ints scale = a.exponent[row][p] + load<Ints>(b.exponent[pick[p]]) + shift;
        const Floats product = a.significand[row][p] * load<Floats>(b.significand[pick[p]]);
        group += __builtin_convertvector(product * powers_of_two(scale), Ints);
      }
      sum += __builtin_convertvector(group, Doubles);
    }
    finish(sum, top, rounding, d + row * 8);
  }
  if (special) put_special_sums(a, b, first, terms, c_code, d);
}

}  // namespace sinter::sim
