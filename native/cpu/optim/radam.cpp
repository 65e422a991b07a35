// radamStep: rectified Adam (Liu et al., "On the variance of the adaptive learning rate and beyond", 2020) as PyTorch
// defines it. Place in the whole: kernel of native/ops.def, compiled once per instruction set. Operands:
// (p, g, low?, m, v)*, see multi_tensor.h.
//   g = -g (maximize);  p *= 1 - lr wd  (decoupled)   or   g += wd p;  m, v as in adam.h
//   last = 2 / (1 - beta2) - 1;  length = last - 2 step beta2^step / (1 - beta2^step)
//   length > 5:  p -= lr r sqrt(1 - beta2^step) m / (1 - beta1^step) / (sqrt(v) + eps),
//                r^2 = (length - 4) (length - 2) last / ((last - 4) (last - 2) length)
//   else:        p -= lr m / (1 - beta1^step)
#include "cpu/optim/adam.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct RAdam {
  AdamMoments<C> moments;
  C keep, decay, sign, rate;
  bool rectified;

  explicit RAdam(const double* a) : moments(a[1], a[2], a[3], a[5]), sign(a[7] != 0 ? C(-1) : C(1)) {
    const bool decoupled = a[6] != 0;
    keep = static_cast<C>(decoupled ? 1 - a[0] * a[4] : 1);
    decay = static_cast<C>(decoupled ? 0 : a[4]);
    const double power = std::pow(a[2], a[5]), last = 2 / (1 - a[2]) - 1;
    const double length = last - 2 * a[5] * power / (1 - power);
    rectified = length > 5;
    double r = a[0] / (1 - std::pow(a[1], a[5]));
    if (rectified)
      r *= std::sqrt((1 - power) * (length - 4) * (length - 2) * last / ((last - 4) * (last - 2) * length));
    rate = static_cast<C>(r);
  }

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[2]) const {
    Vec<C>&m = state[0], &v = state[1];
    g = sign * g + decay * p;
    moments.update(g, m, v);
    p = keep * p - (rectified ? rate * m / (vsqrt(v) + moments.eps) : rate * m);
  }
};

}  // namespace

void radamStep(const Call& c) { run_rule<2, RAdam>(c, "radamStep"); }

}  // namespace sinter::cpu::SINTER_ISA
