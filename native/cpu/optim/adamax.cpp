// adamaxStep: Adam by the infinity norm (Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 7.1) as
// PyTorch defines it. Place in the whole: kernel of native/ops.def, compiled once per instruction set. Operands:
// (p, g, low?, m, largest)*, see multi_tensor.h.
//   g = -g (maximize);  g += wd p;  m += (1 - beta1) (g - m);  largest = max(beta2 largest, |g| + eps)
//   p -= lr / (1 - beta1^step) m / largest
#include "cpu/optim/multi_tensor.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class C>
struct Adamax {
  C rate, gain1, beta2, eps, decay, sign;

  explicit Adamax(const double* a)
      : rate(static_cast<C>(a[0] / (1 - std::pow(a[1], a[5])))), gain1(static_cast<C>(1 - a[1])),
        beta2(static_cast<C>(a[2])), eps(static_cast<C>(a[3])), decay(static_cast<C>(a[4])),
        sign(a[6] != 0 ? C(-1) : C(1)) {}

  SINTER_INLINE void step(Vec<C>& p, Vec<C> g, Vec<C> (&state)[2]) const {
    Vec<C>&m = state[0], &largest = state[1];
    g = sign * g + decay * p;
    m += gain1 * (g - m);
    const Vec<C> old = beta2 * largest, magnitude = vabs(g) + eps;
    largest = old > magnitude ? old : magnitude;  // a NaN of the gradient stays
    p -= rate * m / largest;
  }
};

}  // namespace

void adamaxStep(const Call& c) { run_rule<2, Adamax>(c, "adamaxStep"); }

}  // namespace sinter::cpu::SINTER_ISA
