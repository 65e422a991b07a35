// What numbers of a dtype are computed in. Place in the whole: products and convolutions of bf16 and f16 sum f32.
#pragma once
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

template <class S>
struct ComputeOf {
  using type = float;
};
template <>
struct ComputeOf<double> {
  using type = double;
};
template <class S>
using Compute = typename ComputeOf<S>::type;

SINTER_INLINE float widen(float x) { return x; }
SINTER_INLINE double widen(double x) { return x; }
SINTER_INLINE float widen(bf16 x) { return to_f32(x); }
SINTER_INLINE float widen(f16 x) { return to_f32(x); }

}  // namespace sinter::cpu::SINTER_ISA
