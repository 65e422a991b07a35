// adamwStep: one step of AdamW (Loshchilov and Hutter, 2019) or, not decoupled, of Adam with an L2 term in the
// gradient; with `largest`, AMSGrad (Reddi, Kale and Kumar, 2018). Place in the whole: kernel of native/ops.def, compiled
// once per instruction set. Operands: (p, g, low?, m, v, largest?)*, see multi_tensor.h.
//   g = -g (maximize)
//   p *= 1 - lr wd  (decoupled)   or   g += wd p
//   largest = max(largest, v), which then stands for v in the direction
//   p -= lr direction(m, v), as in adam.h
#include "cpu/optim/adam.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct Adam {
  AdamMoments<C> moments;
  C keep, decay, sign, lr;
  bool amsgrad;

  explicit Adam(const double* a)
      : moments(a[1], a[2], a[3], a[5]), sign(a[7] != 0 ? C(-1) : C(1)), lr(static_cast<C>(a[0])), amsgrad(a[8] != 0) {
    const bool decoupled = a[6] != 0;
    keep = static_cast<C>(decoupled ? 1 - a[0] * a[4] : 1);
    decay = static_cast<C>(decoupled ? 0 : a[4]);
  }

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[3]) const {
    g = sign * g + decay * p;
    moments.update(g, state[0], state[1]);
    if (amsgrad) state[2] = vmax(state[2], state[1]);
    p = keep * p - lr * moments.direction(state[0], amsgrad ? state[2] : state[1]);
  }
};

}  // namespace

void adamwStep(const Call& c) { run_rule<3, Adam>(c, "adamwStep"); }

}  // namespace sinter::cpu::SINTER_ISA
