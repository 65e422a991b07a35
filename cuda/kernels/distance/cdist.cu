// cdist: norms of differences of rows. Place in the whole: device code of cdist.cpp, on the pattern of native/cpu/linalg/cdist.cpp.
//
//   tiles  a block compares 64 rows of a with 64 of b, 4 x 4 pairs a thread (f64: 32, 2 x 2; powers: 16, one); steps of 16 elements go through shared memory, the next
//          one's loads under way. Bound: two instructions a pair and element, half of what products of matrices reach.
//   pairs  a warp a pair, lanes along the rows, where one side has few: bound by reading the other. (Powers are bound by themselves.)
//
// Differences are exact, as on the CPU: no product of matrices stands in for them. Terms are added up 128 at a time.
// sinter: cubins 80 90
#include "cuda/kernels/distance/cdist.h"
#include "cuda/kernels/math.cuh"
#include "cuda/kernels/reduce.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

constexpr int kTermsAtOnce = 128;

// What a norm adds up: term of two elements, merge of two sums (or largest), finish of the whole. kSide: pairs of a thread each way.
template <class T>
struct Ones {
  static constexpr int kSide = sizeof(T) == 8 ? 2 : 4;
  T p;
  SINTER_DEVICE T term(T a, T b) const { return a != b ? T(1) : T(0); }
  SINTER_DEVICE T merge(T x, T y) const { return x + y; }
  SINTER_DEVICE T finish(T x) const { return x; }
};
template <class T>
struct Absolute : Ones<T> {
  SINTER_DEVICE T term(T a, T b) const { return fabs(a - b); }
};
template <class T>
struct Squares : Ones<T> {
  SINTER_DEVICE T term(T a, T b) const {
    const T x = a - b;
    return x * x;
  }
  SINTER_DEVICE T finish(T x) const { return sqrt_of(x); }
};
template <class T>
struct Largest : Absolute<T> {
  SINTER_DEVICE T merge(T x, T y) const { return y > x || y != y ? y : x; }  // NaN stays
};
template <class T>
struct Powers : Ones<T> {
  static constexpr int kSide = 1;  // a power is work enough
  SINTER_DEVICE T term(T a, T b) const {
    const T x = fabs(a - b);
    return this->p == 3 ? x * x * x : pow_of(x, this->p);
  }
  SINTER_DEVICE T finish(T x) const { return pow_of(x, 1 / this->p); }
};

template <class T, class Norm>
SINTER_DEVICE void distance_tiles(const DistanceShape& shape, const T* a, const T* b, T* y) {
  constexpr int S = Norm::kSide, kRows = kDistanceSide<S>, kStep = kDistanceStep;
  static_assert(kDistanceThreads == 16 * 16 && kStep == 16, "a thread brings S elements of each operand");
  // Of each step, rows side by side; four more keep the threads that write from meeting in a bank.
  __shared__ T rows_a[kStep][kRows + 4], rows_b[kStep][kRows + 4];
  const Norm norm{static_cast<T>(shape.p)};
  const int64_t across = (shape.n + kRows - 1) / kRows, down = (shape.m + kRows - 1) / kRows;
  const int64_t rest = blockIdx.x / across, batch = rest / down;
  const int64_t top = (rest - batch * down) * kRows, left = (blockIdx.x - rest * across) * kRows;
  a += batch * shape.m * shape.d, b += batch * shape.n * shape.d;
  const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
  // A thread brings S neighbouring elements of a row of each; rows and elements that are not there are zeros.
  constexpr int N = S * sizeof(T) <= 16 ? S : 16 / static_cast<int>(sizeof(T));
  const int row = threadIdx.x / 16 * S + threadIdx.x % 16 * S / kStep, at = threadIdx.x % 16 * S % kStep;
  const T *from_a = a + (top + row) * shape.d + at, *from_b = b + (left + row) * shape.d + at;
  const bool in_a = top + row < shape.m, in_b = left + row < shape.n;
  Pack<T, N> next_a[S / N], next_b[S / N];
  auto fetch_row = [&](const T* from, bool there, int64_t k, Pack<T, N>(&next)[S / N]) {
#pragma unroll
    for (int e = 0; e < S; e += N) {
      if (there && shape.packed && k + at + e + N <= shape.d) {
        next[e / N] = load_pack_constant<N>(from + k + e);
        continue;
      }
#pragma unroll
      for (int f = 0; f < N; f++)
        next[e / N].at[f] = there && k + at + e + f < shape.d ? __ldg(from + k + e + f) : T(0);
    }
  };
  auto fetch = [&](int64_t k) {
    fetch_row(from_a, in_a, k, next_a);
    fetch_row(from_b, in_b, k, next_b);
  };
  T total[S][S] = {}, sum[S][S] = {};
  fetch(0);
#pragma unroll 1
  for (int64_t k = 0; k < shape.d; k += kStep) {
    __syncthreads();
#pragma unroll
    for (int e = 0; e < S; e++) {
      rows_a[at + e][row] = next_a[e / N].at[e % N];
      rows_b[at + e][row] = next_b[e / N].at[e % N];
    }
    __syncthreads();
    if (k + kStep < shape.d) fetch(k + kStep);
#pragma unroll(S == 1 ? 1 : 2)
    for (int i = 0; i < kStep; i++) {
      T u[S], v[S];
#pragma unroll
      for (int s = 0; s < S; s++) {
        u[s] = rows_a[i][ty * S + s];
        v[s] = rows_b[i][tx * S + s];
      }
#pragma unroll
      for (int r = 0; r < S; r++)
#pragma unroll
        for (int c = 0; c < S; c++) sum[r][c] = norm.merge(sum[r][c], norm.term(u[r], v[c]));
    }
    if (k + kStep < shape.d && (k + kStep) % kTermsAtOnce != 0) continue;
#pragma unroll
    for (int r = 0; r < S; r++)
#pragma unroll
      for (int c = 0; c < S; c++) {
        total[r][c] = norm.merge(total[r][c], sum[r][c]);
        sum[r][c] = 0;
      }
  }
#pragma unroll
  for (int r = 0; r < S; r++)
#pragma unroll
    for (int c = 0; c < S; c++) {
      const int64_t i = top + ty * S + r, j = left + tx * S + c;
      if (i < shape.m && j < shape.n) y[(batch * shape.m + i) * shape.n + j] = norm.finish(total[r][c]);
    }
}

template <class T, class Norm>
SINTER_DEVICE void distance_pairs(const DistanceShape& shape, const T* a, const T* b, T* y) {
  const Norm norm{static_cast<T>(shape.p)};
  const int64_t pair = static_cast<int64_t>(blockIdx.x) * (kDistanceThreads / kWarp) + threadIdx.x / kWarp;
  if (pair >= shape.batch * shape.m * shape.n) return;
  const int64_t row = pair / shape.n;
  a += row * shape.d;
  b += (row / shape.m * shape.n + (pair - row * shape.n)) * shape.d;
  T sum = 0;
#pragma unroll(Norm::kSide)
  for (int64_t k = threadIdx.x % kWarp; k < shape.d; k += kWarp)
    sum = norm.merge(sum, norm.term(__ldg(a + k), __ldg(b + k)));
  sum = warp_reduce(sum, [&](T x, T y) { return norm.merge(x, y); });
  if (threadIdx.x % kWarp == 0) y[pair] = norm.finish(sum);
}

#define SINTER_DISTANCE(way, name, Norm, T)                                                            \
  extern "C" __global__ void __launch_bounds__(kDistanceThreads, 2)                                    \
      cdist_##way##_##name##_##T(const __grid_constant__ DistanceShape shape, const T* __restrict__ a, \
                                 const T* __restrict__ b, T* __restrict__ y) {                         \
    distance_##way<T, Norm<T>>(shape, a, b, y);                                                        \
  }
#define SINTER_DISTANCES(T)                     \
  SINTER_DISTANCE(tiles, ones, Ones, T)         \
  SINTER_DISTANCE(tiles, absolute, Absolute, T) \
  SINTER_DISTANCE(tiles, squares, Squares, T)   \
  SINTER_DISTANCE(tiles, largest, Largest, T)   \
  SINTER_DISTANCE(tiles, powers, Powers, T)     \
  SINTER_DISTANCE(pairs, ones, Ones, T)         \
  SINTER_DISTANCE(pairs, absolute, Absolute, T) \
  SINTER_DISTANCE(pairs, squares, Squares, T)   \
  SINTER_DISTANCE(pairs, largest, Largest, T)
SINTER_DISTANCES(f32)
SINTER_DISTANCES(f64)

}  // namespace sinter::cuda
