// lionStep: Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023). Place in the whole: kernel of
// native/ops.def, compiled once per instruction set. Operands: (p, g, low?, m)*, see multi_tensor.h.
//   g = -g (maximize);  p = (1 - lr wd) p - lr sign(beta1 m + (1 - beta1) g);  m = beta2 m + (1 - beta2) g
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

// -1, 0 or 1; NaN stays NaN, so that a broken gradient shows.
template <class C>
SINTER_INLINE Vec<C> sign_of(Vec<C> x) {
  return x == Vec<C>{} ? x : x > Vec<C>{} ? splat<C>(1) : x < Vec<C>{} ? splat<C>(-1) : x;
}

template <class C>
struct Lion {
  C lr, beta1, gain1, beta2, gain2, keep, sign;

  explicit Lion(const double* a)
      : lr(static_cast<C>(a[0])), beta1(static_cast<C>(a[1])), gain1(static_cast<C>(1 - a[1])),
        beta2(static_cast<C>(a[2])), gain2(static_cast<C>(1 - a[2])), keep(static_cast<C>(1 - a[0] * a[3])),
        sign(a[4] != 0 ? C(-1) : C(1)) {}

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[1]) const {
    Vec<C>& m = state[0];
    g *= sign;
    p = keep * p - lr * sign_of<C>(beta1 * m + gain1 * g);
    m = beta2 * m + gain2 * g;
  }
};

}  // namespace

void lionStep(const Call& c) { run_rule<1, Lion>(c, "lionStep"); }

}  // namespace sinter::cpu::SINTER_ISA
