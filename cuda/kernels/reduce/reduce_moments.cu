// Variances, logarithms of sums of exponentials, norms. Place in the whole: device code of moments.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/reduce/reduction.cuh"

namespace sinter::cuda {

// Groups take two passes over registers, and are merged as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
// computing sample variances", 1979.
template <class V>
struct Variance : GivesElements {
  struct State {
    double count, mean, squares;
  };
  static constexpr int kMost = 16;
  static SINTER_DEVICE State none() { return {0, 0, 0}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P) {
    if constexpr (N == 1) {
      state = merge(state, {1, static_cast<double>(x[0]), static_cast<double>(x[0] - x[0])});  // infinity gives NaN
    } else {
      V total = 0, drift = 0, squares = 0;
#pragma unroll
      for (int k = 0; k < N; k++) total += x[k];
      const V center = total * V(1. / N);  // exact: N is a power of two
#pragma unroll
      for (int k = 0; k < N; k++) {
        const V distance = x[k] - center;
        drift += distance;
        squares += distance * distance;
      }
      // `center` misses the mean by drift / N: that goes out of the squares and into the mean.
      const double d = drift;
      state = merge(state, {N, static_cast<double>(center) + d / N, static_cast<double>(squares) - d * d / N});
    }
  }
  static SINTER_DEVICE State merge(State a, State b) {
    if (b.count == 0) return a;
    const double n = a.count + b.count, d = b.mean - a.mean, share = b.count / n;
    return {n, a.mean + d * share, a.squares + b.squares + d * d * a.count * share};
  }
  // The parameter is the correction.
  static SINTER_DEVICE double finish(const Reduction& p, State state) {
    const double divisor = static_cast<double>(p.reduced.count) - p.parameter;
    return state.squares / (divisor > 0 ? divisor : 0);
  }
};

// The largest element so far and the sum of exp(x - it). An infinite one is not subtracted: infinity then sums to infinity by itself.
template <class V>
struct LogSumExp : GivesElements {
  struct State {
    V most, unused;
    double sum;
  };
  static constexpr int kMost = sizeof(V) == 8 ? 1 : 4;
  static SINTER_DEVICE V shift_of(V most) { return most - most == V(0) ? most : V(0); }
  static SINTER_DEVICE State none() { return {static_cast<V>(-__builtin_huge_val()), V(0), 0}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P) {
    V most = x[0];
#pragma unroll
    for (int k = 1; k < N; k++) most = x[k] > most ? x[k] : most;
    const V shift = shift_of(most);
    V sum = 0;
#pragma unroll
    for (int k = 0; k < N; k++) sum += exp_of(x[k] - shift);
    state = merge(state, {most, V(0), static_cast<double>(sum)});
  }
  static SINTER_DEVICE double scaled(State state, V shift) {
    return state.sum == 0 ? 0 : state.sum * static_cast<double>(exp_of(shift_of(state.most) - shift));
  }
  static SINTER_DEVICE State merge(State a, State b) {
    const V most = a.most > b.most || a.most != a.most ? a.most : b.most, shift = shift_of(most);
    return {most, V(0), scaled(a, shift) + scaled(b, shift)};
  }
  static SINTER_DEVICE double finish(const Reduction&, State state) {
    return static_cast<double>(shift_of(state.most)) + log_of(state.sum);
  }
};

// Sums of |x|^p in double: what f32 would leave its range with. The parameter is p.
enum class Power { one, two, any };
template <Power kPower, class V>
struct Norm : GivesElements {
  struct State {
    double sum;
  };
  static constexpr int kMost = kPower == Power::any ? 1 : 16;
  static SINTER_DEVICE State none() { return {0}; }
  static SINTER_DEVICE State merge(State a, State b) { return {a.sum + b.sum}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P places) {
#pragma unroll
    for (int k = 0; k < N; k++) {
      const double v = abs_of(static_cast<double>(x[k]));
      if constexpr (kPower == Power::any)
        state.sum += pow_of(v, places.parameter);
      else
        state.sum += kPower == Power::one ? v : v * v;
    }
  }
  static SINTER_DEVICE double finish(const Reduction& p, State state) {
    if constexpr (kPower == Power::any)
      return pow_of(state.sum, 1 / p.parameter);
    else
      return kPower == Power::one ? state.sum : sqrt_of(state.sum);
  }
};
template <class V>
using SumOfSizes = Norm<Power::one, V>;
template <class V>
using SumOfSquares = Norm<Power::two, V>;
template <class V>
using SumOfPowers = Norm<Power::any, V>;

template <bool kMax, class V>
struct NormExtreme : GivesElements {
  struct State {
    V best;
  };
  static constexpr int kMost = 16;
  static SINTER_DEVICE State none() { return {kMax ? V(0) : static_cast<V>(__builtin_huge_val())}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P) {
#pragma unroll
    for (int k = 0; k < N; k++) state = merge(state, {abs_of(x[k])});
  }
  // A NaN stays.
  static SINTER_DEVICE State merge(State a, State b) {
    return (kMax ? b.best > a.best : b.best < a.best) || (b.best != b.best && a.best == a.best) ? b : a;
  }
  static SINTER_DEVICE V finish(const Reduction&, State state) { return state.best; }
};
template <class V>
using LargestSize = NormExtreme<true, V>;
template <class V>
using SmallestSize = NormExtreme<false, V>;

SINTER_REDUCTION_FLOATS(variance, Variance)
SINTER_REDUCTION_FLOATS(logsumexp, LogSumExp)
SINTER_REDUCTION_FLOATS(normOne, SumOfSizes)
SINTER_REDUCTION_FLOATS(normTwo, SumOfSquares)
SINTER_REDUCTION_FLOATS(normAny, SumOfPowers)
SINTER_REDUCTION_FLOATS(normMax, LargestSize)
SINTER_REDUCTION_FLOATS(normMin, SmallestSize)

}  // namespace sinter::cuda
