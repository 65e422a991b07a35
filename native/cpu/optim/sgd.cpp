// sgdStep: stochastic gradient descent with momentum, as PyTorch defines it. Place in the whole: kernel of
// native/ops.def, compiled once per instruction set. Operands: (p, g, low?, buffer?)*, see multi_tensor.h.
//   g = -g (maximize);  g += wd p
//   buffer = g (first step)   or   momentum buffer + (1 - dampening) g
//   p -= lr (buffer, or g + momentum buffer with Nesterov, or g without momentum)
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct Sgd {
  C lr, momentum, gain, decay, sign;
  bool nesterov, first_step;

  explicit Sgd(const double* a)
      : lr(static_cast<C>(a[0])), momentum(static_cast<C>(a[1])), gain(static_cast<C>(1 - a[2])),
        decay(static_cast<C>(a[3])), sign(a[6] != 0 ? C(-1) : C(1)), nesterov(a[4] != 0), first_step(a[5] <= 1) {}

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[1]) const {
    Vec<C> d = sign * g + decay * p;
    if (momentum != C(0)) {
      Vec<C>& buffer = state[0];
      buffer = first_step ? d : momentum * buffer + gain * d;
      d = nesterov ? d + momentum * buffer : buffer;
    }
    p -= lr * d;
  }
};

}  // namespace

void sgdStep(const Call& c) { run_rule<1, Sgd>(c, "sgdStep"); }

}  // namespace sinter::cpu::SINTER_ISA
