// Activations on vectors, and their slopes. Place in the whole: the pointwise operators, their gradients and the epilogues of products
// share them.
#pragma once
#include <type_traits>

#include "cpu/simd/math.h"
#include "cpu/simd/math_double.h"
#include "cpu/simd/number.h"

namespace sinter::cpu::SINTER_ISA {

SINTER_INLINE Vf vrelu(Vf x) { return x < 0.f ? Vf{} : x; }
SINTER_INLINE Vd vrelu(Vd x) { return x < 0. ? Vd{} : x; }

// ---- with the derivative at x, which shares most of the work
// x Phi(x): Phi(x) + x phi(x)
template <class V>
SINTER_INLINE V vgelu(V x, V& slope) {
  V gauss, cdf = normal_cdf(x, gauss);
  slope = cdf + x * gauss * num<V>(0.39894228040143267794);
  return x * cdf;
}
// x (1 + tanh u) / 2 = x s with s = sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3): s + x s (1 - s) 2u'
template <class V>
SINTER_INLINE V vgelu_tanh(V x, V& slope) {
  V x2 = x * x;
  V s = vsigmoid(x * (num<V>(1.59576912160573071) + num<V>(0.07135481627260025) * x2));
  slope = s + x * s * (num<V>(1) - s) * (num<V>(1.59576912160573071) + num<V>(0.21406444881780075) * x2);
  return x * s;
}
template <class V>
SINTER_INLINE V vsilu(V x, V& slope) {
  V s = vsigmoid(x);
  slope = s * (num<V>(1) + x * (num<V>(1) - s));
  return x * s;
}
// ---- without
template <class V>
SINTER_INLINE V vgelu(V x) {
  V slope;
  return vgelu(x, slope);
}
template <class V>
SINTER_INLINE V vgelu_tanh(V x) {
  V slope;
  return vgelu_tanh(x, slope);
}
template <class V>
SINTER_INLINE V vsilu(V x) {
  V slope;
  return vsilu(x, slope);
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
template <Activation A, class V>
SINTER_INLINE V activated(V x, V& slope) {
  if constexpr (A == Activation::relu) {
    slope = x <= num<V>(0) ? V{} : V{} + num<V>(1);
    return vrelu(x);
  }
  if constexpr (A == Activation::gelu) return vgelu(x, slope);
  if constexpr (A == Activation::gelu_tanh) return vgelu_tanh(x, slope);
  if constexpr (A == Activation::silu) return vsilu(x, slope);
  slope = V{} + num<V>(1);
  return x;
}

}  // namespace sinter::cpu::SINTER_ISA
