// The tensor cores' number formats: codes to significand and exponent, and f16 results. Place in the whole: tensor_core.cpp sums
// what this decodes; fragments.cpp and wgmma.cpp bring the codes.
//
// A number is significand * 2^exponent, the significand's magnitude in [1, 2) or, of denormals and zero, below 1 at the format's
// lowest exponent: the alignment of the tensor cores goes by that exponent, not by the value.
#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace sinter::sim {

struct FloatFormat {
  int exponent_bits, fraction_bits;
  bool infinities = true;  // else only all ones are NaN (e4m3)
  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
};

inline constexpr FloatFormat kF16{5, 10}, kBF16{8, 7}, kE4M3{4, 3, false}, kE5M2{5, 2}, kTF32{8, 10}, kF32{8, 23};

// The exponent of zero: below any other, also after adding one.
inline constexpr int32_t kNoExponent = -4096;

template <FloatFormat F>
constexpr bool is_special(uint32_t code) {
  const uint32_t rest = code & ((1u << (F.exponent_bits + F.fraction_bits)) - 1);
  const uint32_t infinity = ((1u << F.exponent_bits) - 1) << F.fraction_bits;
  return F.infinities ? rest >= infinity : rest == infinity + (1u << F.fraction_bits) - 1;
}

// [codes] in the low bits of words. Says whether any is infinite or NaN; such have a significand of 0 here.
template <FloatFormat F>
bool decode(const uint32_t* codes, int count, float* significand, int32_t* exponent) {
  constexpr uint32_t kFields = (1u << F.exponent_bits) - 1, kFraction = (1u << F.fraction_bits) - 1;
  uint32_t special = 0;
  for (int i = 0; i < count; ++i) {
    const uint32_t code = codes[i];
    const uint32_t sign = code << (31 - F.exponent_bits - F.fraction_bits) & 0x80000000u;
    const uint32_t field = code >> F.fraction_bits & kFields, fraction = code & kFraction;
    const float one = std::bit_cast<float>(sign | 0x3F800000u);
    const float whole = std::bit_cast<float>(sign | 0x3F800000u | fraction << (23 - F.fraction_bits));
    const float value = field ? whole : whole - one;
    significand[i] = value;
    exponent[i] = value == 0 ? kNoExponent : static_cast<int32_t>(field ? field : 1) - F.bias();
    special |= is_special<F>(code);
  }
  if (!special) return false;
  for (int i = 0; i < count; ++i)
    if (is_special<F>(codes[i])) {
      significand[i] = 0;
      exponent[i] = kNoExponent;
    }
  return true;
}

// To the nearest f16, ties to even; what rounds to zero is +0, as in a tensor core.
inline float rounded_to_f16(double x) {
  if (!std::isfinite(x)) return static_cast<float>(x);
  const uint64_t field = std::max<uint64_t>(std::bit_cast<uint64_t>(x) >> 52 & 0x7FF, 1023 - 14);
  const double magic = std::bit_cast<double>((field + 42) << 52 | uint64_t{1} << 51);  // its last bit is f16's
  const double rounded = (x + magic) - magic;
  return std::fabs(rounded) > 65504 ? std::copysign(INFINITY, static_cast<float>(x)) : static_cast<float>(rounded);
}

// The code of a float that is an f16; NaN as a device gives it.
inline uint32_t f16_code(float x) {
  if (std::isnan(x)) return 0x7FFF;
  const uint32_t bits = std::bit_cast<uint32_t>(x), sign = bits >> 16 & 0x8000;
  const int32_t field = static_cast<int32_t>(bits >> 23 & 0xFF) - 112;
  if (field >= 31) return sign | 0x7C00;
  if (field > 0) return sign | static_cast<uint32_t>(field) << 10 | (bits >> 13 & 0x3FF);
  return sign | static_cast<uint32_t>(std::fabs(x) * 0x1p24f);
}

// What is left of a number's size where only signs, zeros, infinities and NaN matter.
template <FloatFormat F>
float kind_of(uint32_t code) {
  const bool negative = code >> (F.exponent_bits + F.fraction_bits) & 1;
  const uint32_t rest = code & ((1u << (F.exponent_bits + F.fraction_bits)) - 1);
  const uint32_t infinity = ((1u << F.exponent_bits) - 1) << F.fraction_bits;
  const float size = !is_special<F>(code) ? (rest ? 1.0f : 0.0f) : F.infinities && rest == infinity ? INFINITY : NAN;
  return negative ? -size : size;
}

inline float f16_value(uint32_t code) {
  if (is_special<kF16>(code)) return kind_of<kF16>(code);
  const float size = std::bit_cast<float>((code & 0x7FFF) << 13) * 0x1p112f;  // exponents differ by 112
  return code & 0x8000 ? -size : size;
}

// A device's NaN has every bit but the sign.
inline uint32_t f32_code(float x) { return std::isnan(x) ? 0x7FFFFFFFu : std::bit_cast<uint32_t>(x); }

}  // namespace sinter::sim
