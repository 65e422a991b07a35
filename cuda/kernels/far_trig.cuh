// Sine, cosine and tangent of doubles from 2^20 on, for f32 kernels. Place in the whole: what cpu/simd/lanes.h leaves to the C library on
// the CPU; nvcc's own takes local memory and calls a function for it.
#pragma once
#include "cpu/simd/math_trig_double.h"

namespace sinter::cpu::device {

SINTER_INLINE TrigReduced far_place(double x) {
  const FarReduced f = far_reduce(x);
  return {f.r, f.lost, Vl(f.n)};
}
// sin(x + quarter * pi/2)
SINTER_INLINE double far_trig(double x, int quarter) { return trig_of(far_place(x), quarter).v; }
SINTER_INLINE double far_sin(double x) { return far_trig(x, 0); }
SINTER_INLINE double far_cos(double x) { return far_trig(x, 1); }
SINTER_INLINE double far_tan(double x) { return tangent_of(far_place(x)).v; }

}  // namespace sinter::cpu::device
