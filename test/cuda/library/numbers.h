// Elements of device memory as doubles, and back, rounded once. Place in the whole: shared by the stand-ins for NVIDIA's libraries.
#pragma once
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cuda/sim/small_float.h"

namespace standin {

enum class Number { f32, f64, f16, bf16 };

constexpr size_t size_of(Number type) { return type == Number::f64 ? 8 : type == Number::f32 ? 4 : 2; }

inline double decoded(const std::byte* at, Number type) {
  if (type == Number::f64) {
    double x;
    std::memcpy(&x, at, 8);
    return x;
  }
  float x;
  if (type == Number::f32) {
    std::memcpy(&x, at, 4);
    return x;
  }
  uint16_t code;
  std::memcpy(&code, at, 2);
  if (type == Number::bf16) return std::bit_cast<float>(uint32_t{code} << 16);
  const uint32_t field = code >> 10 & 31, fraction = code & 1023;
  const double size = field == 31 ? (fraction ? NAN : INFINITY)
                      : field     ? std::ldexp(1024.0 + fraction, static_cast<int>(field) - 25)
                                  : std::ldexp(fraction, -24);
  return code & 0x8000 ? -size : size;
}

inline void encode(double value, std::byte* to, Number type) {
  if (type == Number::f64) {
    std::memcpy(to, &value, 8);
    return;
  }
  if (type == Number::f16) {
    const auto code = static_cast<uint16_t>(sinter::sim::f16_code(sinter::sim::rounded_to_f16(value)));
    std::memcpy(to, &code, 2);
    return;
  }
  const auto x = static_cast<float>(value);
  if (type == Number::f32) {
    std::memcpy(to, &x, 4);
    return;
  }
  const auto bits = std::bit_cast<uint32_t>(x);
  const auto code = static_cast<uint16_t>(std::isnan(x) ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  std::memcpy(to, &code, 2);
}

// As an element of that type would be read again.
inline double rounded(double value, Number type) {
  std::byte element[8];
  encode(value, element, type);
  return decoded(element, type);
}

}  // namespace standin
