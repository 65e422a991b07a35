// nadamStep: Adam with Nesterov momentum (Dozat, "Incorporating Nesterov momentum into Adam", 2016) as PyTorch defines it.
// Place in the whole: kernel of native/ops.def, compiled once per instruction set. Operands: (p, g, low?, m, v)*, see
// multi_tensor.h. mu and next are the momenta of this step and of the next one, product that of all up to this one.
//   g = -g (maximize);  p *= 1 - lr wd  (decoupled)   or   g += wd p;  m, v as in adam.h
//   p -= lr ((1 - mu) / (1 - product) g + next / (1 - product next) m) / (sqrt(v) / sqrt(1 - beta2^step) + eps)
#include "cpu/optim/adam.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct NAdam {
  AdamMoments<C> moments;
  C keep, decay, sign, of_gradient, of_moment;

  explicit NAdam(const double* a)
      : moments(a[1], a[2], a[3], a[5]), sign(a[7] != 0 ? C(-1) : C(1)),
        of_gradient(static_cast<C>(a[0] * (1 - a[8]) / (1 - a[10]))),
        of_moment(static_cast<C>(a[0] * a[9] / (1 - a[10] * a[9]))) {
    const bool decoupled = a[6] != 0;
    keep = static_cast<C>(decoupled ? 1 - a[0] * a[4] : 1);
    decay = static_cast<C>(decoupled ? 0 : a[4]);
  }

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[2]) const {
    Vec<C>&m = state[0], &v = state[1];
    g = sign * g + decay * p;
    moments.update(g, m, v);
    p = keep * p - (of_gradient * g + of_moment * m) / (vsqrt(v) * moments.unbias2 + moments.eps);
  }
};

}  // namespace

void nadamStep(const Call& c) { run_rule<2, NAdam>(c, "nadamStep"); }

}  // namespace sinter::cpu::SINTER_ISA
