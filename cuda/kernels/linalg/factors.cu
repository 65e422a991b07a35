// Small steps beside factorisations: permutations from pivots, what went wrong, triangles cleared, the real diagonal of a gradient.
// Place in the whole: device code of pivots.cpp, gauge_real.cpp, cusolver.cpp and the factorisations. Each is one pass, bound by memory;
// but the chain of exchanges is bound by latency.
// sinter: cubins 80 90
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/linalg/factors.h"
#include "cuda/kernels/reduce.cuh"

namespace sinter::cuda {

// Rows i and pivots[i] - 1 are exchanged, in order; the whole warp calls.
template <class I>
SINTER_DEVICE void exchange_all(I* order, const int32_t* pivots, int64_t k, int64_t m, Fault* fault) {
  const int lane = threadIdx.x;
  for (int64_t i = lane; i < m; i += 32) order[i] = static_cast<I>(i);
  __syncwarp();
#pragma unroll 1
  for (int64_t from = 0; from < k; from += 32) {
    const int64_t last = from + 32 < k ? from + 32 : k;
    const int32_t mine = from + lane < k ? pivots[from + lane] : 0;
#pragma unroll 1
    for (int64_t i = from; i < last; i++) {
      const int64_t other = int64_t{__shfl_sync(0xffffffffu, mine, static_cast<int>(i - from))} - 1;
      if (lane != 0) continue;
      if (other < 0 || other >= m) {
        report(fault, 0, other + 1, m);
        continue;
      }
      const I value = order[i];
      order[i] = order[other];
      order[other] = value;
    }
  }
  __syncwarp();
}

template <class T, class R>
SINTER_DEVICE void real_diagonal(const T* x, R* y, int64_t n, int64_t total, Fault* fault) {
  const int64_t i = int64_t{blockIdx.x} * kFactorThreads + threadIdx.x;
  if (i >= total) return;
  const int64_t entry = i / n, at = i - entry * n;
  const T z = x[(entry * n + at) * n + at];
  if (::fabs(z.im) > R(0.01)) report(fault, 0, at, entry);
  y[i] = z.re;
}

// flags[item] = 1 where an element of the part of x that is read (0 all, 1 the lower, 2 the upper triangle) is not finite.
template <class T>
SINTER_DEVICE void not_finite(const T* x, int64_t rows, int64_t columns, int64_t blocks, int32_t part, int32_t* flags) {
  const int64_t item = blockIdx.x / blocks, block = blockIdx.x - item * blocks, size = rows * columns;
  bool found = false;
#pragma unroll 1
  for (int q = 0; q < kFactorItems; q++) {
    const int64_t i = (block * kFactorItems + q) * kFactorThreads + threadIdx.x;
    if (i >= size) continue;
    const int64_t row = i / columns, column = i - row * columns;
    const bool read = part == 0 || (part == 1 ? column <= row : column >= row);
    const T value = x[item * size + i];
    found |= read && !(value - value == T(0));
  }
  if (__syncthreads_or(found) && threadIdx.x == 0) atomicOr(flags + item, 1);
}

// Zeros above the diagonal of square matrices.
template <class W>
SINTER_DEVICE void clear_upper(W* x, int64_t n, int64_t total) {
#pragma unroll 1
  for (int q = 0; q < kFactorItems; q++) {
    const int64_t i = (int64_t{blockIdx.x} * kFactorItems + q) * kFactorThreads + threadIdx.x;
    if (i >= total) return;
    const int64_t line = i / n, row = line % n, column = i - line * n;
    if (column > row) x[i] = W{};
  }
}

}  // namespace sinter::cuda

using namespace sinter::cuda;

// A warp an entry. `shared`: there is dynamic shared memory for m i32.
extern "C" __global__ void __launch_bounds__(32)
    pivots_to_permutation(const int32_t* pivots, int64_t* y, int64_t k, int64_t m, int32_t shared, Fault* fault) {
  extern __shared__ int32_t room[];
  const int64_t entry = blockIdx.x;
  int64_t* order = y + entry * m;
  if (!shared) return exchange_all(order, pivots + entry * k, k, m, fault);
  exchange_all(room, pivots + entry * k, k, m, fault);
  for (int64_t i = threadIdx.x; i < m; i += 32) order[i] = room[i];
}

extern "C" __global__ void __launch_bounds__(kFactorThreads)
    gauge_real_c64(const c64* x, f32* y, int64_t n, int64_t total, Fault* fault) {
  real_diagonal(x, y, n, total, fault);
}
extern "C" __global__ void __launch_bounds__(kFactorThreads)
    gauge_real_c128(const c128* x, f64* y, int64_t n, int64_t total, Fault* fault) {
  real_diagonal(x, y, n, total, fault);
}

// The first item whose info is not 0, in one array or the other; one block.
extern "C" __global__ void __launch_bounds__(kFactorThreads)
    first_failure(const int32_t* info, const int32_t* also, int64_t batch, Fault* fault) {
  __shared__ int64_t partial[kFactorThreads / 32];
  int64_t first = batch;
  for (int64_t i = threadIdx.x; i < batch && first == batch; i += kFactorThreads)
    if (info[i] != 0 || (also && also[i] != 0)) first = i;
  first = block_reduce<kFactorThreads>(first, partial, Smaller());
  if (threadIdx.x == 0 && first < batch) report(fault, 0, first, info[first]);
}

extern "C" __global__ void __launch_bounds__(kFactorThreads)
    not_finite_f32(const f32* x, int64_t rows, int64_t columns, int64_t blocks, int32_t part, int32_t* flags) {
  not_finite(x, rows, columns, blocks, part, flags);
}
extern "C" __global__ void __launch_bounds__(kFactorThreads)
    not_finite_f64(const f64* x, int64_t rows, int64_t columns, int64_t blocks, int32_t part, int32_t* flags) {
  not_finite(x, rows, columns, blocks, part, flags);
}

extern "C" __global__ void __launch_bounds__(kFactorThreads) clear_upper_4(uint32_t* x, int64_t n, int64_t total) {
  clear_upper(x, n, total);
}
extern "C" __global__ void __launch_bounds__(kFactorThreads) clear_upper_8(uint2* x, int64_t n, int64_t total) {
  clear_upper(x, n, total);
}
extern "C" __global__ void __launch_bounds__(kFactorThreads) clear_upper_16(uint4* x, int64_t n, int64_t total) {
  clear_upper(x, n, total);
}

// Pivots that exchange nothing.
extern "C" __global__ void __launch_bounds__(kFactorThreads)
    pivots_in_place(int32_t* pivots, int64_t k, int64_t total) {
  const int64_t i = int64_t{blockIdx.x} * kFactorThreads + threadIdx.x;
  if (i < total) pivots[i] = static_cast<int32_t>(i % k) + 1;
}
