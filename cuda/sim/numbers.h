// Rounding and the narrow float formats of scalar instructions. Place in the whole: shared by the families of float instructions.
//
// Results that must be rounded in a way which the processor does not have, or once and not twice, are made of an exact value, or
// of one that was rounded to odd (the last bit is set where anything was cut off): that can be rounded to any format with at
// least two bits less, in any direction, as the exact value would be.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sinter::sim {

enum class Rounding : uint8_t { kNearest, kZero, kDown, kUp, kAway };  // kAway: nearest, ties away from zero

inline constexpr uint32_t kNaN32 = 0x7FFFFFFF;
inline constexpr uint16_t kNaN16 = 0x7FFF;

// NaN as a device gives it.
inline float canonical(float x) { return x != x ? std::bit_cast<float>(kNaN32) : x; }

inline float flushed(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>(bits & 0x7F800000 ? bits : bits & 0x80000000);
}

// To [0, 1], NaN to 0.
inline float saturated01(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

// hi + lo, lo being what the rounding of hi to nearest has lost (its sign is enough), rounded to odd.
inline double odd(double hi, double lo) {
  if (lo == 0 || !std::isfinite(hi)) return hi;
  uint64_t bits = std::bit_cast<uint64_t>(hi);
  if ((lo < 0) != (hi < 0)) --bits;  // toward zero
  return std::bit_cast<double>(bits | 1);
}

// What a + b loses to rounding.
template <class T>
T lost_by_add(T a, T b, T sum) {
  const T from_b = sum - a;
  return (a - (sum - from_b)) + (b - from_b);
}

inline double odd_add(double a, double b) {
  const double sum = a + b;
  return odd(sum, lost_by_add(a, b, sum));
}

// To float, rounded to odd.
inline float odd_float(double x) {
  const float nearest = static_cast<float>(x);
  const double back = nearest;
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  if (back != x && x == x) {
    bits -= std::fabs(back) > std::fabs(x);
    bits |= 1;
  }
  return std::bit_cast<float>(bits);
}

// [nearest] is x rounded to nearest, [low] and [high] say on which side of x it is: moved to the neighbour that the direction wants.
template <class T>
T directed(T nearest, bool low, bool high, Rounding rounding) {
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  switch (rounding) {
    case Rounding::kDown: return high ? std::nextafter(nearest, -kInfinity) : nearest;
    case Rounding::kUp: return low ? std::nextafter(nearest, kInfinity) : nearest;
    case Rounding::kZero: return (nearest > 0 ? high : low) && nearest != 0 ? std::nextafter(nearest, T{0}) : nearest;
    default: return nearest;
  }
}

// x exact or rounded to odd.
inline float to_float(double x, Rounding rounding) {
  const float nearest = static_cast<float>(x);
  return rounding == Rounding::kNearest ? nearest : directed(nearest, nearest<x, nearest> x, rounding);
}

// --- f16, bf16 and narrower ------------------------------------------------------------------------------------------------

struct Narrow {
  int exponent_bits, fraction_bits;
  uint32_t largest;   // code of the largest finite number
  uint32_t infinity;  // code
  uint32_t nan;
  int lowest() const { return 2 - (1 << (exponent_bits - 1)); }  // exponent of the smallest normal number
};
inline constexpr Narrow kHalf{5, 10, 0x7BFF, 0x7C00, 0x7FFF}, kBrain{8, 7, 0x7F7F, 0x7F80, 0x7FFF},
    kSmall4{4, 3, 0x7E, 0x7E, 0x7F}, kSmall5{5, 2, 0x7B, 0x7C, 0x7F};

// x exact or rounded to odd. [finite]: what would be infinite is the largest number instead.
inline uint32_t narrow(double x, const Narrow& format, Rounding rounding, bool finite = false) {
  const uint32_t sign = std::signbit(x) ? 1u << (format.exponent_bits + format.fraction_bits) : 0;
  if (x != x) return format.nan;
  const double size = std::fabs(x);
  if (std::isinf(size)) return sign | (finite ? format.largest : format.infinity);
  const int exponent = std::max(size == 0 ? format.lowest() : std::ilogb(size), format.lowest());
  const double scaled = std::ldexp(size, format.fraction_bits - exponent);
  auto whole = static_cast<uint64_t>(scaled);
  const double rest = scaled - static_cast<double>(whole);
  bool up = false;
  switch (rounding) {
    case Rounding::kNearest: up = rest > 0.5 || (rest == 0.5 && (whole & 1)); break;
    case Rounding::kAway: up = rest >= 0.5; break;
    case Rounding::kZero: break;
    case Rounding::kDown: up = sign && rest > 0; break;
    case Rounding::kUp: up = !sign && rest > 0; break;
  }
  whole += up;
  const uint64_t code = (static_cast<uint64_t>(exponent - format.lowest()) << format.fraction_bits) + whole;
  if (code <= format.largest) return sign | static_cast<uint32_t>(code);
  const bool stays =
      rounding == Rounding::kZero || (rounding == Rounding::kDown && !sign) || (rounding == Rounding::kUp && sign);
  return sign | (finite || stays ? format.largest : format.infinity);
}

inline double widen(uint32_t code, const Narrow& format) {
  const uint32_t sign_bit = 1u << (format.exponent_bits + format.fraction_bits);
  const uint32_t rest = code & (sign_bit - 1), fraction = rest & ((1u << format.fraction_bits) - 1);
  const int field = static_cast<int>(rest >> format.fraction_bits);
  double size;
  if (rest > format.largest)
    size = rest == format.infinity ? INFINITY : NAN;
  else if (field == 0)
    size = std::ldexp(fraction, format.lowest() - format.fraction_bits);
  else
    size = std::ldexp(fraction + (1u << format.fraction_bits), format.lowest() + field - 1 - format.fraction_bits);
  return code & sign_bit ? -size : size;
}

// Fast forms, for vectors of lanes.
inline float half_value(uint16_t code) {
  const uint32_t sign = uint32_t{code & 0x8000u} << 16, rest = code & 0x7FFFu;
  // Exponents of the two formats differ by 112; infinity and NaN have the largest of each.
  const float finite = std::bit_cast<float>(rest << 13) * 0x1p112f;
  const uint32_t bits = rest >= 0x7C00 ? 0x7F800000 | rest << 13 : std::bit_cast<uint32_t>(finite);
  return std::bit_cast<float>(bits | sign);
}
inline float brain_value(uint16_t code) { return std::bit_cast<float>(uint32_t{code} << 16); }

// To nearest, ties to even.
inline uint16_t half_code(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x), sign = bits >> 16 & 0x8000, size = bits & 0x7FFFFFFF;
  // Below 2^-14 the sum with 0.5 has f16's smallest number as its last bit.
  const uint32_t small = std::bit_cast<uint32_t>(std::bit_cast<float>(size) + 0.5f) - 0x3F000000;
  const uint32_t normal = (size + 0xFFF + (size >> 13 & 1) - 0x38000000) >> 13;
  const uint32_t code = size < 0x38800000 ? small : size >= 0x477FF000 ? 0x7C00 : normal;
  return static_cast<uint16_t>(size > 0x7F800000 ? kNaN16 : sign | code);
}
inline uint16_t brain_code(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  return static_cast<uint16_t>((bits & 0x7FFFFFFF) > 0x7F800000 ? kNaN16 : rounded);
}

}  // namespace sinter::sim
