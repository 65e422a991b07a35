// adadeltaStep: Adadelta (Zeiler, "ADADELTA: an adaptive learning rate method", 2012) as PyTorch defines it. Place in the
// whole: kernel of native/ops.def, compiled once per instruction set. Operands: (p, g, low?, squares, deltas)*, see
// multi_tensor.h.
//   g = -g (maximize);  g += wd p;  squares = rho squares + (1 - rho) g^2
//   d = sqrt(deltas + eps) / sqrt(squares + eps) g;  deltas = rho deltas + (1 - rho) d^2;  p -= lr d
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct Adadelta {
  C lr, rho, gain, eps, decay, sign;

  explicit Adadelta(const double* a)
      : lr(static_cast<C>(a[0])), rho(static_cast<C>(a[1])), gain(static_cast<C>(1 - a[1])), eps(static_cast<C>(a[2])),
        decay(static_cast<C>(a[3])), sign(a[4] != 0 ? C(-1) : C(1)) {}

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[2]) const {
    Vec<C>&squares = state[0], &deltas = state[1];
    g = sign * g + decay * p;
    squares = rho * squares + gain * g * g;
    const Vec<C> d = vsqrt(deltas + eps) / vsqrt(squares + eps) * g;
    deltas = rho * deltas + gain * d * d;
    p -= lr * d;
  }
};

}  // namespace

void adadeltaStep(const Call& c) { run_rule<2, Adadelta>(c, "adadeltaStep"); }

}  // namespace sinter::cpu::SINTER_ISA
