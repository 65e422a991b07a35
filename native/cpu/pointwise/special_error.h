// The error function's relatives in double, one value at a time. Place in the whole: special.cpp applies them to tensors.
#pragma once
#include "cpu/pointwise/special_gamma.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kInvSqrtPi = 0.56418958354775628695;

// e^(x^2) erfc(x). The rounding of x^2 is put back, as the exponential multiplies it.
SINTER_INLINE double erfcx_of(double x) {
  if (x >= 25) {
    const double r = 1 / x, q = 0.5 * r * r;
    return kInvSqrtPi * r * (1 - q * (1 - 3 * q * (1 - 5 * q * (1 - 7 * q * (1 - 9 * q)))));
  }
  const double square = x * x, lost = std::fma(x, x, -square);
  const double gauss = std::exp(square);
  return gauss == kInf ? kInf : (gauss + gauss * lost) * std::erfc(x);
}
SINTER_INLINE double ndtr_of(double x) { return 0.5 * std::erfc(-x * kSqrtHalf); }
SINTER_INLINE double log_ndtr_of(double x) {
  if (x < -1) return std::log(0.5 * erfcx_of(-x * kSqrtHalf)) - 0.5 * x * x;
  return std::log1p(-0.5 * std::erfc(x * kSqrtHalf));
}

// Halley's method for erf(x) = y (0 <= y < 1, c = 1 - y > 0) from a rational start (Abramowitz and Stegun 26.2.23); where y is
// near 1 it works on erfc(x) = c, which keeps the digits.
SINTER_INLINE double inverse_erf(double y, double c) {
  const double t = std::sqrt(-2 * std::log(0.5 * c));
  double x = kSqrtHalf * (t - (2.30753 + t * 0.27061) / (1 + t * (0.99229 + t * 0.04481)));
  for (int i = 0; i < 3; i++) {
    const double error = y < 0.5 ? y - std::erf(x) : std::erfc(x) - c;
    const double u = error / (2 * kInvSqrtPi * std::exp(-x * x));
    x += u / (1 - x * u);
  }
  return x;
}
SINTER_INLINE double erfinv_of(double y) {
  const double a = std::fabs(y);
  if (!(a < 1)) return a == 1 ? std::copysign(kInf, y) : kNaN;
  return a == 0 ? y : std::copysign(inverse_erf(a, 1 - a), y);
}
SINTER_INLINE double ndtri_of(double p) {
  if (!(p > 0 && p < 1)) return p == 0 ? -kInf : p == 1 ? kInf : kNaN;
  if (p > 0.25 && p < 0.75) return erfinv_of(2 * p - 1) / kSqrtHalf;
  const double tail = p < 0.5 ? p : 1 - p, x = inverse_erf(1 - 2 * tail, 2 * tail) / kSqrtHalf;
  return p < 0.5 ? -x : x;
}

}  // namespace sinter::cpu::SINTER_ISA
