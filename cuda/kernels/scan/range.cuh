// Products that do not leave the range of double: a number and a power of two apart. Place in the whole: cumprod and linearScan,
// which combine factors in another grouping than one after the other, where products of a few could overflow though no result does.
#pragma once
#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

constexpr int kMantissaBits = 52, kExponentBias = 1023;

// 2^e for e in the range of normal numbers.
SINTER_DEVICE double power_of_two(int e) {
  return __longlong_as_double(static_cast<int64_t>(e + kExponentBias) << kMantissaBits);
}

// mantissa 2^exponent, the mantissa's size in [1, 2); or zero, infinite, NaN, with an exponent that means nothing.
struct Wide {
  double mantissa;
  int exponent;
};

// x 2^exponent, where x is no subnormal number.
SINTER_DEVICE Wide normalized(double x, int exponent) {
  constexpr uint64_t kField = uint64_t{0x7ff} << kMantissaBits, kOne = uint64_t{kExponentBias} << kMantissaBits;
  constexpr int kFarthest = 1 << 28;  // beyond any result, and sums of two do not overflow
  const uint64_t bits = static_cast<uint64_t>(__double_as_longlong(x)), field = bits & kField;
  if (field == 0 || field == kField) return {x, 0};
  exponent += static_cast<int>(field >> kMantissaBits) - kExponentBias;
  return {__longlong_as_double(static_cast<int64_t>((bits & ~kField) | kOne)),
          min(max(exponent, -kFarthest), kFarthest)};
}
SINTER_DEVICE Wide wide(double x) {
  constexpr int kUp = kMantissaBits + 1;
  const bool small = fabs(x) < power_of_two(1 - kExponentBias);
  return normalized(small ? x * power_of_two(kUp) : x, small ? -kUp : 0);
}

SINTER_DEVICE Wide product(const Wide& a, const Wide& b) {
  return normalized(a.mantissa * b.mantissa, a.exponent + b.exponent);
}

// x times a number of any size: one rounding where the factor is in double's range.
SINTER_DEVICE double times(double x, const Wide& factor) {
  constexpr int kMost = kExponentBias - 1;
  const int first = min(max(factor.exponent, -kMost), kMost), rest = min(max(factor.exponent - first, -kMost), kMost);
  return x * (factor.mantissa * power_of_two(first)) * power_of_two(rest);
}

SINTER_DEVICE double narrowed(const Wide& x) {
  constexpr int kMost = kExponentBias - 1;
  const int first = min(max(x.exponent / 2, -kMost), kMost), rest = min(max(x.exponent - first, -kMost), kMost);
  return x.mantissa * power_of_two(first) * power_of_two(rest);
}

}  // namespace sinter::cuda
