// Optimizers' rules, an element at a time: what a command's attributes become, in f64 and rounded once, and the step. Place in the whole:
// step_*.cu make kernels of them, steps.cpp launches these. Attributes become a rule on the host, or, where the device alone knows how
// many steps were left out, there (late.cu). Formulas and their sources stand in native/cpu/optim, a file each.
#pragma once
#include <cmath>

#ifdef __CUDACC__
#define SINTER_STEP_FUNCTION __device__ __forceinline__
#define SINTER_RULE_FUNCTION __host__ __device__ __forceinline__
#else
#define SINTER_STEP_FUNCTION inline
#define SINTER_RULE_FUNCTION inline
#endif

namespace sinter::cuda {

namespace detail {
#ifdef __CUDACC__
__device__ __forceinline__ float root(float x) { return __fsqrt_rn(x); }
__device__ __forceinline__ double root(double x) { return __dsqrt_rn(x); }
#else
inline float root(float x) { return std::sqrt(x); }
inline double root(double x) { return std::sqrt(x); }
#endif
// 1 - x^n of a decay x, from 0 to below 1, and a count n; x^y of a count x. On a device by logarithms: they have less code for numbers
// that there are not, and more digits where x^n is near 1. One copy of the first for all rules: it is large in device code.
#ifdef __CUDACC__
static __noinline__ __host__ __device__ double decayed(double x, double n) { return -std::expm1(n * std::log(x)); }
__host__ __device__ __forceinline__ double power(double x, double y) { return std::exp(y * std::log(x)); }
#else
inline double decayed(double x, double n) { return 1 - std::pow(x, n); }
inline double power(double x, double y) { return std::pow(x, y); }
#endif
}  // namespace detail

// What of a rule depends on the number of the step, which the device alone may know (late.h).
struct Counted {
  double first, second;
};

// (p, g, low?, buffer?)* {lr, momentum, dampening, weightDecay, nesterov, step, maximize}
template <class C>
struct Sgd {
  static constexpr int kStates = 1;
  static constexpr bool kCounts = true;
  C lr, momentum, gain, decay, sign;
  int nesterov, first_step;

  SINTER_RULE_FUNCTION static Counted counted(const double* a) { return {a[5] <= 1 ? 1.0 : 0.0, 0}; }
  static Sgd of(const double* a) {
    return {C(a[0]), C(a[1]), C(1 - a[2]), C(a[3]), a[6] != 0 ? C(-1) : C(1), a[4] != 0, counted(a).first != 0};
  }
  SINTER_STEP_FUNCTION void take(const Counted& n) { first_step = n.first != 0; }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[1]) const {
    C d = sign * g + decay * p;
    if (momentum != C(0)) {
      state[0] = first_step ? d : momentum * state[0] + gain * d;
      d = nesterov ? d + momentum * state[0] : state[0];
    }
    p -= lr * d;
  }
};

// (p, g, low?, sum)* {lr, lrDecay, weightDecay, eps, step, maximize}
template <class C>
struct Adagrad {
  static constexpr int kStates = 1;
  static constexpr bool kCounts = true;
  C rate, decay, eps, sign;

  SINTER_RULE_FUNCTION static Counted counted(const double* a) { return {a[0] / (1 + (a[4] - 1) * a[1]), 0}; }
  static Adagrad of(const double* a) { return {C(counted(a).first), C(a[2]), C(a[3]), a[5] != 0 ? C(-1) : C(1)}; }
  SINTER_STEP_FUNCTION void take(const Counted& n) { rate = C(n.first); }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[1]) const {
    g = sign * g + decay * p;
    state[0] += g * g;
    p -= rate * g / (detail::root(state[0]) + eps);
  }
};

// (p, g, low?, m)* {lr, beta1, beta2, weightDecay, maximize}
template <class C>
struct Lion {
  static constexpr int kStates = 1;
  static constexpr bool kCounts = false;
  C lr, beta1, gain1, beta2, gain2, keep, sign;

  static Lion of(const double* a) {
    return {C(a[0]), C(a[1]), C(1 - a[1]), C(a[2]), C(1 - a[2]), C(1 - a[0] * a[3]), a[4] != 0 ? C(-1) : C(1)};
  }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[1]) const {
    g *= sign;
    const C x = beta1 * state[0] + gain1 * g;
    p = keep * p - lr * (x > C(0) ? C(1) : x < C(0) ? C(-1) : x);  // a NaN stays
    state[0] = beta2 * state[0] + gain2 * g;
  }
};

// (p, g, low?, squares, buffer?, mean?)* {lr, alpha, eps, weightDecay, momentum, centered, maximize}
template <class C>
struct RmsProp {
  static constexpr int kStates = 3;
  static constexpr bool kCounts = false;
  C lr, alpha, gain, eps, decay, momentum, sign;
  int centered;

  static RmsProp of(const double* a) {
    return {C(a[0]), C(a[1]), C(1 - a[1]), C(a[2]), C(a[3]), C(a[4]), a[6] != 0 ? C(-1) : C(1), a[5] != 0};
  }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[3]) const {
    g = sign * g + decay * p;
    state[0] = alpha * state[0] + gain * g * g;
    C spread = state[0];
    if (centered) {
      state[2] += gain * (g - state[2]);
      spread -= state[2] * state[2];
      spread = spread < C(0) ? C(0) : spread;  // roundings may bring it below zero
    }
    C d = g / (detail::root(spread) + eps);
    if (momentum != C(0)) d = state[1] = momentum * state[1] + d;
    p -= lr * d;
  }
};

// What Adam's relatives share; see native/cpu/optim/adam.h. {lr, beta1, beta2, eps, .., step, ..}
template <class C>
struct Moments {
  C gain1, beta2, gain2, unbias1, unbias2, eps;

  SINTER_RULE_FUNCTION static Counted counted(const double* a) {
    return {1 / detail::decayed(a[1], a[5]), 1 / std::sqrt(detail::decayed(a[2], a[5]))};
  }
  static Moments of(const double* a) {
    const Counted n = counted(a);
    return {C(1 - a[1]), C(a[2]), C(1 - a[2]), C(n.first), C(n.second), C(a[3])};
  }
  SINTER_STEP_FUNCTION void take(const Counted& n) {
    unbias1 = C(n.first);
    unbias2 = C(n.second);
  }
  SINTER_STEP_FUNCTION void update(C g, C& m, C& v) const {
    m += gain1 * (g - m);
    v = beta2 * v + gain2 * g * g;
  }
  SINTER_STEP_FUNCTION C direction(C m, C v) const { return unbias1 * m / (detail::root(v) * unbias2 + eps); }
};

// {lr, .., weightDecay, .., decoupled}: what p is kept times, and what of it the gradient gets.
template <class C>
struct Decay {
  C keep, added;
  static Decay of(double lr, double decay, bool decoupled) {
    return {C(decoupled ? 1 - lr * decay : 1), C(decoupled ? 0 : decay)};
  }
};

// (p, g, low?, m, v, largest?)* {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize, amsgrad}
template <class C>
struct Adam {
  static constexpr int kStates = 3;
  static constexpr bool kCounts = true;
  Moments<C> moments;
  Decay<C> decay;
  C sign, lr;
  int amsgrad;

  static Adam of(const double* a) {
    return {Moments<C>::of(a), Decay<C>::of(a[0], a[4], a[6] != 0), a[7] != 0 ? C(-1) : C(1), C(a[0]), a[8] != 0};
  }
  SINTER_STEP_FUNCTION void take(const Counted& n) { moments.take(n); }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[3]) const {
    g = sign * g + decay.added * p;
    moments.update(g, state[0], state[1]);
    if (amsgrad) state[2] = state[2] > state[1] ? state[2] : state[1];
    p = decay.keep * p - lr * moments.direction(state[0], amsgrad ? state[2] : state[1]);
  }
};

// (p, g, low?, m, v)* {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize, momentum, nextMomentum, product}: the host knows the
// count, as it knows the product
template <class C>
struct NAdam {
  static constexpr int kStates = 2;
  static constexpr bool kCounts = false;
  Moments<C> moments;
  Decay<C> decay;
  C sign, of_gradient, of_moment;

  static NAdam of(const double* a) {
    return {Moments<C>::of(a), Decay<C>::of(a[0], a[4], a[6] != 0), a[7] != 0 ? C(-1) : C(1),
            C(a[0] * (1 - a[8]) / (1 - a[10])), C(a[0] * a[9] / (1 - a[10] * a[9]))};
  }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[2]) const {
    g = sign * g + decay.added * p;
    moments.update(g, state[0], state[1]);
    p = decay.keep * p -
        (of_gradient * g + of_moment * state[0]) / (detail::root(state[1]) * moments.unbias2 + moments.eps);
  }
};

// (p, g, low?, m, v)* {lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize}
template <class C>
struct RAdam {
  static constexpr int kStates = 2;
  static constexpr bool kCounts = true;
  Moments<C> moments;
  Decay<C> decay;
  C sign, rate;
  int rectified;

  // The rate, and whether it is rectified.
  SINTER_RULE_FUNCTION static Counted counted(const double* a) {
    const double gone = detail::decayed(a[2], a[5]), last = 2 / (1 - a[2]) - 1,
                 length = last - 2 * a[5] * (1 - gone) / gone;
    double rate = a[0] / detail::decayed(a[1], a[5]);
    if (length > 5) rate *= std::sqrt(gone * (length - 4) * (length - 2) * last / ((last - 4) * (last - 2) * length));
    return {rate, length > 5 ? 1.0 : 0.0};
  }
  static RAdam of(const double* a) {
    const Counted n = counted(a);
    return {Moments<C>::of(a), Decay<C>::of(a[0], a[4], a[6] != 0), a[7] != 0 ? C(-1) : C(1), C(n.first),
            n.second != 0};
  }
  SINTER_STEP_FUNCTION void take(const Counted& n) {
    rate = C(n.first);
    rectified = n.second != 0;
  }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[2]) const {
    g = sign * g + decay.added * p;
    moments.update(g, state[0], state[1]);
    const C d = rate * state[0];
    p = decay.keep * p - (rectified ? d / (detail::root(state[1]) + moments.eps) : d);
  }
};

// (p, g, low?, squares, deltas)* {lr, rho, eps, weightDecay, maximize}
template <class C>
struct Adadelta {
  static constexpr int kStates = 2;
  static constexpr bool kCounts = false;
  C lr, rho, gain, eps, decay, sign;

  static Adadelta of(const double* a) {
    return {C(a[0]), C(a[1]), C(1 - a[1]), C(a[2]), C(a[3]), a[4] != 0 ? C(-1) : C(1)};
  }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[2]) const {
    g = sign * g + decay * p;
    state[0] = rho * state[0] + gain * g * g;
    const C d = detail::root(state[1] + eps) / detail::root(state[0] + eps) * g;
    state[1] = rho * state[1] + gain * d * d;
    p -= lr * d;
  }
};

// (p, g, low?, m, largest)* {lr, beta1, beta2, eps, weightDecay, step, maximize}
template <class C>
struct Adamax {
  static constexpr int kStates = 2;
  static constexpr bool kCounts = true;
  C rate, gain1, beta2, eps, decay, sign;

  SINTER_RULE_FUNCTION static Counted counted(const double* a) { return {a[0] / detail::decayed(a[1], a[5]), 0}; }
  static Adamax of(const double* a) {
    return {C(counted(a).first), C(1 - a[1]), C(a[2]), C(a[3]), C(a[4]), a[6] != 0 ? C(-1) : C(1)};
  }
  SINTER_STEP_FUNCTION void take(const Counted& n) { rate = C(n.first); }
  SINTER_STEP_FUNCTION void step(C& p, C g, C (&state)[2]) const {
    g = sign * g + decay * p;
    state[0] += gain1 * (g - state[0]);
    const C old = beta2 * state[1], magnitude = (g < C(0) ? -g : g) + eps;
    state[1] = old > magnitude ? old : magnitude;  // a NaN of the gradient stays
    p -= rate * state[0] / state[1];
  }
};

}  // namespace sinter::cuda
