// Reference backend: special functions, summed or integrated in long double straight from their definitions (DLMF, the
// numbers in brackets), which share nothing with the kernels' approximations.
#include <functional>

#include "reference/elements.h"

namespace sinter::reference {
namespace {

using Real = long double;
constexpr Real kPi = 3.14159265358979323846264338327950288L;
constexpr Real kEuler = 0.57721566490153286060651209008240243L;
constexpr Real kRealNaN = std::numeric_limits<Real>::quiet_NaN();
constexpr Real kRealInf = std::numeric_limits<Real>::infinity();

template <class F>
void map(const Call& c, F f) {
  std::vector<double> x = read(c.in[0], shape_of(c.out[0]));
  for (double& value : x) value = static_cast<double>(f(static_cast<Real>(value)));
  write(c.out[0], x);
}
template <class F>
void map_pair(const Call& c, F f) {
  Shape shape = shape_of(c.out[0]);
  int mode = static_cast<int>(c.int_attr(0));
  std::vector<double> x = read(c.in[0], shape), other(x.size(), c.attr[1]);
  if (mode == 0) other = read(c.in[1], shape);
  if (mode == 2) std::swap(x, other);
  for (size_t i = 0; i < x.size(); i++)
    x[i] = static_cast<double>(f(static_cast<Real>(x[i]), static_cast<Real>(other[i])));
  write(c.out[0], x);
}

// Hurwitz's zeta function [25.11.1] by Euler's and Maclaurin's formula after 24 terms, at q > 0.
Real zeta_at(Real s, Real q) {
  constexpr Real bernoulli[] = {1.L / 6,       -1.L / 30, 1.L / 42,      -1.L / 30,     5.L / 66,
                                -691.L / 2730, 7.L / 6,   -3617.L / 510, 43867.L / 798, -174611.L / 330};
  if (std::isinf(q)) return 0;
  Real sum = 0;
  for (int k = 0; k < 24; k++, q++) sum += std::pow(q, -s);
  sum += std::pow(q, 1 - s) / (s - 1) + std::pow(q, -s) / 2;
  Real factor = s * std::pow(q, -s - 1), factorial = 2;
  for (int k = 1; k <= 10; k++) {
    sum += bernoulli[k - 1] * factor / factorial;
    factor *= (s + 2 * k - 1) * (s + 2 * k) / (q * q);
    factorial *= (2 * k + 1) * (2 * k + 2);
  }
  return sum;
}
Real zeta_of(Real s, Real q) {
  if (std::isnan(s) || std::isnan(q) || s < 1) return kRealNaN;
  if (s == 1) return kRealInf;
  if (q <= 0 && q == std::floor(q)) return kRealInf;
  if (q <= 0 && s != std::floor(s)) return kRealNaN;
  if (std::isinf(s)) return q > 1 ? 0 : q == 1 ? 1 : kRealInf;
  Real sum = 0;
  for (; q <= 0; q++) sum += std::pow(q, -s);
  return sum + zeta_at(s, q);
}
// Recurrence [5.5.2] to x >= 30, then [5.11.2].
Real digamma_of(Real x) {
  if (x == 0) return std::copysign(kRealInf, -x);
  if (x < 0 && x == std::floor(x)) return kRealNaN;
  if (x < 0) return digamma_of(1 - x) - kPi / std::tan(kPi * (x - std::floor(x)));
  if (std::isinf(x)) return x;
  Real sum = 0;
  for (; x < 30; x++) sum -= 1 / x;
  const Real q = 1 / (x * x);
  return sum + std::log(x) - 0.5L / x -
         q * (1.L / 12 - q * (1.L / 120 - q * (1.L / 252 - q * (1.L / 240 - q * (1.L / 132 - q * 691.L / 32760)))));
}
Real polygamma_of(int n, Real x) {
  if (n == 0) return digamma_of(x);
  if (std::isnan(x) || (n == 1 && x == -kRealInf)) return kRealNaN;
  const Real z = zeta_of(n + 1, x);
  return n % 2 ? std::tgamma(n + 1.L) * z : -std::tgamma(n + 1.L) * z;
}

// The zero of a monotonic function by bisection: long double has 64 bits of mantissa, and exponents are bracketed first.
Real solve(const std::function<Real(Real)>& rising, Real low, Real high) {
  for (int i = 0; i < 200 && low < high; i++) {
    const Real middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    (rising(middle) < 0 ? low : high) = middle;
  }
  return low + (high - low) / 2;
}
Real erfinv_of(Real y) {
  if (!(std::fabs(y) < 1)) return std::fabs(y) == 1 ? std::copysign(kRealInf, y) : kRealNaN;
  const Real a = std::fabs(y);
  // sqrt(pi) / 2 y <= erfinv(y)
  const Real x = a == 0     ? 0
                 : a < 0.5L ? solve([&](Real t) { return std::erf(t) - a; }, a * 0.8L, 1)
                            : solve([&](Real t) { return (1 - a) - std::erfc(t); }, 0.4L, 12);
  return std::copysign(x, y);
}
Real ndtri_of(Real p) {
  if (!(p > 0 && p < 1)) return p == 0 ? -kRealInf : p == 1 ? kRealInf : kRealNaN;
  if (p == 0.5L) return 0;
  const Real tail = p < 0.5L ? p : 1 - p;
  if (tail > 0.25L) return std::sqrt(2.L) * erfinv_of(2 * p - 1);
  const Real x = solve([&](Real t) { return tail - std::erfc(t / std::sqrt(2.L)) / 2; }, 0, 40);
  return p < 0.5L ? -x : x;
}
Real erfcx_of(Real x) {
  if (x > 20) {  // continued fraction [7.9.1]
    Real t = x;
    for (int k = 60; k > 0; k--) t = x + k / 2.L / t;
    return 1 / (std::sqrt(kPi) * t);
  }
  return std::exp(x * x) * std::erfc(x);
}
Real log_ndtr_of(Real x) {
  if (x < -5) return std::log(erfcx_of(-x / std::sqrt(2.L)) / 2) - x * x / 2;
  return x > 0 ? std::log1p(-std::erfc(x / std::sqrt(2.L)) / 2) : std::log(std::erfc(-x / std::sqrt(2.L)) / 2);
}

// e^-|x| I_nu(x) [10.32.3]: the trapezoidal rule is exact to any order for periodic functions.
Real modified_i(int nu, Real x, bool scaled) {
  if (std::isnan(x)) return x;
  const Real a = std::fabs(x), sign = nu == 1 && x < 0 ? -1 : 1;
  if (std::isinf(a)) return scaled ? 0 : sign * a;
  if (!scaled && a > 12000) return sign * kRealInf;
  Real sum = 0;
  if (a < 1) {  // [10.25.2]
    Real term = nu == 0 ? 1 : a / 2;
    for (int k = 0; k < 20; k++) {
      sum += term;
      term *= a * a / 4 / ((k + 1) * (k + 1 + nu));
    }
    return sign * sum * std::exp(scaled ? -a : 0);
  }
  const int n = 40 + static_cast<int>(8 * std::sqrt(a));
  if (a > 60) {
    // Nothing is left of the integrand away from 0. Substituted by u^2 = a (1 - cos t): a Gaussian in u, for which the rule is as good.
    const Real h = 1.L / 16;
    for (Real u = -9; u <= 9; u += h) {
      const Real s = u / std::sqrt(2 * a), t = 2 * std::asin(s);
      sum += std::exp(-u * u) * (nu == 1 ? std::cos(t) : 1) / std::sqrt(1 - s * s);
    }
    sum *= h / (kPi * std::sqrt(2 * a));
    return sign * sum * (scaled ? 1 : std::exp(a));
  }
  for (int k = 0; k < n; k++) {
    const Real t = 2 * kPi * k / n;
    sum += std::exp(a * (std::cos(t) - 1)) * (nu == 1 ? std::cos(t) : 1);
  }
  return sign * sum / n * (scaled ? 1 : std::exp(a));
}
// e^x K_nu(x) = integral of e^(x (1 - cosh t)) cosh(nu t) over t > 0 [10.32.9]
Real modified_k(int nu, Real x, bool scaled) {
  if (!(x > 0)) return x == 0 ? kRealInf : kRealNaN;
  if (std::isinf(x)) return 0;
  const Real end = std::acosh(1 + 60 / x), h = end / 400;
  Real sum = 0.5L;
  for (int k = 1; k <= 400; k++) {
    const Real s = std::sinh(k * h / 2);
    sum += std::exp(-2 * x * s * s) * std::cosh(nu * k * h);
  }
  return sum * h * (scaled ? 1 : std::exp(-x));
}
// Hankel's expansions [10.17.3, 10.17.4] from x = 25 on.
void hankel(int nu, Real x, Real& p, Real& q) {
  Real term = 1;
  p = q = 0;
  for (int k = 0; k < 40; k++) {
    (k % 2 ? q : p) += k / 2 % 2 ? -term : term;
    term *= (4 * nu * nu - Real(2 * k + 1) * (2 * k + 1)) / (8 * (k + 1) * x);
  }
}
// J_0 ... J_80 for 0 <= x <= 25 by Miller's backward recurrence [3.6(iii)], normalised by J_0 + 2 J_2 + 2 J_4 + ... = 1.
std::vector<Real> bessel_orders(Real x) {
  constexpr int top = 120;
  std::vector<Real> j(top + 2, 0);
  if (x == 0) {
    j[0] = 1;
    return j;
  }
  j[top] = std::pow(Real(10), -1000);
  Real sum = 0;
  for (int k = top; k > 0; k--) {
    j[k - 1] = 2 * k / x * j[k] - j[k + 1];
    if (k % 2) sum += (k == 1 ? 1 : 2) * j[k - 1];
  }
  for (Real& value : j) value /= sum;
  return j;
}
Real bessel_j(int nu, Real x) {
  if (std::isnan(x)) return x;
  if (x < 0) return nu % 2 ? -bessel_j(nu, -x) : bessel_j(nu, -x);
  if (std::isinf(x)) return 0;
  if (x > 25) {
    Real p, q;
    hankel(nu, x, p, q);
    const Real w = x - (nu / 2.L + 0.25L) * kPi;
    return std::sqrt(2 / (kPi * x)) * (std::cos(w) * p - std::sin(w) * q);
  }
  return bessel_orders(x)[nu];
}
Real bessel_y(int nu, Real x) {
  if (!(x > 0)) return x == 0 ? -kRealInf : kRealNaN;
  if (std::isinf(x)) return 0;
  if (x > 25) {
    Real p, q;
    hankel(nu, x, p, q);
    const Real w = x - (nu / 2.L + 0.25L) * kPi;
    return std::sqrt(2 / (kPi * x)) * (std::sin(w) * p + std::cos(w) * q);
  }
  // [10.8.2], and its derivative
  const Real head = 2 / kPi * (std::log(x / 2) + kEuler);
  const std::vector<Real> j = bessel_orders(x);
  Real sum = 0;
  for (int k = 1; k < 40; k++) {
    const Real sign = k % 2 ? -1 : 1;
    sum += sign / k * (nu == 0 ? j[2 * k] : (j[2 * k - 1] - j[2 * k + 1]) / 2);
  }
  if (nu == 0) return head * j[0] - 4 / kPi * sum;
  return -2 / (kPi * x) * j[0] + head * j[1] + 4 / kPi * sum;
}
// Ai(x) = 1/pi times the integral of cos(t^3/3 + x t), moved to a path on which the integrand decays: t = u + i v with v = sqrt(x),
// or 1/2 [9.5.4]; the trapezoidal rule converges exponentially.
Real airy_ai_of(Real x) {
  if (std::isnan(x)) return x;
  if (std::isinf(x) || x > 200) return 0;
  if (x < -12) {  // [9.7.9]
    const Real zeta = -2 * x * std::sqrt(-x) / 3;
    Real parts[2] = {0, 0}, term = 1;
    for (int k = 0; k < 24; k++) {
      parts[k % 2] += k / 2 % 2 ? -term : term;
      term *= (6 * k + 5.L) * (6 * k + 3) * (6 * k + 1) / (216 * (k + 1) * (2 * k + 1) * zeta);
    }
    return (std::cos(zeta - kPi / 4) * parts[0] + std::sin(zeta - kPi / 4) * parts[1]) / std::sqrt(kPi * std::sqrt(-x));
  }
  const Real v = x > 1 ? std::sqrt(x) : 0.5L, h = 1.L / 64;
  const Real end = std::sqrt(60 / v);
  Real sum = 0;
  for (Real u = -end; u <= end; u += h) {
    // i (t^3/3 + x t) at t = u + iv: real and imaginary part
    const Real re = -(u * u * v - v * v * v / 3) - x * v, im = u * u * u / 3 - u * v * v + x * u;
    sum += std::exp(re) * std::cos(im);
  }
  return sum * h / (2 * kPi);
}

// Regularised incomplete gamma functions: the series [8.7.1] of the lower, [8.9.2] of the upper.
Real igamma_of(Real a, Real x, bool upper) {
  if (a < 0 || x < 0 || std::isnan(a) || std::isnan(x)) return kRealNaN;
  const Real none = upper ? 1 : 0;
  if (a == 0) return x > 0 ? 1 - none : upper ? 1 : kRealNaN;
  if (x == 0) return none;
  if (std::isinf(a)) return std::isinf(x) ? kRealNaN : none;
  if (std::isinf(x)) return 1 - none;
  const Real density = std::exp(a * std::log(x) - x - std::lgamma(a + 1));
  if (x < a + 1) {
    Real sum = 1, term = 1;
    for (int k = 1; k < 20000 && term > 1e-22L * sum; k++) sum += term *= x / (a + k);
    return upper ? 1 - density * sum : density * sum;
  }
  Real t = 0;
  for (int k = 2000; k > 0; k--) t = k * (a - k) / (x + 2 * k + 1 - a + t);
  const Real above = density * a / (x + 1 - a + t);
  return upper ? above : 1 - above;
}
Real polynomial_of(int kind, Real x, Real degree) {
  if (std::isnan(degree)) return degree;
  const int n = static_cast<int>(std::min(degree, Real(1e6)));
  if (degree <= -1) return 0;
  const Real first[] = {x, 2 * x, 2 * x - 1, 2 * x + 1, 2 * x, x, 1 - x, x};
  Real before = 1, p = n == 0 ? 1 : first[kind];
  for (Real k = 1; k < n; k++) {
    const Real next = kind < 4    ? 2 * x * p - before
                      : kind == 4 ? 2 * (x * p - k * before)
                      : kind == 5 ? x * p - k * before
                      : kind == 6 ? ((2 * k + 1 - x) * p - k * before) / (k + 1)
                                  : ((2 * k + 1) * x * p - k * before) / (k + 1);
    before = p;
    p = next;
  }
  return p;
}

}  // namespace

void lgamma(const Call& c) {
  map(c, [](Real x) { return std::lgamma(x); });
}
void digamma(const Call& c) { map(c, digamma_of); }
void polygamma(const Call& c) {
  int n = static_cast<int>(c.int_attr(0));
  map(c, [=](Real x) { return polygamma_of(n, x); });
}
void erfinv(const Call& c) { map(c, erfinv_of); }
void erfcx(const Call& c) { map(c, erfcx_of); }
void ndtr(const Call& c) {
  map(c, [](Real x) { return std::erfc(-x / std::sqrt(2.L)) / 2; });
}
void ndtri(const Call& c) { map(c, ndtri_of); }
void logNdtr(const Call& c) { map(c, log_ndtr_of); }
void entr(const Call& c) {
  map(c, [](Real x) { return x == 0 ? 0 : x < 0 ? -kRealInf : -x * std::log(x); });
}
void logit(const Call& c) {
  Real eps = c.attr[0];
  map(c, [=](Real x) {
    if (eps >= 0) x = x < eps ? eps : x > 1 - eps ? 1 - eps : x;
    return x < 0 || x > 1 ? kRealNaN : std::log(x) - std::log1p(-x);
  });
}
void i0(const Call& c) {
  map(c, [](Real x) { return modified_i(0, x, false); });
}
void i0e(const Call& c) {
  map(c, [](Real x) { return modified_i(0, x, true); });
}
void i1(const Call& c) {
  map(c, [](Real x) { return modified_i(1, x, false); });
}
void i1e(const Call& c) {
  map(c, [](Real x) { return modified_i(1, x, true); });
}
void besselJ0(const Call& c) {
  map(c, [](Real x) { return bessel_j(0, x); });
}
void besselJ1(const Call& c) {
  map(c, [](Real x) { return bessel_j(1, x); });
}
void besselY0(const Call& c) {
  map(c, [](Real x) { return bessel_y(0, x); });
}
void besselY1(const Call& c) {
  map(c, [](Real x) { return bessel_y(1, x); });
}
void modifiedBesselK(const Call& c) {
  int nu = static_cast<int>(c.int_attr(0));
  bool scaled = c.attr[1] != 0;
  map(c, [=](Real x) { return modified_k(nu, x, scaled); });
}
void sphericalBesselJ0(const Call& c) {
  map(c, [](Real x) { return x == 0 ? 1 : std::isinf(x) ? 0 : std::sin(x) / x; });
}
void sphericalBesselJ1(const Call& c) {
  map(c, [](Real x) -> Real {
    if (std::isinf(x)) return 0;
    if (std::fabs(x) >= 1) return (std::sin(x) / x - std::cos(x)) / x;
    Real term = x / 3, sum = term;
    for (int k = 1; k < 20; k++) sum += term *= -x * x / (2 * k * (2 * k + 3));
    return sum;
  });
}
void airyAi(const Call& c) { map(c, airy_ai_of); }
void zeta(const Call& c) { map_pair(c, zeta_of); }
void igamma(const Call& c) {
  map_pair(c, [](Real a, Real x) { return igamma_of(a, x, false); });
}
void igammac(const Call& c) {
  map_pair(c, [](Real a, Real x) { return igamma_of(a, x, true); });
}
void orthogonalPolynomial(const Call& c) {
  int kind = static_cast<int>(c.int_attr(2));
  map_pair(c, [=](Real x, Real n) { return polynomial_of(kind, x, n); });
}

}  // namespace sinter::reference
