// Extremes and their places. Place in the whole: device code of extrema.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/reduce/reduction.cuh"

namespace sinter::cuda {

// Whether a comes before b: a NaN before all that is none.
template <bool kMax, class V>
SINTER_DEVICE bool beats(V a, V b) {
  if constexpr (kIsInteger<V>)
    return kMax ? a > b : a < b;
  else
    return (kMax ? a > b : a < b) || (a != a && b == b);
}

template <bool kMax, class V>
SINTER_DEVICE V worst() {
  if constexpr (kSame<V, i32>)
    return kMax ? INT32_MIN : INT32_MAX;
  else if constexpr (kSame<V, i64>)
    return kMax ? INT64_MIN : INT64_MAX;
  else
    return static_cast<V>(kMax ? -__builtin_huge_val() : __builtin_huge_val());
}

template <bool kMax, class V>
struct Extreme : GivesElements {
  struct State {
    V best;
  };
  static constexpr int kMost = 16;
  static SINTER_DEVICE State none() { return {worst<kMax, V>()}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P) {
#pragma unroll
    for (int k = 0; k < N; k++) state.best = beats<kMax>(x[k], state.best) ? x[k] : state.best;
  }
  static SINTER_DEVICE State merge(State a, State b) { return beats<kMax>(b.best, a.best) ? b : a; }
  static SINTER_DEVICE V finish(const Reduction& p, State state) { return p.reduced.count ? state.best : V(0); }
};

// The first of equals. A thread meets elements in their order; states know where theirs was.
template <bool kMax, class V>
struct Place : GivesPlaces {
  struct State {
    i64 place;  // -1: none yet
    V best, unused;
  };
  static constexpr int kMost = 8;
  static SINTER_DEVICE State none() { return {-1, V(0), V(0)}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P places) {
#pragma unroll
    for (int k = 0; k < N; k++) {
      const bool better = state.place < 0 || beats<kMax>(x[k], state.best);
      state.best = better ? x[k] : state.best;
      state.place = better ? places[k] : state.place;
    }
  }
  static SINTER_DEVICE State merge(State a, State b) {
    if (b.place < 0) return a;
    if (a.place < 0 || beats<kMax>(b.best, a.best)) return b;
    return beats<kMax>(a.best, b.best) || a.place < b.place ? a : b;
  }
  static SINTER_DEVICE i64 finish(const Reduction&, State state) { return state.place; }
};

template <class V>
using Largest = Extreme<true, V>;
template <class V>
using Smallest = Extreme<false, V>;
template <class V>
using PlaceOfLargest = Place<true, V>;
template <class V>
using PlaceOfSmallest = Place<false, V>;

SINTER_REDUCTION_REALS(amax, Largest)
SINTER_REDUCTION_REALS(amin, Smallest)
SINTER_REDUCTION_REALS(argmax, PlaceOfLargest)
SINTER_REDUCTION_REALS(argmin, PlaceOfSmallest)

}  // namespace sinter::cuda
