// The gamma function's relatives in double, one value at a time. Place in the whole: special.cpp applies them to tensors (f32
// is computed in double too). Recurrence up to where Stirling's series holds, reflection on the left (DLMF 5.5, 5.11, 5.15, 8,
// 25.11).
#pragma once
#include <cmath>

#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

constexpr double kPi = 3.14159265358979323846;
constexpr double kNaN = __builtin_nan("");
constexpr double kInf = __builtin_inf();

SINTER_INLINE double lgamma_of(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}

// sum of c[k] q^k, coefficients in rising order
template <int N>
SINTER_INLINE double series(const double (&c)[N], double q) {
  double y = c[N - 1];
  for (int i = N - 2; i >= 0; i--) y = y * q + c[i];
  return y;
}

// For x > 0.
SINTER_INLINE double digamma_positive(double x) {
  constexpr double c[] = {1. / 12, -1. / 120, 1. / 252, -1. / 240, 1. / 132, -691. / 32760, 1. / 12};
  double sum = 0;
  for (; x < 10; x += 1) sum -= 1 / x;
  double q = 1 / (x * x);
  return sum + (std::log(x) - 0.5 / x - q * series(c, q));
}
SINTER_INLINE double digamma_of(double x) {
  if (x == 0) return std::copysign(kInf, -x);
  if (x > 0) return x == kInf ? x : digamma_positive(x);
  const double offset = x - std::nearbyint(x);
  if (!(offset != 0)) return kNaN;  // poles, minus infinity
  return digamma_positive(1 - x) - kPi / std::tan(kPi * offset);
}

SINTER_INLINE double trigamma_positive(double x) {
  constexpr double c[] = {1. / 6, -1. / 30, 1. / 42, -1. / 30, 5. / 66, -691. / 2730, 7. / 6};
  double sum = 0;
  for (; x < 10; x += 1) sum += 1 / (x * x);
  double r = 1 / x, q = r * r;
  return sum + r + 0.5 * q + r * q * series(c, q);
}
SINTER_INLINE double trigamma_of(double x) {
  if (x >= 0.5) return trigamma_positive(x);
  const double offset = x - std::nearbyint(x);
  if (x != x || x == -kInf) return kNaN;
  if (offset == 0) return kInf;
  const double s = std::sin(kPi * offset) / kPi;
  return 1 / (s * s) - trigamma_positive(1 - x);
}

// sum of (q + k)^-s over k >= 0, for s > 1 and q > 0: Euler and Maclaurin's formula after the first terms.
SINTER_INLINE double zeta_positive(double s, double q) {
  constexpr double c[] = {1. / 12,          -1. / 720,
                          1. / 30240,       -1. / 1209600,
                          1. / 47900160,    -691. / 1307674368000,
                          1. / 74724249600, -3617. / 10670622842880000};  // B_2k / (2k)!
  if (q == kInf) return 0;
  double sum = 0;
  for (int i = 0; i < 10; i++, q += 1) sum += std::pow(q, -s);
  double power = std::pow(q, -s);
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
  const double sign = std::fmod(s, 2) == 0 ? 1 : -1;
  return zeta_positive(s, fraction) + sign * (zeta_positive(s, 1 - fraction) - zeta_positive(s, 1 - q));
}
SINTER_INLINE double polygamma_of(double x, int n) {
  if (n == 0) return digamma_of(x);
  if (n == 1) return trigamma_of(x);
  return (n % 2 ? 1 : -1) * std::tgamma(n + 1.0) * zeta_of(n + 1.0, x);
}

// x^a e^-x / gamma(a + 1), without the cancellation of its logarithms where a is large.
SINTER_INLINE double gamma_density(double a, double x) {
  constexpr double c[] = {1. / 12, -1. / 360, 1. / 1260, -1. / 1680, 1. / 1188, -691. / 360360};
  if (a < 20) return std::exp(a * std::log(x) - x - lgamma_of(a + 1));
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
// (modified Lentz) right of it.
SINTER_INLINE double incomplete_gamma(double a, double x, bool upper) {
  if (a > kLargeParameter) return incomplete_gamma_uniform(a, x, upper);
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
SINTER_INLINE double igamma_of(double a, double x, bool upper) {
  const double none = upper ? 1 : 0, full = 1 - none;
  if (a < 0 || x < 0 || a != a || x != x) return kNaN;
  if (a == 0) return x > 0 ? full : upper ? none : kNaN;
  if (x == 0) return none;
  if (a == kInf) return x == kInf ? kNaN : none;
  if (x == kInf) return full;
  return incomplete_gamma(a, x, upper);
}

}  // namespace sinter::cpu::SINTER_ISA
