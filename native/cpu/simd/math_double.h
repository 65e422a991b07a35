// Vectorised exponentials, logarithms, powers and error functions of doubles. Place in the whole: under math.h, which has the f32
// forms; math_trig_double.h continues.
//
// Bounds in units in the last place: docs/accuracy.md, held by test/accuracy on results of 240 bits; measured before on 400,000
// arguments of each of several ranges, with and without FMA. Not on that page: normal_cdf 6.
//
// The polynomials are Chebyshev interpolations of the functions named beside them, computed in 60 digits; the reduction of exp and
// log follows the usual text (Muller, Elementary Functions, chapters 5 and 11).
#pragma once
#include "cpu/simd/lanes.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;  // 33 and 53 bits
constexpr double kDoubleMagic = 0x1.8p52;  // adding it leaves a rounded number in the low mantissa bits

// ---- exp and its kin: x = n ln 2 + r + lost, |r| <= ln 2 / 2; k is n as a double
struct ExpReduced {
  Vd r, lost, k;
  Vl n;
};
SINTER_INLINE ExpReduced exp_reduce(Vd x) {
  ExpReduced e;
  Vd t = x * 1.4426950408889634 + kDoubleMagic;
  e.k = t - kDoubleMagic;
  e.n = (Vl)t - 0x4338000000000000ll;
  Vd near = x - e.k * kLn2High, rest = e.k * kLn2Low;  // the first is exact
  e.r = near - rest;
  e.lost = (near - e.r) - rest;
  return e;
}
// e^(r + lost) - 1
SINTER_INLINE Vd expm1_small(Vd r, Vd lost) {
  constexpr double c[] = {1. / 2,     1. / 6,      1. / 24,      1. / 120,      1. / 720,       1. / 5040,
                          1. / 40320, 1. / 362880, 1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800};
  return r + (lost + r * r * polynomial(r, c));
}
SINTER_INLINE Vd pow2(Vl n) { return (Vd)((n + 1023) << 52); }
// y 2^n in two steps: neither subnormal results nor 2^1024 fit one factor.
SINTER_INLINE Vd scaled_by(Vd y, const ExpReduced& e) {
  // n / 2 by the exponent-free half of k: 64-bit arithmetic shifts are slow before AVX-512.
  Vl half = (Vl)(e.k * 0.5 + kDoubleMagic) - 0x4338000000000000ll;
  return y * pow2(half) * pow2(e.n - half);
}
// x in the range where e^x is neither zero nor infinite, and a little beyond; written so that NaN passes.
SINTER_INLINE Vd exp_clamped(Vd x) {
  x = x > 710. ? Vd{} + 710. : x;
  return x < -746. ? Vd{} - 746. : x;
}
SINTER_INLINE Vd vexp(Vd x) {
  ExpReduced e = exp_reduce(exp_clamped(x));
  return scaled_by(1. + expm1_small(e.r, e.lost), e);
}
SINTER_INLINE Vd vexp2(Vd x) {
  x = x > 1025. ? Vd{} + 1025. : x;
  x = x < -1076. ? Vd{} - 1076. : x;
  ExpReduced e;
  Vd t = x + kDoubleMagic;
  e.k = t - kDoubleMagic;
  e.n = (Vl)t - 0x4338000000000000ll;
  Vd d = x - e.k;  // exact
  return scaled_by(1. + expm1_small(d * 0.69314718055994530942, d * 2.3190468138462996e-17), e);
}
SINTER_INLINE Vd vexpm1(Vd x) {
  Vd clamped = x > 710. ? Vd{} + 710. : x;
  clamped = clamped < -40. ? Vd{} - 40. : clamped;
  ExpReduced e = exp_reduce(clamped);
  Vd s = pow2(e.n - 1);  // 2^n (1 + q) - 1, halved, so that n = 1024 has a factor
  Vd y = 2. * (s * expm1_small(e.r, e.lost) + (s - 0.5));
  return x == 0. ? x : y;
}
SINTER_INLINE Vd vsigmoid(Vd x) {
  Vd e = vexp(-vabs(x));
  return (x < 0. ? e : Vd{} + 1.) / (1. + e);
}

// ---- logarithms: x = m 2^k, m in [sqrt(1/2), sqrt(2)), f = m - 1; x positive and finite
struct LogSplit {
  Vd f, k;
};
SINTER_INLINE LogSplit log_split(Vd x) {
  Vl subnormal = x < 0x1p-1022;
  Vd scaled = subnormal ? x * 0x1p52 : x;
  // The biased exponent, non-negative for every x > 0, so that a logical shift does.
  Vl e = (Vl)(((Vul)scaled - 0x3fe6a09e667f3bcdull + (1023ull << 52)) >> 52) - 1023;
  return {(Vd)((Vul)scaled - ((Vul)e << 52)) - 1., (Vd)(e + (subnormal & -52) + 0x4338000000000000ll) - kDoubleMagic};
}
// f - log(1 + f) through s = f / (2 + f): log(1 + f) = 2 atanh(s) (minimax coefficients of fdlibm's e_log.c).
SINTER_INLINE Vd log_rest(Vd f) {
  constexpr double c[] = {6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                          2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                          1.479819860511658591e-01};
  Vd s = f / (2. + f), z = s * s, half = 0.5 * f * f;
  return half - s * (half + z * polynomial(z, c));
}
SINTER_INLINE Vd log_edges(Vd x, Vd y) {
  y = x == __builtin_inf() ? x : y;
  y = x == 0. ? Vd{} - __builtin_inf() : y;
  return x >= 0. ? y : Vd{} + __builtin_nan("");
}
// log((x + rest) 2^more), rest below the rounding of x; x positive and finite.
SINTER_INLINE Vd log_of_sum(Vd x, Vd rest, Vd more) {
  LogSplit m = log_split(x);
  m.k += more;
  return m.k * kLn2High - ((log_rest(m.f) - (m.k * kLn2Low + rest / x)) - m.f);
}
SINTER_INLINE Vd vlog(Vd x) {
  LogSplit m = log_split(x);
  return log_edges(x, m.k * kLn2High - ((log_rest(m.f) - m.k * kLn2Low) - m.f));
}
// log(1 + x + rest), with the error of the sum put back; x > -1 and finite.
SINTER_INLINE Vd log1p_of_sum(Vd x, Vd rest) {
  Vd u = 1. + x;
  return log_of_sum(u, (x > 1. ? 1. - (u - x) : x - (u - 1.)) + rest, Vd{});
}
SINTER_INLINE Vd vlog1p(Vd x) {
  Vd y = log_edges(1. + x, log1p_of_sum(x, Vd{}));
  return x == 0. ? x : y;
}
// To another base: the scale's and the product's errors are put back, k stands in front.
SINTER_INLINE Vd log_in_base(Vd x, double scale, double scale_low, double unit, double unit_low) {
  LogSplit m = log_split(x);
  Twofold p = exact_product(m.f, Vd{} + scale), y = exact_sum_ordered(m.k * unit, p.high);
  return log_edges(x, y.high + (y.low + (p.low + (m.k * unit_low + (m.f * scale_low - log_rest(m.f) * scale)))));
}
SINTER_INLINE Vd vlog2(Vd x) { return log_in_base(x, 1.4426950408889634, 2.0355273740931033e-17, 1, 0); }
SINTER_INLINE Vd vlog10(Vd x) {
  return log_in_base(x, 0.4342944819032518, 1.098319650216765e-17, 0.301029995663157, 8.241712586023572e-13);
}

// ---- pow: |x|^y = exp(y log |x|), the logarithm and the product with twice the digits
SINTER_INLINE Twofold log_twofold(Vd x) {
  // 2 atanh(s) - 2 s - (2/3) s^3, over s^5
  constexpr double c[] = {0.4,
                          0.2857142857142937,
                          0.22222222221654733,
                          0.1818181833565416,
                          0.15384594934597917,
                          0.13334806212100603,
                          0.11706195689881364,
                          0.11723603622905411};
  LogSplit m = log_split(x);
  Twofold d = exact_sum_ordered(Vd{} + 2., m.f);
  Vd inverse = 1. / d.high, s = m.f * inverse;
  Twofold back = exact_product(s, d.high);
  Vd s_low = (((m.f - back.high) - back.low) - s * d.low) * inverse;
  Twofold square = exact_product(s, s);
  square.low += 2. * s * s_low;
  Twofold cube = exact_product(s, square.high);
  cube.low += s * square.low + s_low * square.high;
  Twofold third = exact_product(cube.high, Vd{} + 2. / 3);
  third.low += cube.low * (2. / 3) + cube.high * 3.7007434154171883e-17;
  Vd rest = cube.high * square.high * polynomial(square.high, c);
  Twofold a = exact_sum_ordered(m.k * kLn2High, 2. * s), b = exact_sum_ordered(a.high, third.high);
  return exact_sum_ordered(b.high, a.low + (b.low + (m.k * kLn2Low + (2. * s_low + (third.low + rest)))));
}
// |x|^y, given for positive and finite x, with the signs and exceptions of C's pow.
SINTER_INLINE Vd pow_signs(Vd r, Vd x, Vd y) {
  const double big = 0x1p52;
  Vd a = vabs(x), ay = vabs(y);
  r = (y == 0.) | (a == 1.) ? Vd{} + 1. : r;
  // y is an integer when adding and taking away 2^52 keeps it; odd when half of it is none.
  Vl whole = (((ay + big) - big) == ay) | (ay >= big);
  Vd h = ay * 0.5;
  Vl odd = whole & (((h + big) - big) != h) & (ay < 2 * big);
  Vl negative = (Vl)x < 0;
  Vd signed_r = negative & odd ? -r : r;
  Vl invalid = (x < 0.) & !whole & (a != __builtin_inf());
  r = invalid ? Vd{} + __builtin_nan("") : signed_r;
  r = (x == 1.) | (y == 0.) ? Vd{} + 1. : r;
  // NaN arguments: the shortcut for |x| = 1 above must not hide them.
  return ((x != x) & (y != 0.)) | ((y != y) & (x != 1.)) ? x + y : r;
}
SINTER_INLINE Vd vpow(Vd x, Vd y) {
  const double inf = __builtin_inf();
  Vd a = vabs(x);
  Twofold l = log_twofold(a);
  l.high = a == 0. ? Vd{} - inf : a == inf ? a : l.high;
  Twofold p = exact_product(y, l.high);
  Vl beyond = !(vabs(p.high) < 800.);
  ExpReduced e = exp_reduce(exp_clamped(p.high));
  Twofold r = exact_sum(e.r, e.lost + (beyond ? Vd{} : p.low + y * l.low));
  return pow_signs(scaled_by(1. + expm1_small(r.high, r.low), e), x, y);
}
// Enough for f32 results.
SINTER_INLINE Vd pow_through_log(Vd x, Vd y) { return pow_signs(vexp(y * vlog(vabs(x))), x, y); }

// ---- the error function
// exp(z^2) erfc(z) for z >= 0, as a polynomial in (z - 4) / (z + 4) over 1 + 2 z.
SINTER_INLINE Vd erfcx_of(Vd z) {
  constexpr double c[] = {
      1.2329951186255526,      -0.1396211168405625,     0.015379652102610162,    0.0680970542546862,
      -0.10103906603585294,    0.09373283499865172,     -0.06633036582050367,    0.0371675155318432,
      -0.01619773397992426,    0.005031970032548695,    -0.0007577737141838885,  -0.00019925700412184815,
      0.0001506231178516207,   -2.439811794207995e-05,  -1.1225140354449658e-05, 5.707239573693257e-06,
      2.9805960553227694e-07,  -8.218020654813044e-07,  7.111912428010419e-08,   1.0683442926744582e-07,
      -1.6357383982124745e-08, -1.2544825403855497e-08, 1.5712153638319019e-09,  9.65540822548282e-10};
  Vd q = (z - 4.) / (z + 4.);
  q = z == __builtin_inf() ? Vd{} + 1. : q;
  return polynomial(q, c) / (1. + 2. * z);
}
// e^(-scale z^2), with the rounding of z^2 put back, as the exponential multiplies it.
SINTER_INLINE Vd gauss_of(Vd z, double scale) {
  Twofold square = exact_product(z, z);
  Vd g = vexp(-scale * square.high);
  return g - g * (scale * square.low);
}
// erf(z) for z <= 0.8
SINTER_INLINE Vd erf_small(Vd z) {
  constexpr double c[] = {0.1283791670955126,      -0.3761263890318375,     0.1128379167095499,
                          -0.026866170645091635,   0.005223977624843868,    -0.0008548326970088456,
                          0.00012055329960864425,  -1.4925537564176553e-05, 1.6459296345395267e-06,
                          -1.6319093857978072e-07, 1.4310100743152348e-08,  -9.174107620833158e-10};
  return z + z * polynomial(z * z, c);
}
constexpr double kErfcEnd = 28;  // erfc underflows to zero before
SINTER_INLINE Vd verf(Vd x) {
  Vd z = vabs(x), far = z > kErfcEnd ? Vd{} + kErfcEnd : z;
  Vd outer = 1. - gauss_of(far, 1) * erfcx_of(far);
  return with_sign(vabs(z < 0.8 ? erf_small(z) : outer), x);
}
SINTER_INLINE Vd verfc(Vd x) {
  Vd z = vabs(x);
  z = z > kErfcEnd ? Vd{} + kErfcEnd : z;
  Vd tail = gauss_of(z, 1) * erfcx_of(z);
  return z < 0.25 ? 1. - erf_small(x) : x < 0. ? 2. - tail : tail;
}
// e^(x^2) erfc(x)
SINTER_INLINE Vd verfcx(Vd x) {
  Vd z = vabs(x), y = erfcx_of(z);
  z = z > 26.64 ? Vd{} + 26.64 : z;  // twice e^(z^2) is infinite from there
  return x < 0. ? 2. * gauss_of(z, -1) - y : y;
}
// The normal distribution function at x, and exp(-x^2 / 2), which its gradient needs too.
SINTER_INLINE Vd normal_cdf(Vd x, Vd& gauss) {
  Vd z = vabs(x);
  z = z > 40. ? Vd{} + 40. : z;
  gauss = gauss_of(z, 0.5);
  Vd tail = 0.5 * gauss * erfcx_of(z * 0.70710678118654752440);
  return x > 0. ? 1. - tail : tail;
}

}  // namespace sinter::cpu::SINTER_ISA
