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

// erf(x) = y for 0 <= y < 1, c = 1 - y: polynomials in y^2, and for c < 1/2 in 1 / sqrt(-2 log(c / 2)), relative error 2^-32 (2^-25 where
// c < 6e-17): f32's digits. A step of Halley's method gives f64's; outside it works on erfcx(x) = c e^(x^2), which keeps the digits
// and never underflows.
template <bool Refine>
SINTER_INLINE Vd inverse_erf(Vd y, Vd c) {
  constexpr double near[] = {0.8862269254136508,  0.23201368652261056, 0.1275545112484293,   0.08660446343795646,
                             0.06416061946552502, 0.05823467966982376, 0.014526124771553512, 0.09519069025344169};
  constexpr double far[] = {0.7073950804418054, -0.03007351075869609, -2.6808752920664047, 9.803896552963142,
                            -48.35015580274512, 218.25125952378247,   -808.4119371638842,  2374.974951947944,
                            -5439.817927790314, 9557.06420149953,     -12595.220340655893, 12027.125524779949,
                            -7847.303719144012, 3126.8668376120763,   -573.5583720972513};
  constexpr double tail[] = {0.707161581797155,   -0.013743370830055925, -3.1977636718010785, 19.29294277280705,
                             -155.80460960558418, 954.4974266934333,     -3534.0420956926814, 5804.391299806707};
  Vl inside = y < 0.5;
  Vd t = vsqrt(-2. * vlog(0.5 * c)), r = 1. / t;
  Vl outermost = t > 8.725;
  Vd x = inside ? y * polynomial(y * y, near) : t * polynomial(r, far);
  const bool any = any_lane(outermost);
  if (any) x = outermost ? t * polynomial(r, tail) : x;
  if (Refine || any) {
    Vd inverse_gauss = gauss_of(x, -1);
    Vd error = inside ? (y - erf_small(x)) * inverse_gauss : erfcx_of(x) - c * inverse_gauss;
    Vd u = error * kHalfSqrtPi;
    x += u / (1. - x * u);
  }
  return x;
}
template <bool Refine>
SINTER_INLINE Vd erfinv_of(Vd y) {
  Vd a = vabs(y);
  Vd x = inverse_erf<Refine>(a, 1. - a);
  x = a == 1. ? Vd{} + __builtin_inf() : x;
  return with_sign(vabs(a > 1. ? Vd{} + __builtin_nan("") : x), y);
}
template <bool Refine>
SINTER_INLINE Vd ndtri_of(Vd p) {
  const double inf = __builtin_inf();
  Vl middle = (p > 0.25) & (p < 0.75), left = p < 0.5;
  Vd tail = left ? p : 1. - p, d = 2. * p - 1.;
  Vd c = 2. * tail, x = inverse_erf<Refine>(middle ? vabs(d) : 1. - c, c) * (1 / kSqrtHalf);
  x = left ? -x : x;
  x = p == 0. ? Vd{} - inf : p == 1. ? Vd{} + inf : x;
  return (p < 0.) | (p > 1.) ? Vd{} + __builtin_nan("") : x;
}

}  // namespace sinter::cpu::SINTER_ISA
