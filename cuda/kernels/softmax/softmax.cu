// softmax, logSoftmax and their gradients. Place in the whole: device code of softmax.cpp.
//
// Along the last axis a group of threads has a row, and a thread keeps its part of it: one read and one write of memory, up to 4,096
// elements of f32, 8,192 of halves; what is longer is read again, from L2 as a rule. Along another axis neighbouring threads have
// neighbouring columns, and read theirs twice. Exponentials in the type that elements are computed in, sums in double.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/rows.cuh"
#include "cuda/kernels/softmax/softmax.h"

namespace sinter::cuda {

template <class V>
constexpr V kLow = static_cast<V>(-__builtin_huge_val());

struct Greater {
  template <class V>
  SINTER_DEVICE V operator()(V a, V b) const {
    return a > b ? a : b;
  }
};

// The group of a thread and its row.
struct Member {
  int member;
  int64_t row;
  bool present;
  SINTER_DEVICE explicit Member(const SoftmaxShape& s) {
    member = threadIdx.x % s.members;
    row = int64_t{blockIdx.x} * (kSoftmaxThreads / s.members) + threadIdx.x / s.members;
    present = row < s.outer;
    if (!present) row = 0;
  }
};

template <class T>
SINTER_DEVICE void softmax_rows(const T* x, T* y, const SoftmaxShape& s) {
  using V = Compute<T>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  __shared__ V maxima[kSoftmaxThreads / kWarp];
  __shared__ double sums[kSoftmaxThreads / kWarp];
  const Member at(s);
  const RowShare<T, kSoftmaxPacks> row(x + at.row * s.n, at.present ? s.n : 0, at.member, s.members,
                                       narrow<T>(kLow<V>));
  V top = kLow<V>;
  row.each([&](int64_t, const Pack<T, kPack>& pack) {
#pragma unroll
    for (int e = 0; e < kPack; e++) top = Greater()(top, widen(pack.at[e]));
  });
  top = group_reduce(top, s.members, maxima, Greater());
  double sum = 0;
  row.each([&](int64_t, const Pack<T, kPack>& pack) {
    V part = 0;
#pragma unroll
    for (int e = 0; e < kPack; e++) part += exp_of(widen(pack.at[e]) - top);
    sum += part;
  });
  sum = group_reduce(sum, s.members, sums, Plus());
  const V scale = V(1) / static_cast<V>(sum), log_sum = s.log ? log_of(static_cast<V>(sum)) : V(0);
  T* to = y + at.row * s.n;
  row.each([&](int64_t i, const Pack<T, kPack>& pack) {
    Pack<T, kPack> result;
#pragma unroll
    for (int e = 0; e < kPack; e++) {
      const V below = widen(pack.at[e]) - top;
      result.at[e] = narrow<T>(s.log ? below - log_sum : exp_of(below) * scale);
    }
    store_pack_ragged(to, i, row.n, result);
  });
}

// gx = y (g - sum(g y)), or g - exp(y) sum(g).
template <class V>
SINTER_DEVICE V softmax_gradient(V g, V y, V total, bool log) {
  return log ? g - exp_of(y) * total : y * (g - total);
}
template <class T>
SINTER_DEVICE void softmax_backward_rows(const T* g, const T* y, T* gx, const SoftmaxShape& s) {
  using V = Compute<T>;
  constexpr int kPack = 16 / static_cast<int>(sizeof(T));
  __shared__ double sums[kSoftmaxThreads / kWarp];
  const Member at(s);
  const int64_t n = at.present ? s.n : 0;
  const T zero = narrow<T>(V(0));
  const RowShare<T, kSoftmaxBackwardPacks> gs(g + at.row * s.n, n, at.member, s.members, zero);
  const RowShare<T, kSoftmaxBackwardPacks> ys(y + at.row * s.n, n, at.member, s.members, zero);
  double sum = 0;
  each_pair(gs, ys, [&](int64_t, const Pack<T, kPack>& a, const Pack<T, kPack>& b) {
    V part = 0;
#pragma unroll
    for (int e = 0; e < kPack; e++) part += s.log ? widen(a.at[e]) : widen(a.at[e]) * widen(b.at[e]);
    sum += part;
  });
  const V total = static_cast<V>(group_reduce(sum, s.members, sums, Plus()));
  T* to = gx + at.row * s.n;
  each_pair(gs, ys, [&](int64_t i, const Pack<T, kPack>& a, const Pack<T, kPack>& b) {
    Pack<T, kPack> result;
#pragma unroll
    for (int e = 0; e < kPack; e++)
      result.at[e] = narrow<T>(softmax_gradient(widen(a.at[e]), widen(b.at[e]), total, s.log));
    store_pack_ragged(to, i, n, result);
  });
}

// Columns: the block's threads are `width` columns by `members` places along the axis.
struct Column {
  int width, member, lane;
  int64_t first;  // of its elements
  bool present;
  SINTER_DEVICE explicit Column(const SoftmaxShape& s) {
    width = kSoftmaxThreads / s.members;
    lane = threadIdx.x % width;
    member = threadIdx.x / width;
    const int64_t blocks = (s.inner + width - 1) / width, outer = blockIdx.x / blocks;
    const int64_t column = (blockIdx.x - outer * blocks) * width + lane;
    present = column < s.inner;
    first = outer * s.n * s.inner + column;
  }
};
template <class S, class F>
SINTER_DEVICE S column_reduce(S state, const Column& at, int members, S* states, F combine) {
  states[threadIdx.x] = state;
  __syncthreads();
#pragma unroll 1
  for (int half = members / 2; half > 0; half /= 2) {
    if (at.member < half) states[threadIdx.x] = combine(states[threadIdx.x], states[threadIdx.x + half * at.width]);
    __syncthreads();
  }
  return states[at.lane];
}

// The largest so far and the sum of exp(x - it).
template <class V>
struct Exponentials {
  V top;
  double sum;
};
struct Joined {
  template <class V>
  SINTER_DEVICE Exponentials<V> operator()(const Exponentials<V>& a, const Exponentials<V>& b) const {
    const V top = a.top > b.top ? a.top : b.top;
    return {top, scaled(a, top) + scaled(b, top)};
  }
  template <class V>
  static SINTER_DEVICE double scaled(const Exponentials<V>& e, V top) {
    return e.top == top ? e.sum : e.sum * exp_of(e.top - top);
  }
};

template <class T>
SINTER_DEVICE void softmax_columns(const T* x, T* y, const SoftmaxShape& s) {
  using V = Compute<T>;
  __shared__ Exponentials<V> states[kSoftmaxThreads];
  const Column at(s);
  Exponentials<V> state = {kLow<V>, 0};
  const int64_t n = at.present ? s.n : 0;
#pragma unroll 1
  for (int64_t i = at.member; i < n; i += s.members) {
    const V v = widen(x[at.first + i * s.inner]);
    // exp(v - v) is one, or NaN of what is not finite.
    state = Joined()(state, Exponentials<V>{v, v == kLow<V> ? 0. : static_cast<double>(v - v + V(1))});
  }
  state = column_reduce(state, at, s.members, states, Joined());
  // Of nothing but -infinity 0: the results are NaN, as x - top is.
  const V sum = static_cast<V>(state.sum);
  const V scale = V(1) / sum, log_sum = s.log ? log_of(sum) : V(0);
#pragma unroll 4
  for (int64_t i = at.member; i < n; i += s.members) {
    const V below = widen(x[at.first + i * s.inner]) - state.top;
    y[at.first + i * s.inner] = narrow<T>(s.log ? below - log_sum : exp_of(below) * scale);
  }
}
template <class T>
SINTER_DEVICE void softmax_backward_columns(const T* g, const T* y, T* gx, const SoftmaxShape& s) {
  using V = Compute<T>;
  __shared__ double states[kSoftmaxThreads];
  const Column at(s);
  const int64_t n = at.present ? s.n : 0;
  double sum = 0;
#pragma unroll 4
  for (int64_t i = at.member; i < n; i += s.members) {
    const V a = widen(g[at.first + i * s.inner]);
    sum += s.log ? a : a * widen(y[at.first + i * s.inner]);
  }
  const V total = static_cast<V>(column_reduce(sum, at, s.members, states, Plus()));
#pragma unroll 4
  for (int64_t i = at.member; i < n; i += s.members) {
    const int64_t place = at.first + i * s.inner;
    gx[place] = narrow<T>(softmax_gradient(widen(g[place]), widen(y[place]), total, s.log));
  }
}

#define SINTER_SOFTMAX(T)                                                                              \
  extern "C" __global__ void __launch_bounds__(kSoftmaxThreads)                                        \
      softmax_rows_##T(const T* x, T* __restrict__ y, const __grid_constant__ SoftmaxShape shape) {    \
    softmax_rows(x, y, shape);                                                                         \
  }                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kSoftmaxThreads)                                        \
      softmax_columns_##T(const T* x, T* __restrict__ y, const __grid_constant__ SoftmaxShape shape) { \
    softmax_columns(x, y, shape);                                                                      \
  }                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kSoftmaxThreads) softmax_backward_rows_##T(             \
      const T* g, const T* y, T* __restrict__ gx, const __grid_constant__ SoftmaxShape shape) {        \
    softmax_backward_rows(g, y, gx, shape);                                                            \
  }                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kSoftmaxThreads) softmax_backward_columns_##T(          \
      const T* g, const T* y, T* __restrict__ gx, const __grid_constant__ SoftmaxShape shape) {        \
    softmax_backward_columns(g, y, gx, shape);                                                         \
  }
SINTER_SOFTMAX(f32)
SINTER_SOFTMAX(f64)
SINTER_SOFTMAX(bf16)
SINTER_SOFTMAX(f16)

}  // namespace sinter::cuda
