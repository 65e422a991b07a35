// Functions of doubles whose results become f32: relative errors below 2^-30 in place of 2^-52, so half as long as math_double.h's.
// Place in the whole: math_trig.h computes f32 functions by them where f32's own arithmetic loses digits (cancellation, errors that
// an exponential multiplies); two vectors of doubles a vector of f32.
//
// Arguments are f32 numbers or not far beyond: nothing overflows, no result is subnormal. NaN is the callers' affair where it says so.
// The polynomials are Chebyshev interpolations of the functions named beside them (the quotient: weighted least squares), computed
// in 60 digits.
#pragma once
#include "cpu/simd/math_double.h"

namespace sinter::cpu::SINTER_ISA {

// e^x, |x| <= 700; NaN passes.
SINTER_INLINE Vd exp_short(Vd x) {
  // (e^r - 1 - r) / r^2, |r| <= ln 2 / 2
  constexpr double c[] = {0.5000000013481058,   0.16666666681640166,   0.041666464772966816,
                          0.008333310908565454, 0.0013933666900006931, 0.00019891009596308316};
  Vd t = x * 1.4426950408889634 + kDoubleMagic, k = t - kDoubleMagic;
  Vd r = x - k * 0.69314718055994530942;
  return (1. + (r + r * r * polynomial(r, c))) * pow2((Vl)t - 0x4338000000000000ll);
}
// log x, x positive and finite
SINTER_INLINE Vd log_short(Vd x) {
  // (2 atanh(s) - 2 s) / s^3 in s^2
  constexpr double c[] = {0.6666666655404201, 0.4000012221181065, 0.28550778633191964, 0.23331614471843498};
  LogSplit m = log_split(x);
  Vd s = m.f / (2. + m.f), q = s * s;
  return m.k * 0.69314718055994530942 + (2. * s + s * q * polynomial(q, c));
}
// erfc(z), 0 <= z <= 10.6 (f32 ends before); NaN passes.
SINTER_INLINE Vd erfc_short(Vd z) {
  // (1 + 2 z) e^(z^2) erfc(z) in (z - 3) / (z + 3)
  constexpr double c[] = {1.2530080590518888,     -0.1356211101949841,     -0.04756239520042546,
                          0.12964530705078522,    -0.11927149239374897,    0.06830722749452238,
                          -0.02378762484702218,   0.0025242048266403356,   0.0019455908080436236,
                          -0.0007346174280818465, -0.00017159074099772366, 3.953579383448354e-05};
  Vd slope = 1. + 2. * z, inverse = 1. / ((z + 3.) * slope);  // one division for both quotients
  Vd q = (z - 3.) * slope * inverse;
  return exp_short(-z * z) * ((z + 3.) * inverse) * polynomial(q, c);
}
// sinh(a), 0 <= a <= 700; NaN passes.
SINTER_INLINE Vd sinh_short(Vd a) {
  constexpr double c[] = {0.16666666646842135, 0.00833333967591706, 0.00019838101968683888, 2.8062802582276946e-06};
  Vd e = exp_short(a), q = a * a;
  return a < 1. ? a + a * q * polynomial(q, c) : 0.5 * (e - 1. / e);
}
SINTER_INLINE Vd cosh_short(Vd a) {
  Vd e = exp_short(a);
  return 0.5 * (e + 1. / e);
}
// tan(x), k = x / (pi/2) rounded, |k| < 2^20: k times the first part of pi/2 (33 bits) is exact.
SINTER_INLINE Vd tan_short(Vd x, Vd k) {
  constexpr double top[] = {1.0000000000220521, -0.11136142639422802, 0.001075153758962745};
  constexpr double bottom[] = {1, -0.4446947580670862, 0.015973386508084934};
  Vd r = (x - k * 0x1.921fb544p+0) - k * 0x1.0b4611a626331p-34, q = r * r;
  Vd above = r * polynomial(q, top), below = polynomial(q, bottom);
  Vd half = k * 0.5;
  Vl odd = ((half + kDoubleMagic) - kDoubleMagic) != half;
  return (odd ? -below : above) / (odd ? above : below);
}
constexpr double kSeries =
    0x1p-12;  // below, a logarithm of nearly 1 would lose digits, and two terms of the series are enough
// asinh(a), a >= 0 and finite
SINTER_INLINE Vd asinh_short(Vd a) {
  Vd q = a * a;
  return a < kSeries ? a - a * q * (1. / 6) : log_short(a + vsqrt(q + 1.));
}
// acosh(x), x >= 1 and finite
SINTER_INLINE Vd acosh_short(Vd x) { return log_short(x + vsqrt(x * x - 1.)); }
// atanh(a), 0 <= a < 1
SINTER_INLINE Vd atanh_short(Vd a) {
  return a < kSeries ? a + a * a * a * (1. / 3) : 0.5 * log_short((1. + a) / (1. - a));
}

}  // namespace sinter::cpu::SINTER_ISA
