// rmspropStep: RMSprop (Tieleman and Hinton, 2012), centred (Graves, 2013) and with momentum, as PyTorch defines it.
// Place in the whole: kernel of native/ops.def, compiled once per instruction set. Operands:
// (p, g, low?, squares, buffer?, mean?)*, see multi_tensor.h; the buffer is there with momentum, the mean when centred.
//   g = -g (maximize);  g += wd p;  squares = alpha squares + (1 - alpha) g^2;  mean += (1 - alpha) (g - mean)
//   d = g / (sqrt(squares - mean^2) + eps);  buffer = momentum buffer + d;  p -= lr (buffer, or d without momentum)
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct RmsProp {
  C lr, alpha, gain, eps, decay, momentum, sign;
  bool centered;

  explicit RmsProp(const double* a)
      : lr(static_cast<C>(a[0])), alpha(static_cast<C>(a[1])), gain(static_cast<C>(1 - a[1])),
        eps(static_cast<C>(a[2])), decay(static_cast<C>(a[3])), momentum(static_cast<C>(a[4])),
        sign(a[6] != 0 ? C(-1) : C(1)), centered(a[5] != 0) {}

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[3]) const {
    Vec<C>&squares = state[0], &buffer = state[1], &mean = state[2];
    g = sign * g + decay * p;
    squares = alpha * squares + gain * g * g;
    Vec<C> spread = squares;
    if (centered) {
      mean += gain * (g - mean);
      spread = vmax(Vec<C>{}, spread - mean * mean);  // roundings may bring it below zero; a NaN stays
    }
    Vec<C> d = g / (vsqrt(spread) + eps);
    if (momentum != C(0)) d = buffer = momentum * buffer + d;
    p -= lr * d;
  }
};

}  // namespace

void rmspropStep(const Call& c) { run_rule<3, RmsProp>(c, "rmspropStep"); }

}  // namespace sinter::cpu::SINTER_ISA
