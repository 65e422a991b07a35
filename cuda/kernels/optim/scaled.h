// LAMB and LARS: steps scaled a tensor at a time. Place in the whole: their rules, known to scaled.cu and its host side; formulas and
// sources stand in native/cpu/optim/lamb.cpp and lars.cpp.
#pragma once
#include "cuda/kernels/optim/late.h"
#include "cuda/kernels/optim/tensors.h"

namespace sinter::cuda {

// What the second pass scales by, of the sums of squares of the parameter and of what `gather` gave beside it.
struct Rates {
  double lr, trust, decay, eps;
  int quotient;  // 1: LAMB's, of the norms alone
  SINTER_STEP_FUNCTION double of(double p, double u) const {
    if (!(p > 0 && u > 0)) return lr;
    if (quotient) return lr * detail::root(p / u);
    const double norm = detail::root(p);
    return lr * (trust * norm / (detail::root(u) + decay * norm + eps));
  }
};

// (p, g, low?, m, v)* {lr, beta1, beta2, eps, weightDecay, step, maximize}
template <class C>
struct Lamb {
  static constexpr int kStates = 2;
  static constexpr bool kCounts = true;
  static constexpr bool kMomentsFirst = true;  // the first pass updates the state, the second does not need g
  Moments<C> moments;
  C decay, sign;

  static Lamb of(const double* a) { return {Moments<C>::of(a), C(a[4]), a[6] != 0 ? C(-1) : C(1)}; }
  static Rates rates(const double* a) { return {a[0], 0, 0, 0, 1}; }
  SINTER_STEP_FUNCTION void take(const Counted& n) { moments.take(n); }
  // Returns what is squared beside p.
  SINTER_STEP_FUNCTION C gather(C p, C g, C (&state)[2]) const {
    moments.update(sign * g, state[0], state[1]);
    return moments.direction(state[0], state[1]) + decay * p;
  }
  SINTER_STEP_FUNCTION void apply(C& p, C, C (&state)[2], C rate) const {
    p -= rate * (moments.direction(state[0], state[1]) + decay * p);
  }
};

// (p, g, low?, buffer?)* {lr, momentum, weightDecay, trust, eps, nesterov, maximize}
template <class C>
struct Lars {
  static constexpr int kStates = 1;
  static constexpr bool kCounts = false;
  static constexpr bool kMomentsFirst = false;
  C momentum, decay, sign;
  int nesterov, buffered;

  static Lars of(const double* a) { return {C(a[1]), C(a[2]), a[6] != 0 ? C(-1) : C(1), a[5] != 0, 0}; }
  static Rates rates(const double* a) { return {a[0], a[3], a[2], a[4], 0}; }
  SINTER_STEP_FUNCTION C gather(C, C g, C (&)[1]) const { return g; }
  SINTER_STEP_FUNCTION void apply(C& p, C g, C (&state)[1], C rate) const {
    C d = rate * (sign * g + decay * p);
    if (buffered) {
      state[0] = momentum * state[0] + d;
      d = nesterov ? d + momentum * state[0] : state[0];
    }
    p -= d;
  }
};

}  // namespace sinter::cuda
