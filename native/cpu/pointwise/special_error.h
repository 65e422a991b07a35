// The error function's relatives on vectors of doubles. Place in the whole: special.cpp applies them to tensors, f32 in double too.
// Bounds in ulp (test/ops/ulp.test.ts): ndtr and logNdtr 6, erfinv 6, ndtri 5.
#pragma once
#include "cpu/simd/math_double.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kSqrtHalf = 0.70710678118654752440, kHalfSqrtPi = 0.88622692545275801365;

SINTER_INLINE Vd ndtr_of(Vd x) {
  Vd gauss;
  return normal_cdf(x, gauss);
}
// log(erfcx(z) / 2) - x^2 / 2 on the left, log(1 - tail) on the right, through one logarithm.
SINTER_INLINE Vd log_ndtr_of(Vd x) {
  Vd z = vabs(x), scaled = 0.5 * erfcx_of(z * kSqrtHalf);
  Vd tail = scaled * gauss_of(z > 40. ? Vd{} + 40. : z, 0.5);
  Vl left = x <= 0.;
  Vd u = left ? scaled : 1. - tail;
  Vd y = log_of_sum(u, left ? Vd{} : (1. - u) - tail, Vd{});
  y = left ? y - 0.5 * x * x : y;
  return x == -__builtin_inf() ? x : x != x ? x : y;
}

// erf(x) = y for 0 <= y < 1, c = 1 - y: a polynomial start in y^2, or for c < 1/2 in 1 / sqrt(-2 log(c / 2)), and steps of Halley's
// method; outside on erfcx(x) = c e^(x^2), which keeps the digits and never underflows. One step gives f32's digits, two f64's.
template <int Steps>
SINTER_INLINE Vd inverse_erf(Vd y, Vd c) {
  constexpr double near[] = {0.8862269151323421,  0.2320166298999102,  0.12742002846185171,
                             0.08880182384279348, 0.04863938397886244, 0.10259328171453437};
  constexpr double far[] = {0.7074070404968462, -0.0344319804957778, -2.5080475472203836,
                            6.856429614740159,  -19.980052402908658, 43.134640743029166,
                            -60.00114841474837, 47.41137870575684,   -16.095902855080418};
  Vl inside = y < 0.5;
  Vd t = vsqrt(-2. * vlog(0.5 * c));
  Vd x = inside ? y * polynomial(y * y, near) : t * polynomial(1. / t, far);
  for (int i = 0; i < Steps; i++) {
    Vd inverse_gauss = gauss_of(x, -1);
    Vd error = inside ? (y - erf_small(x)) * inverse_gauss : erfcx_of(x) - c * inverse_gauss;
    Vd u = error * kHalfSqrtPi;
    x += u / (1. - x * u);
  }
  return x;
}
template <int Steps>
SINTER_INLINE Vd erfinv_of(Vd y) {
  Vd a = vabs(y);
  Vd x = inverse_erf<Steps>(a, 1. - a);
  x = a == 1. ? Vd{} + __builtin_inf() : x;
  return with_sign(vabs(a > 1. ? Vd{} + __builtin_nan("") : x), y);
}
template <int Steps>
SINTER_INLINE Vd ndtri_of(Vd p) {
  const double inf = __builtin_inf();
  Vl middle = (p > 0.25) & (p < 0.75), left = p < 0.5;
  Vd tail = left ? p : 1. - p, d = 2. * p - 1.;
  Vd c = 2. * tail, x = inverse_erf<Steps>(middle ? vabs(d) : 1. - c, c) * (1 / kSqrtHalf);
  x = left ? -x : x;
  x = p == 0. ? Vd{} - inf : p == 1. ? Vd{} + inf : x;
  return (p < 0.) | (p > 1.) ? Vd{} + __builtin_nan("") : x;
}

}  // namespace sinter::cpu::SINTER_ISA
