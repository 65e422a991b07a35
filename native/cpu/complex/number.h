// Complex scalars. Place in the whole: what lets one kernel serve real and complex numbers where elements are treated one by
// one; the layout is that of c64 and c128. Loops over many numbers at once are those of pairs.h.
#pragma once
#include <cmath>

#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
struct Cx {
  T re = 0, im = 0;
  SINTER_INLINE constexpr Cx() {}
  SINTER_INLINE constexpr Cx(T re, T im = 0) : re(re), im(im) {}
  SINTER_INLINE friend Cx operator+(Cx a, Cx b) { return {a.re + b.re, a.im + b.im}; }
  SINTER_INLINE friend Cx operator-(Cx a, Cx b) { return {a.re - b.re, a.im - b.im}; }
  SINTER_INLINE friend Cx operator-(Cx a) { return {-a.re, -a.im}; }
  SINTER_INLINE friend Cx operator*(Cx a, Cx b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
  SINTER_INLINE friend Cx operator*(T a, Cx b) { return {a * b.re, a * b.im}; }
  SINTER_INLINE friend Cx operator/(Cx a, T b) { return {a.re / b, a.im / b}; }
  // b scaled by its larger part, so that nothing overflows that the quotient does not; 0 where b alone is infinite (C11, annex G).
  SINTER_INLINE friend Cx operator/(Cx a, Cx b) {
    if (b.re == 0 && b.im == 0) return {a.re / b.re, a.im / b.re};
    const bool ends = std::isinf(b.re) || std::isinf(b.im);
    const T size = ends                              ? std::numeric_limits<T>::infinity()
                   : std::abs(b.re) > std::abs(b.im) ? std::abs(b.re)
                                                     : std::abs(b.im);
    const T c = ends ? direction(b.re) : b.re / size, d = ends ? direction(b.im) : b.im / size, length = c * c + d * d;
    return {(a.re * c + a.im * d) / length / size, (a.im * c - a.re * d) / length / size};
  }
  // Of a part of what is infinite.
  static SINTER_INLINE T direction(T x) { return std::isinf(x) ? std::copysign(T(1), x) : T(0); }
  SINTER_INLINE Cx& operator+=(Cx b) { return *this = *this + b; }
  SINTER_INLINE Cx& operator-=(Cx b) { return *this = *this - b; }
  SINTER_INLINE Cx& operator/=(Cx b) { return *this = *this / b; }
  SINTER_INLINE friend bool operator==(Cx a, Cx b) { return a.re == b.re && a.im == b.im; }
};

template <class T>
struct RealOf {
  using type = T;
  static constexpr bool kComplex = false;
};
template <class T>
struct RealOf<Cx<T>> {
  using type = T;
  static constexpr bool kComplex = true;
};

SINTER_INLINE float conj_of(float x) { return x; }
SINTER_INLINE double conj_of(double x) { return x; }
template <class T>
SINTER_INLINE Cx<T> conj_of(Cx<T> z) {
  return {z.re, -z.im};
}

// |x|.
SINTER_INLINE float length_of(float x) { return std::abs(x); }
SINTER_INLINE double length_of(double x) { return std::abs(x); }
template <class T>
SINTER_INLINE T length_of(Cx<T> z) {
  return std::hypot(z.re, z.im);
}

// |re| + |im|: as good as |x| for comparisons, and cheap.
SINTER_INLINE float size_of(float x) { return std::abs(x); }
SINTER_INLINE double size_of(double x) { return std::abs(x); }
template <class T>
SINTER_INLINE T size_of(Cx<T> z) {
  return std::abs(z.re) + std::abs(z.im);
}

// The root with a real part that is not negative.
template <class T>
SINTER_INLINE Cx<T> root_of(Cx<T> z) {
  const T length = length_of(z);
  if (length == 0) return {};
  const T large = std::sqrt((length + std::abs(z.re)) / 2), small = z.im / (2 * large);
  return z.re >= 0 ? Cx<T>{large, small} : Cx<T>{std::abs(small), std::copysign(large, z.im)};
}

}  // namespace sinter::cpu::SINTER_ISA
