// The gamma function's relatives: log gamma, digamma and trigamma on vectors of doubles, the others one value at a time. Place in
// the whole: special.cpp and special_pairs.cpp apply them to tensors (f32 is computed in double too). Recurrence up to where
// Stirling's series holds, reflection on the left (DLMF 5.5, 5.11, 5.15, 8, 25.11).
//
// Bounds in ulp (test/accuracy): lgamma 7, trigamma 7, digamma 24 where it is not near its zeros (there 1e-15 absolute).
#pragma once
#include "cpu/simd/math_trig_double.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kPi = 3.14159265358979323846;
constexpr double kNaN = __builtin_nan("");
constexpr double kInf = __builtin_inf();
constexpr double kInvSqrtPi = 0.56418958354775628695;

#if defined(__CUDACC__)
SINTER_INLINE double power_of(double x, double y) { return vpow(Vd(x), Vd(y)).v; }
SINTER_INLINE double factorial(int n) {
  double product = 1;
  for (int k = 2; k <= n; k++) product *= k;
  return product;
}
#else
SINTER_INLINE double lgamma_scalar(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}
SINTER_INLINE double power_of(double x, double y) { return std::pow(x, y); }
SINTER_INLINE double factorial(int n) { return std::tgamma(n + 1.0); }
#endif

// ---- on vectors
// log gamma(x) for x > 0: Stirling's series from 10 on; else log gamma(2 + t) = t Q(t) for |t| <= 1/2 and the recurrence, its
// product under one logarithm.
SINTER_INLINE Vd lgamma_positive(Vd x) {
  constexpr double stirling[] = {1. / 12, -1. / 360, 1. / 1260, -1. / 1680, 1. / 1188, -691. / 360360, 1. / 156};
  constexpr double near[] = {0.42278433509846713,    0.3224670334241132,      -0.06735230105319563,
                             0.02058080842778338,    -0.007385551028935545,   0.002890510330865901,
                             -0.0011927539009983087, 0.0005096695196526673,   -0.00022315497746292723,
                             9.945761692157133e-05,  -4.4923727564247656e-05, 2.050601970174762e-05,
                             -9.45628851510172e-06,  4.3828545383846665e-06,  -1.9743106888421067e-06,
                             9.242852225162277e-07,  -5.811277768921246e-07,  2.7475390051909663e-07};
  Vl large = x >= 10.;
  Vd z = large ? Vd{} + 2. : x, product = Vd{} + 1.;
  for (int i = 0; i < 8; i++) {
    Vl down = z > 2.5;
    z = down ? z - 1. : z;
    product = down ? product * z : product;
  }
  Vl first = z < 1.5, second = z < 0.5;
  product = second ? z * (z + 1.) : first ? z : product;
  Vd t = second ? z : first ? z - 1. : z - 2.;
  Vd l = vlog(large ? x : product);
  Vd small = t * polynomial(t, near) + (first ? -l : l);
  Vd r = 1. / x, big = (x - 0.5) * (l - 1.) + (0.41893853320467274178 + r * polynomial(r * r, stirling));
  return large ? big : small;
}
#if !defined(__CUDACC__)
// f64: left of zero, where the poles and zeros lie close, through libm.
SINTER_INLINE Vd lgamma_of(Vd x) { return lanes_through<lgamma_scalar>(x < 0., x, lgamma_positive(x)); }
#endif
// The offset of x from the nearest whole number.
SINTER_INLINE Vd from_whole(Vd x) {
  Vd a = vabs(x), offset = a < 0x1p52 ? a - ((a + 0x1p52) - 0x1p52) : a - a;
  return x < 0. ? -offset : offset;
}
// Good for f32: reflected, the digits of doubles being enough near the zeros.
SINTER_INLINE Vd lgamma_reflected(Vd x) {
  Vd a = vabs(x), y = lgamma_positive(a);
  Vl left = x < 0.;
  if (!any_lane(left)) return y;
  Vd sine = vabs(vsin_near(kPi * from_whole(a)));
  Vd other = vlog(kPi / (a * sine)) - y;
  other = a == kInf ? a : sine == 0. ? Vd{} + kInf : other;
  return left ? other : y;
}
#if defined(__CUDACC__)
SINTER_INLINE double lgamma_scalar(double x) { return lgamma_positive(Vd(x)).v; }  // x > 0
SINTER_INLINE Vd lgamma_of(Vd x) { return lgamma_reflected(x); }
#endif
// The sum of 1 / (x + i)^Power up to x + i = 10 as one fraction; x comes out where it ended.
template <int Power>
SINTER_INLINE Vd shifted_sum(Vd& x) {
  Vd top = Vd{}, bottom = Vd{} + 1.;
  for (int i = 0; i < 10; i++) {
    Vl step = x < 10.;
    Vd f = Power == 1 ? x : x * x;
    top = step ? top * f + bottom : top;
    bottom = step ? bottom * f : bottom;
    x = step ? x + 1. : x;
  }
  return top / bottom;
}
SINTER_INLINE Vd digamma_of(Vd x) {
  constexpr double c[] = {1. / 12, -1. / 120, 1. / 252, -1. / 240, 1. / 132, -691. / 32760, 1. / 12};
  Vl left = x < 0.;
  Vd z = left ? 1. - x : x, sum = shifted_sum<1>(z), r = 1. / z, q = r * r;
  Vd y = vlog(z) - (0.5 * r + q * polynomial(q, c)) - sum;
  if (any_lane(left)) {
    Vd offset = from_whole(x);
    Vd reflected = y - kPi / vtan_near(kPi * offset);
    reflected = offset == 0. ? Vd{} + kNaN : reflected;  // poles
    y = left ? reflected : y;
  }
  return x == 0. ? with_sign(Vd{} + kInf, -x) : y;
}
SINTER_INLINE Vd trigamma_of(Vd x) {
  constexpr double c[] = {1. / 6, -1. / 30, 1. / 42, -1. / 30, 5. / 66, -691. / 2730, 7. / 6};
  Vl left = x < 0.5;
  Vd z = left ? 1. - x : x, sum = shifted_sum<2>(z), r = 1. / z, q = r * r;
  Vd y = sum + (r + (0.5 * q + r * q * polynomial(q, c)));
  if (any_lane(left)) {
    Vd offset = from_whole(x), s = vsin_near(kPi * offset) * (1 / kPi);
    Vd reflected = 1. / (s * s) - y;
    reflected = offset == 0. ? Vd{} + kInf : reflected;
    y = left ? reflected : y;
  }
  return x == -kInf ? Vd{} + kNaN : y;
}

// ---- one value at a time
// sum of c[k] q^k, coefficients in rising order
template <int N>
SINTER_INLINE double series(const double (&c)[N], double q) {
  double y = c[N - 1];
  for (int i = N - 2; i >= 0; i--) y = y * q + c[i];
  return y;
}

// sum of (q + k)^-s over k >= 0, for s > 1 and q > 0: Euler and Maclaurin's formula after the first terms.
SINTER_INLINE double zeta_positive(double s, double q) {
  constexpr double c[] = {1. / 12,          -1. / 720,
                          1. / 30240,       -1. / 1209600,
                          1. / 47900160,    -691. / 1307674368000,
                          1. / 74724249600, -3617. / 10670622842880000};  // B_2k / (2k)!
  if (q == kInf) return 0;
  double sum = 0;
  for (int i = 0; i < 10; i++, q += 1) sum += power_of(q, -s);
  double power = power_of(q, -s);
  sum += power * q / (s - 1) + 0.5 * power;
  double factor = s * power / q;
  for (int k = 0; k < 8; k++) {
    double term = c[k] * factor;
    sum += term;
    if (!(std::fabs(term) > 1e-18 * std::fabs(sum))) break;
    factor *= (s + 2 * k + 1) * (s + 2 * k + 2) / (q * q);
  }
  return sum;
}
// Hurwitz's zeta function. Left of zero the terms with a negative base are two such sums themselves.
SINTER_INLINE double zeta_of(double s, double q) {
  if (s == 1) return kInf;
  if (!(s > 1) || q != q) return kNaN;
  if (q > 0) return s == kInf ? (q > 1 ? 0 : q == 1 ? 1 : kInf) : zeta_positive(s, q);
  if (q == std::floor(q)) return kInf;
  if (s != std::floor(s)) return kNaN;
  const double fraction = q - std::floor(q);
  const double sign = 0.5 * s == std::floor(0.5 * s) ? 1 : -1;
  return zeta_positive(s, fraction) + sign * (zeta_positive(s, 1 - fraction) - zeta_positive(s, 1 - q));
}
// n >= 2: vectors serve the digamma and trigamma functions.
SINTER_INLINE double polygamma_of(double x, int n) { return (n % 2 ? 1 : -1) * factorial(n) * zeta_of(n + 1.0, x); }

// x^a e^-x / gamma(a + 1), without the cancellation of its logarithms where a is large.
SINTER_INLINE double gamma_density(double a, double x) {
  constexpr double c[] = {1. / 12, -1. / 360, 1. / 1260, -1. / 1680, 1. / 1188, -691. / 360360};
  if (a < 20) return std::exp(a * std::log(x) - x - lgamma_scalar(a + 1));
  const double mu = (x - a) / a, r = 1 / a;
  return std::exp(a * (std::log1p(mu) - mu) - r * series(c, r * r)) / std::sqrt(2 * kPi * a);
}
// The first terms of Temme's uniform expansion (DLMF 8.12.3), for a so large that the next one is below rounding.
constexpr double kLargeParameter = 4e6;
SINTER_INLINE double incomplete_gamma_uniform(double a, double x, bool upper) {
  const double mu = (x - a) / a;
  const bool small = std::fabs(mu) < 1e-3;
  const double e = small ? mu * mu * (0.5 - mu * (1. / 3 - mu * (0.25 - mu * 0.2))) : mu - std::log1p(mu);
  const double eta = std::copysign(std::sqrt(2 * e), mu);
  const double rest = (small ? -1. / 3 + eta / 12 : 1 / mu - 1 / eta) * std::exp(-a * e) / std::sqrt(2 * kPi * a);
  const double tail = 0.5 * std::erfc((upper ? eta : -eta) * std::sqrt(0.5 * a));
  return upper ? tail + rest : tail - rest;
}
constexpr int kGammaTerms = 20000;  // about nine times the square root of a
// Regularised lower (or upper) incomplete gamma function for finite a, x > 0: a power series left of a, a continued fraction
// (modified Lentz) right of it. Without kFar: where a is larger than kLargeParameter, x is below 2^17, which is nothing beside it.
template <bool kFar>
SINTER_INLINE double incomplete_gamma(double a, double x, bool upper) {
  if (a > kLargeParameter) return kFar ? incomplete_gamma_uniform(a, x, upper) : upper;
  const double density = gamma_density(a, x);
  if (x <= 1 || x <= a) {
    double sum = 1, term = 1;
    for (int k = 1; k < kGammaTerms && term > 1e-17 * sum; k++) sum += term *= x / (a + k);
    const double lower = density * sum;
    return upper ? 1 - lower : lower;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int k = 1; k < kGammaTerms; k++) {
    const double an = -k * (k - a);
    b += 2;
    d = an * d + b;
    d = 1 / (std::fabs(d) < 1e-300 ? 1e-300 : d);
    c = b + an / c;
    c = std::fabs(c) < 1e-300 ? 1e-300 : c;
    const double step = c * d;
    h *= step;
    if (std::fabs(step - 1) < 1e-16) break;
  }
  const double above = density * a * h;
  return upper ? above : 1 - above;
}
template <bool kFar = true>
SINTER_INLINE double igamma_of(double a, double x, bool upper) {
  const double none = upper ? 1 : 0, full = 1 - none;
  if (a < 0 || x < 0 || a != a || x != x) return kNaN;
  if (a == 0) return x > 0 ? full : upper ? none : kNaN;
  if (x == 0) return none;
  if (a == kInf) return x == kInf ? kNaN : none;
  if (x == kInf) return full;
  return incomplete_gamma<kFar>(a, x, upper);
}

}  // namespace sinter::cpu::SINTER_ISA
