// Sums, products and counts. Place in the whole: device code of sums.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/reduce/reduction.cuh"

namespace sinter::cuda {

// Floating-point numbers meet in double, integers wrap.
template <class V>
using Wide = std::conditional_t<kIsInteger<V>, unsigned long long, double>;
template <class V>
using Result = std::conditional_t<kIsInteger<V>, i64, double>;

template <int kFirst, int kCount, int N, class V>
SINTER_DEVICE V tree_sum(const V (&x)[N]) {
  if constexpr (kCount == 1)
    return x[kFirst];
  else
    return tree_sum<kFirst, kCount / 2>(x) + tree_sum<kFirst + kCount / 2, kCount / 2>(x);
}

template <class V>
struct Sum : GivesSums<V> {
  struct State {
    Wide<V> total;
  };
  static constexpr int kMost = 16;
  static SINTER_DEVICE State none() { return {0}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P) {
    if constexpr (kIsInteger<V>) {
#pragma unroll
      for (int k = 0; k < N; k++) state.total += static_cast<Wide<V>>(static_cast<i64>(x[k]));
    } else {
      state.total += tree_sum<0, N>(x);
    }
  }
  static SINTER_DEVICE State merge(State a, State b) { return {a.total + b.total}; }
  static SINTER_DEVICE Result<V> finish(const Reduction& p, State state) {
    if constexpr (!kIsInteger<V>)
      if (p.finish == kFinishMean) return state.total / static_cast<double>(p.reduced.count);
    return static_cast<Result<V>>(state.total);
  }
};

template <class V>
struct SumOfNumbers : Sum<V> {
  using State = typename Sum<V>::State;
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P places) {
    V numbers[N];
#pragma unroll
    for (int k = 0; k < N; k++) numbers[k] = x[k] == x[k] ? x[k] : V(0);
    Sum<V>::fold(state, numbers, places);
  }
  // No mean: how many numbers there are is not known.
  static SINTER_DEVICE double finish(const Reduction&, State state) { return state.total; }
};

// In double throughout: partial products of f32 leave its range before the whole does.
template <class V>
struct Product : GivesSums<V> {
  struct State {
    Wide<V> product;
  };
  static constexpr int kMost = 16;
  static SINTER_DEVICE State none() { return {1}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P) {
#pragma unroll
    for (int k = 0; k < N; k++) {
      if constexpr (kIsInteger<V>)
        state.product *= static_cast<Wide<V>>(static_cast<i64>(x[k]));
      else
        state.product *= static_cast<double>(x[k]);
    }
  }
  static SINTER_DEVICE State merge(State a, State b) { return {a.product * b.product}; }
  static SINTER_DEVICE Result<V> finish(const Reduction&, State state) { return static_cast<Result<V>>(state.product); }
};

// How many are not zero; NaN is not.
template <class V>
struct Count : GivesCounts<V> {
  struct State {
    i64 count;
  };
  static constexpr int kMost = 16;
  static SINTER_DEVICE State none() { return {0}; }
  template <int N, class P>
  static SINTER_DEVICE void fold(State& state, const V (&x)[N], P) {
    int count = 0;
#pragma unroll
    for (int k = 0; k < N; k++) count += x[k] != V(0);
    state.count += count;
  }
  static SINTER_DEVICE State merge(State a, State b) { return {a.count + b.count}; }
  static SINTER_DEVICE i64 finish(const Reduction& p, State state) {
    return p.finish == kFinishAny   ? state.count != 0
           : p.finish == kFinishAll ? state.count == p.reduced.count
                                    : state.count;
  }
};

SINTER_REDUCTION_REALS(sum, Sum)
SINTER_REDUCTION_REALS(prod, Product)
SINTER_REDUCTION_REALS(count, Count)
SINTER_REDUCTION_FLOATS(nansum, SumOfNumbers)

}  // namespace sinter::cuda
