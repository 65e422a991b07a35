// Orthogonal polynomials, one value at a time. Place in the whole: special_pairs.cpp applies them to tensors, and so does the CUDA form.
#pragma once
#include "cpu/simd/math_trig_double.h"

namespace sinter::cpu::SINTER_ISA {

// sin(x + quarter * pi/2); of 0 < x < 4 in less code.
#if defined(__CUDACC__)
SINTER_INLINE double wave(double x, int quarter) { return trig_of(trig_place(Vd(x)), quarter).v; }
SINTER_INLINE double near_wave(double x, int quarter) { return trig_of(trig_reduce(Vd(x)), quarter).v; }
SINTER_INLINE double arc_cosine(double x) { return vacos(Vd(x)).v; }
#else
SINTER_INLINE double wave(double x, int quarter) { return quarter ? std::cos(x) : std::sin(x); }
SINTER_INLINE double near_wave(double x, int quarter) { return wave(x, quarter); }
SINTER_INLINE double arc_cosine(double x) { return std::acos(x); }
#endif

// The families of `kind`, in the order of lib/ops/polynomials.ts.
enum Kind { kChebyshevT, kChebyshevU, kChebyshevV, kChebyshevW, kHermiteH, kHermiteHe, kLaguerre, kLegendre };
constexpr double kMaxDegree = 100000;  // a recurrence takes as many steps

// Trigonometric forms inside (-1, 1), where t = acos(x) (DLMF 18.5): T = cos(n t), U = sin((n + 1) t) / sin(t), V and W the quotients of
// cosines and sines of (n + 1/2) t and t / 2.
SINTER_INLINE double chebyshev_inside(int kind, double x, double n) {
  const double t = arc_cosine(x);
  const double first = kind == kChebyshevT ? 0 : kind == kChebyshevU ? 1 : 0.5;
  const double above = wave((n + first) * t, kind == kChebyshevT || kind == kChebyshevV);
  return kind == kChebyshevT ? above : above / near_wave(first * t, kind == kChebyshevV);
}
// Three-term recurrences (DLMF 18.9), degree n a whole number; 0 for negative degrees.
SINTER_INLINE double polynomial_of(int kind, double x, double degree) {
  if (degree != degree) return degree;
  const double n = std::trunc(degree);
  if (n < 0) return 0;
  if (n == 0) return 1;
  if (kind <= kChebyshevW && n > 8 && std::fabs(x) < 1) return chebyshev_inside(kind, x, n);
  if (n > kMaxDegree) return __builtin_nan("");
  double before = 1, p;
  switch (kind) {
    case kChebyshevT:
    case kHermiteHe:
    case kLegendre: p = x; break;
    case kChebyshevV: p = 2 * x - 1; break;
    case kChebyshevW: p = 2 * x + 1; break;
    case kLaguerre: p = 1 - x; break;
    default: p = 2 * x;
  }
  for (double k = 1; k < n && p - p == 0; k++) {
    double next;
    switch (kind) {
      case kHermiteH: next = 2 * (x * p - k * before); break;
      case kHermiteHe: next = x * p - k * before; break;
      case kLaguerre: next = ((2 * k + 1 - x) * p - k * before) / (k + 1); break;
      case kLegendre: next = ((2 * k + 1) * x * p - k * before) / (k + 1); break;
      default: next = 2 * x * p - before;
    }
    before = p;
    p = next;
  }
  return p;
}

}  // namespace sinter::cpu::SINTER_ISA
