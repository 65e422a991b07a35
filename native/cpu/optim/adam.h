// Adam's arithmetic. Place in the whole: adamw.cpp applies it to states of the parameter's dtype, adam_8bit.cpp to
// states of one byte, lamb.cpp to a tensor whose step is then scaled.
//   m += (1 - beta1) (g - m);  v = beta2 v + (1 - beta2) g^2
//   direction = m / (1 - beta1^step) / (sqrt(v) / sqrt(1 - beta2^step) + eps)
#pragma once
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {

template <class C>
struct AdamMoments {
  C gain1, beta2, gain2, unbias1, unbias2, eps;

  AdamMoments(double beta1, double second, double epsilon, double step)
      : gain1(static_cast<C>(1 - beta1)), beta2(static_cast<C>(second)), gain2(static_cast<C>(1 - second)),
        unbias1(static_cast<C>(1 / (1 - std::pow(beta1, step)))),
        unbias2(static_cast<C>(1 / std::sqrt(1 - std::pow(second, step)))), eps(static_cast<C>(epsilon)) {}

  SINTER_INLINE void update(Vec<C> g, Vec<C>& m, Vec<C>& v) const {
    m += gain1 * (g - m);
    v = beta2 * v + gain2 * g * g;
  }
  SINTER_INLINE Vec<C> direction(Vec<C> m, Vec<C> v) const { return unbias1 * m / (vsqrt(v) * unbias2 + eps); }
};

}  // namespace sinter::cpu::SINTER_ISA
