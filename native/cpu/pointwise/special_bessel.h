// Modified Bessel functions. Place in the whole: special.cpp applies them to tensors. I is computed in the element's own type, K in
// double; special_oscillating.h has the others.
//
// Bounds in ulp: I 12 in f32 (test/accuracy).
#pragma once
#include "cpu/pointwise/special_gamma.h"
#include "cpu/simd/math.h"

// A table in a function; in device code its values become operands of instructions.
#if defined(__CUDACC__)
#define SINTER_TABLE constexpr
#else
#define SINTER_TABLE static constexpr
#endif

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

// I_Nu(x), or e^-|x| I_Nu(x).
template <int Nu, bool Scaled, class V, class T>
SINTER_INLINE V modified_bessel(V x, T edge) {
  SINTER_TABLE ModifiedSeries<T, Nu> c;
  V a = vabs(x), s = a / edge;
  V near = polynomial(s * s, c.near);
  if constexpr (Nu == 1) near *= T(0.5) * a;
  V root = T(0.39894228040143267794) / vsqrt(a);
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

// The series of c at u in [-1, 1], by Clenshaw's recurrence.
template <int N>
SINTER_INLINE Vd chebyshev(Vd u, const double (&c)[N]) {
  Vd before = Vd{}, sum = Vd{} + c[N - 1], twice = u + u;
  for (int i = N - 2; i > 0; i--) {
    Vd next = twice * sum - before + c[i];
    before = sum;
    sum = next;
  }
  return u * sum - before + c[0];
}

// e^x K_Nu(x) for x > 2: sqrt(1/x) times a Chebyshev series in 4/x - 1 (coefficients computed to 40 digits).
template <int Nu>
SINTER_INLINE Vd bessel_k_far(Vd x) {
  SINTER_TABLE double c[2][24] = {
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
  return chebyshev(4. / x - 1., c[Nu]) / vsqrt(x);
}
// K_0 and K_1 for 0 < x <= 2: series in (x/2)^2, one of them that of I (DLMF 10.31.1, 10.31.2).
template <int Nu>
struct SecondModifiedSeries {
  static constexpr int kTerms = 14;
  double first[kTerms], rest[kTerms];
  constexpr SecondModifiedSeries() : first(), rest() {
    constexpr double euler = 0.57721566490153286061;
    double term = 1, harmonic = 0;
    for (int k = 0; k < kTerms; k++) {
      first[k] = term;
      rest[k] = Nu == 0 ? term * (harmonic - euler) : -0.5 * term * (2 * harmonic + 1 / (k + 1.0) - 2 * euler);
      term /= (k + 1.0) * (k + 1 + Nu);
      harmonic += 1 / (k + 1.0);
    }
  }
};
template <int Nu>
SINTER_INLINE Vd bessel_k_near(Vd x) {
  SINTER_TABLE SecondModifiedSeries<Nu> c;
  Vd q = 0.25 * x * x, l = vlog(0.5 * x) * polynomial(q, c.first), rest = polynomial(q, c.rest);
  return Nu == 0 ? rest - l : 1. / x + 0.5 * x * (l + rest);
}
template <int Nu, bool Scaled>
SINTER_INLINE Vd bessel_k(Vd x) {
  Vl near = x <= 2.;
  Vd low = near ? x : Vd{} + 2., high = near ? Vd{} + 2. : x, e = vexp(Scaled ? low : -high);
  Vd y = near ? bessel_k_near<Nu>(low) : bessel_k_far<Nu>(high);
  y = (Scaled ? near : ~near) != 0 ? y * e : y;
  y = x == kInf ? Vd{} : x == 0. ? Vd{} + kInf : y;
  return x >= 0. ? y : Vd{} + kNaN;
}

}  // namespace sinter::cpu::SINTER_ISA
