// The error function's relatives on vectors of doubles. Place in the whole: special.cpp applies them to tensors, f32 in double too.
// Bounds in ulp (test/accuracy): ndtr and logNdtr 6, erfinv 6, ndtri 5.
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

// ---- the inverse error function
// Up to |y| = 0.9944 it is y p(w), w = -log(1 - y^2), p a polynomial around the middle of 0 <= w < 9/2 (the variable is Giles's,
// "Approximating the erfinv function", 2011). f32 takes shorter ones: p's relative and w's absolute error are 2^-32.
constexpr double kInverseErfEnd = 0.011108996538242306;  // e^-4.5: for y^2 less than 1 - this

// -log(u) - 9/4 for normal u > 0.
template <bool Fine>
SINTER_INLINE Vd centred_minus_log(Vd u) {
  // 2 atanh(s) / s in s^2 for s of log_rest.
  constexpr double c[] = {1.9999999986313182, 0.6666681533815119, 0.3997485051751905, 0.29924390479144986};
  // u = 2^k (1 + f) with 1 + f from sqrt(1/2) on: `from` has k's biased exponent over the mantissa's distance from there.
  constexpr uint64_t root = 0x3fe6a09e667f3bcdull, bias = 1023ull << 52, mantissa = (1ull << 52) - 1;
  const Vul from = (Vul)u + (bias - root);
  const Vd f = (Vd)((from & mantissa) + root) - 1.;
  const Vd k = (Vd)((from >> 52) + (0x4338000000000000ull - 1023)) - kDoubleMagic;
  if constexpr (Fine) return ((log_rest(f) - k * kLn2Low) - f) - (k * kLn2High + 2.25);
  const Vd s = f / (2. + f);
  return (-2.25 - k * 0.69314718055994530942) - s * polynomial(s * s, c);
}
// erfinv(y) / y from u = 1 - y^2 > e^-4.5.
template <bool Fine>
SINTER_INLINE Vd inverse_erf_quotient(Vd u) {
  constexpr double fine[] = {
      1.4395086296840072,      0.24848033548175646,     -0.0031553722009432113, -0.0014729485403552145,
      0.00022103552907764892,  7.398829370815756e-07,   -4.215970812956219e-06, 4.259312849741483e-07,
      4.0036996562845765e-08,  -1.26099537665857e-08,   4.48324484393008e-10,   2.1392455187961804e-10,
      -3.051192376988915e-11,  -1.4187123018142612e-12, 7.787055638220102e-13,  -4.727445895130957e-14,
      -1.1907829136593472e-14, 2.1520100718385757e-15,  6.642842966447412e-17,  -4.8244417076638686e-17,
      1.1117973253535093e-18,  5.767921293234646e-19};
  constexpr double coarse[] = {1.4395086298510367,      0.2484803354971715,     -0.003155374581478406,
                               -0.0014729487594193273,  0.00022104107479761352, 7.403857155038772e-07,
                               -4.220749926539855e-06,  4.2551128278692944e-07, 4.193576766500129e-08,
                               -1.2452896977962298e-08, 8.459971397851803e-11,  1.876030429522315e-10};
  const Vd w = centred_minus_log<Fine>(u);
  if constexpr (Fine) return polynomial(w, fine);
  return polynomial(w, coarse);
}
// erfc(x) = c for 0 < c < 1/2: polynomials in 1 / sqrt(-2 log(c / 2)), relative error 2^-32 (2^-25 where c < 6e-17): f32's digits.
// A step of Halley's method gives f64's; it works on erfcx(x) = c e^(x^2), which keeps the digits and never underflows.
template <bool Fine>
SINTER_INLINE Vd inverse_erfc(Vd c) {
  constexpr double far[] = {0.7073950804418054, -0.03007351075869609, -2.6808752920664047, 9.803896552963142,
                            -48.35015580274512, 218.25125952378247,   -808.4119371638842,  2374.974951947944,
                            -5439.817927790314, 9557.06420149953,     -12595.220340655893, 12027.125524779949,
                            -7847.303719144012, 3126.8668376120763,   -573.5583720972513};
  constexpr double tail[] = {0.707161581797155,   -0.013743370830055925, -3.1977636718010785, 19.29294277280705,
                             -155.80460960558418, 954.4974266934333,     -3534.0420956926814, 5804.391299806707};
  Vd t = vsqrt(-2. * vlog(0.5 * c)), r = 1. / t;
  Vl outermost = t > 8.725;
  Vd x = t * polynomial(r, far);
  const bool any = any_lane(outermost);
  if (any) x = outermost ? t * polynomial(r, tail) : x;
  if (Fine || any) {
    Vd u = (erfcx_of(x) - c * gauss_of(x, -1)) * kHalfSqrtPi;
    x += u / (1. - x * u);
  }
  return x;
}
// Beyond; out of line, as few arguments come here.
template <bool Fine>
SINTER_APART Vd erfinv_beyond(Vd y) {
  const Vd a = vabs(y);
  Vd x = inverse_erfc<Fine>(1. - a);
  x = a == 1. ? Vd{} + __builtin_inf() : x;
  x = a > 1. ? Vd{} + __builtin_nan("") : x;
  return with_sign(vabs(x), y);
}
template <bool Fine>
SINTER_INLINE Vd erfinv_of(Vd y) {
  const Vd u = Fine ? (1. - y) * (1. + y) : 1. - y * y;
  const Vd x = y * inverse_erf_quotient<Fine>(u);
  const Vl beyond = u <= kInverseErfEnd;
  return __builtin_expect(any_lane(beyond), 0) ? (beyond ? erfinv_beyond<Fine>(y) : x) : x;
}
template <bool Fine>
SINTER_APART Vd ndtri_beyond(Vd p) {
  const double inf = __builtin_inf();
  const Vl left = p < 0.5;
  Vd x = inverse_erfc<Fine>(2. * (left ? p : 1. - p));
  x = left ? -x : x;
  x = p == 0. ? Vd{} - inf : p == 1. ? Vd{} + inf : x;
  return (p < 0.) | (p > 1.) ? Vd{} + __builtin_nan("") : x;
}
template <bool Fine>
SINTER_INLINE Vd ndtri_of(Vd p) {
  const Vd u = 4. * p * (1. - p);
  const Vd x = (2. * p - 1.) * inverse_erf_quotient<Fine>(u);
  const Vl beyond = u <= kInverseErfEnd;
  return (any_lane(beyond) ? (beyond ? ndtri_beyond<Fine>(p) : x) : x) * (1 / kSqrtHalf);
}

}  // namespace sinter::cpu::SINTER_ISA
