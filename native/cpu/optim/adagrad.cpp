// adagradStep: Adagrad (Duchi, Hazan and Singer, 2011) as PyTorch defines it. Place in the whole: kernel of
// native/ops.def, compiled once per instruction set. Operands: (p, g, low?, sum)*, see multi_tensor.h.
//   g = -g (maximize);  g += wd p;  sum += g^2;  p -= rate g / (sqrt(sum) + eps),   rate = lr / (1 + (step - 1) lrDecay)
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct Adagrad {
  C rate, decay, eps, sign;

  explicit Adagrad(const double* a)
      : rate(static_cast<C>(a[0] / (1 + (a[4] - 1) * a[1]))), decay(static_cast<C>(a[2])), eps(static_cast<C>(a[3])),
        sign(a[5] != 0 ? C(-1) : C(1)) {}

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[1]) const {
    g = sign * g + decay * p;
    state[0] += g * g;
    p -= rate * g / (vsqrt(state[0]) + eps);
  }
};

}  // namespace

void adagradStep(const Call& c) { run_rule<1, Adagrad>(c, "adagradStep"); }

}  // namespace sinter::cpu::SINTER_ISA
