// What numbers of a dtype are computed in: f32 for f32, bf16 and f16, f64 for f64. Place in the whole: above vec.h, under every family
// that reads floating types.
#pragma once
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

template <class T>
struct ComputeOf {
  using type = float;
};
template <>
struct ComputeOf<double> {
  using type = double;
};
template <class T>
using Compute = typename ComputeOf<T>::type;

SINTER_INLINE float to_compute(float x) { return x; }
SINTER_INLINE double to_compute(double x) { return x; }
SINTER_INLINE float to_compute(bf16 x) { return to_f32(x); }
SINTER_INLINE float to_compute(f16 x) { return to_f32(x); }

}  // namespace sinter::cpu::SINTER_ISA
