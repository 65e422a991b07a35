// Constants in the element type of what they meet. Place in the whole: formulas that are written once for vectors of f32 and of f64 and
// for single numbers.
#pragma once
#include "cpu/simd/vec.h"

namespace sinter::cpu::SINTER_ISA {

// The element type of V, a vector or a scalar.
template <class V>
struct ElementOf {
  using type = V;
};
template <>
struct ElementOf<Vf> {
  using type = float;
};
template <>
struct ElementOf<Vd> {
  using type = double;
};
template <class V>
SINTER_INLINE typename ElementOf<V>::type num(double x) {
  return static_cast<typename ElementOf<V>::type>(x);
}

}  // namespace sinter::cpu::SINTER_ISA
