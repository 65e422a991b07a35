// Modified Bessel functions. Place in the whole: special.cpp applies them to tensors. I is computed on whole vectors in the
// element's own type, K (and those that libm has, J and Y) one double at a time.
#pragma once
#include "cpu/pointwise/special_error.h"
#include "cpu/simd/math.h"

namespace sinter::cpu::SINTER_ISA {

// I_nu(x) for nu = 0, 1 is a power series in (x/2)^2, all terms positive (DLMF 10.25.2), up to x = kEdge, and beyond it
// e^x / sqrt(2 pi x) times a series in 1/x that has become exact to the last digit by then (10.40.1). The variables are scaled
// to end at 1, so that no coefficient leaves the type's range.
template <class T>
struct Modified;
template <>
struct Modified<float> {
  static constexpr double kEdge = 12;
  static constexpr int kTerms = 26, kFar = 14;
};
template <>
struct Modified<double> {
  static constexpr double kEdge = 25;
  static constexpr int kTerms = 56, kFar = 34;
};
template <class T, int Nu>
struct ModifiedSeries {
  T near[Modified<T>::kTerms], far[Modified<T>::kFar];
  constexpr ModifiedSeries() : near(), far() {
    const double edge = Modified<T>::kEdge, q = edge * edge / 4;
    double term = 1;
    for (int k = 0; k < Modified<T>::kTerms; k++) {
      near[k] = static_cast<T>(term);
      term *= q / ((k + 1.0) * (k + 1 + Nu));
    }
    term = 1;
    for (int k = 0; k < Modified<T>::kFar; k++) {
      far[k] = static_cast<T>(term);
      term *= -(4.0 * Nu * Nu - (2 * k + 1.0) * (2 * k + 1)) / (8 * (k + 1) * edge);
    }
  }
};

SINTER_INLINE Vf inverse_root(Vf x) {
  for (int i = 0; i < kLanes<float>; i++) x[i] = 1.f / std::sqrt(x[i]);
  return x;
}
SINTER_INLINE Vd inverse_root(Vd x) {
  for (int i = 0; i < kLanes<double>; i++) x[i] = 1. / std::sqrt(x[i]);
  return x;
}

// I_Nu(x), or e^-|x| I_Nu(x).
template <int Nu, bool Scaled, class V, class T>
SINTER_INLINE V modified_bessel(V x, T edge) {
  static constexpr ModifiedSeries<T, Nu> c;
  V a = vabs(x), s = a / edge;
  V near = polynomial(s * s, c.near);
  if constexpr (Nu == 1) near *= T(0.5) * a;
  V root = inverse_root(a) * T(0.39894228040143267794);
  V far = root * polynomial(edge / a, c.far);
  if constexpr (Scaled) {
    near *= vexp(-a);
    far = a == T(__builtin_inf()) ? V{} : far;
  } else {
    V half = vexp(T(0.5) * a);  // e^x overflows before I does
    far = (far * half) * half;
    far = a == T(__builtin_inf()) ? a : far;
  }
  V y = a > edge ? far : near;
  if constexpr (Nu == 1) y = x < T(0) ? -y : y;
  return y;
}
template <int Nu, bool Scaled>
SINTER_INLINE Vf bessel_i(Vf x) {
  return modified_bessel<Nu, Scaled>(x, static_cast<float>(Modified<float>::kEdge));
}
template <int Nu, bool Scaled>
SINTER_INLINE Vd bessel_i(Vd x) {
  return modified_bessel<Nu, Scaled>(x, Modified<double>::kEdge);
}

// e^x K_nu(x) for x > 2: sqrt(1/x) times a Chebyshev series in 4/x - 1 (coefficients computed to 40 digits).
SINTER_INLINE double bessel_k_far(int nu, double x) {
  constexpr double c[2][24] = {
      {1.2201515410329777,     -0.031448101311964501,   0.0015698838857300534,  -0.00012849549581627803,
       1.3949813718876499e-5,  -1.8317555227191195e-6,  2.7668136394450151e-7,  -4.6604898976879477e-8,
       8.5740340174142261e-9,  -1.6975345093890615e-9,  3.5773972814003284e-10, -7.957489244477397e-11,
       1.8559491149549266e-11, -4.5145978833745192e-12, 1.1403405882073442e-12, -2.9800969231481784e-13,
       8.0328907750683744e-14, -2.2275133267462974e-14, 6.340076476276646e-15,  -1.8485933779209072e-15,
       5.5120559994043334e-16, -1.6782311257549006e-16, 5.2103917776435541e-17, -1.6475805939842633e-17},
      {1.3603130952422213,      0.10392373657681724,    -0.0028578168596227794,  0.00019521551847135163,
       -1.936197974166083e-5,   2.4064849478372171e-6,  -3.5019606030878125e-7,  5.7410841254500493e-8,
       -1.0345762465678097e-8,  2.0150497551970346e-9,  -4.1903547593419256e-10, 9.2183151876053141e-11,
       -2.129967838427791e-11,  5.1396396734823435e-12, -1.2891739609498229e-12, 3.3484196660522431e-13,
       -8.9767051820101461e-14, 2.4771544242195987e-14, -7.0198370892147689e-15, 2.0387031662398609e-15,
       -6.0570472706430178e-16, 1.8380935752430454e-16, -5.6894628491936484e-17, 1.7940510478863573e-17}};
  const double t = 2 * (4 / x - 1);
  double b0 = 0, b1 = 0;
  for (int k = 23; k > 0; k--) {  // Clenshaw
    const double b = t * b0 - b1 + c[nu][k];
    b1 = b0;
    b0 = b;
  }
  return (0.5 * t * b0 - b1 + c[nu][0]) / std::sqrt(x);
}
// K_0 and K_1 for 0 < x <= 2 (DLMF 10.31.1, 10.31.2).
SINTER_INLINE double bessel_k_near(int nu, double x) {
  constexpr double euler = 0.57721566490153286061;
  const double q = 0.25 * x * x, log_half = std::log(0.5 * x);
  double term = 1, harmonic = 0, sum = 0, i = 0;
  for (int k = 0; k < 20; k++) {
    if (nu == 0) {
      i += term;
      sum += term * (harmonic - euler);
      term *= q / ((k + 1.0) * (k + 1));
    } else {
      i += term;
      sum += term * (2 * harmonic + 1 / (k + 1.0) - 2 * euler);
      term *= q / ((k + 1.0) * (k + 2));
    }
    harmonic += 1 / (k + 1.0);
  }
  return nu == 0 ? sum - log_half * i : 1 / x + 0.5 * x * (log_half * i - 0.5 * sum);
}
SINTER_INLINE double bessel_k(int nu, double x, bool scaled) {
  if (!(x > 0)) return x == 0 ? kInf : kNaN;
  if (x == kInf) return 0;
  if (x <= 2) return bessel_k_near(nu, x) * (scaled ? std::exp(x) : 1);
  return bessel_k_far(nu, x) * (scaled ? 1 : std::exp(-x));
}

// sin(x) / x
SINTER_INLINE double spherical_j0(double x) {
  if (std::fabs(x) == kInf) return 0;
  return x == 0 ? 1 : std::sin(x) / x;
}

// Airy's function: in the middle the integral of e^(i (t^3/3 + x t)) along t = u + iv (DLMF 9.5.4), on which it decays and the
// trapezoidal rule is exact; outside the expansions 9.7.5 and 9.7.9.
SINTER_INLINE double airy_ai_of(double x) {
  if (x != x) return x;
  if (std::fabs(x) == kInf) return 0;
  const double a = std::fabs(x);
  if (a < 9) {
    const double v = x > 1 ? std::sqrt(x) : 0.5, h = 1. / 16, end = std::sqrt(44 / v);
    const double head = v * (v * v / 3 - x);  // the exponent at u = 0
    double sum = 0.5;
    for (double u = h; u < end; u += h) sum += std::exp(-u * u * v) * std::cos(u * (u * u / 3 - v * v + x));
    return std::exp(head) * sum * h / kPi;
  }
  const double zeta = 2. / 3 * a * std::sqrt(a);
  double even = 0, odd = 0, term = 1;
  const double sign = x > 0 ? 1 : -1;
  for (int k = 0; k < 14; k++) {
    // u_k / zeta^k, alternating by pairs left of zero
    (k % 2 ? odd : even) += (k / 2 % 2 && sign < 0 ? -term : term);
    term *= (6 * k + 5.0) * (6 * k + 3) * (6 * k + 1) / (216 * (k + 1) * (2 * k + 1) * zeta);
  }
  const double root = std::sqrt(std::sqrt(a));
  if (x > 0) return std::exp(-zeta) * 0.5 * kInvSqrtPi / root * (even - odd);
  return kInvSqrtPi / root * (std::cos(zeta - kPi / 4) * even + std::sin(zeta - kPi / 4) * odd);
}

}  // namespace sinter::cpu::SINTER_ISA
