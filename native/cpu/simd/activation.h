// Activations on vectors. Place in the whole: the pointwise operators and the epilogues of products share them.
#pragma once
#include <type_traits>

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

// What a product may do to its results, as lib/ops/fusedActivation.ts numbers it.
enum class Activation : int { none, relu, gelu, gelu_tanh, silu };

// f(std::integral_constant of `a`): a loop inside f has no branch on the activation.
template <class F>
SINTER_INLINE auto with_activation(Activation a, F f) {
  switch (a) {
    case Activation::relu: return f(std::integral_constant<Activation, Activation::relu>{});
    case Activation::gelu: return f(std::integral_constant<Activation, Activation::gelu>{});
    case Activation::gelu_tanh: return f(std::integral_constant<Activation, Activation::gelu_tanh>{});
    case Activation::silu: return f(std::integral_constant<Activation, Activation::silu>{});
    case Activation::none: break;
  }
  return f(std::integral_constant<Activation, Activation::none>{});
}
template <Activation A, class V>
SINTER_INLINE V activated(V x) {
  if constexpr (A == Activation::relu) return vrelu(x);
  if constexpr (A == Activation::gelu) return vgelu(x);
  if constexpr (A == Activation::gelu_tanh) return vgelu_tanh(x);
  if constexpr (A == Activation::silu) return vsilu(x);
  return x;
}
template <class V>
SINTER_INLINE V activated(Activation a, V x) {
  return with_activation(a, [x](auto is) { return activated<decltype(is)::value>(x); });
}

}  // namespace sinter::cpu::SINTER_ISA
