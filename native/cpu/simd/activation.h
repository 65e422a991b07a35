// Activations on vectors. Place in the whole: the pointwise operators and the epilogues of products share them.
#pragma once
#include "cpu/simd/math.h"
#include "cpu/simd/math_double.h"

namespace sinter::cpu::SINTER_ISA {

SINTER_INLINE Vf vrelu(Vf x) { return x < 0.f ? Vf{} : x; }
SINTER_INLINE Vd vrelu(Vd x) { return x < 0. ? Vd{} : x; }
template <class V>
SINTER_INLINE V vgelu(V x) {
  V gauss;
  return x * normal_cdf(x, gauss);
}
// x (1 + tanh u) / 2 = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3)
SINTER_INLINE Vf vgelu_tanh(Vf x) { return x * vsigmoid(x * (1.59576912160573071f + 0.07135481627260025f * x * x)); }
SINTER_INLINE Vd vgelu_tanh(Vd x) { return x * vsigmoid(x * (1.59576912160573071 + 0.07135481627260025 * x * x)); }
template <class V>
SINTER_INLINE V vsilu(V x) {
  return x * vsigmoid(x);
}

}  // namespace sinter::cpu::SINTER_ISA
