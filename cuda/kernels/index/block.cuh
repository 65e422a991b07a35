// Sums along the threads of a block. Place in the whole: what the kernels that count (radix_pairs.cu, masked.cu, positions.cu, random/weighted.cu) share.
#pragma once
#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

constexpr uint32_t kWholeWarp = 0xffffffffu;

// The sum over the lanes below, and over all of them.
template <class T>
SINTER_DEVICE T warp_sum_below(T value, T& total) {
  const int lane = threadIdx.x & 31;
  T sum = value;
#pragma unroll
  for (int d = 1; d < 32; d *= 2) {
    const T other = __shfl_up_sync(kWholeWarp, sum, d);
    if (lane >= d) sum += other;
  }
  total = __shfl_sync(kWholeWarp, sum, 31);
  return sum - value;
}

// The sum over the block's threads below, and over all of them. `sums`: kThreads / 32 values of shared memory, free again at the
// block's next barrier.
template <int kThreads, class T>
SINTER_DEVICE T block_sum_below(T value, T* sums, T& total) {
  constexpr int kWarps = kThreads / 32;
  T in_warp;
  const T below = warp_sum_below(value, in_warp);
  const int warp = threadIdx.x / 32;
  if ((threadIdx.x & 31) == 31) sums[warp] = in_warp;
  __syncthreads();
  T before = 0;
  total = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    const T sum = sums[w];
    before += w < warp ? sum : T(0);
    total += sum;
  }
  return before + below;
}

// values (n) become the sums of those before each; returns the sum of all. One block, whose threads all call it.
template <int kThreads, class T>
SINTER_DEVICE T block_sums_before(T* values, int64_t n) {
  __shared__ T sums[2][kThreads / 32];
  T before = 0;
  int turn = 0;
#pragma unroll 1
  for (int64_t at = 0; at < n; at += kThreads, turn ^= 1) {
    const int64_t i = at + threadIdx.x;
    T total;
    const T below = block_sum_below<kThreads>(i < n ? values[i] : T(0), sums[turn], total);
    if (i < n) values[i] = before + below;
    before += total;
  }
  return before;
}

}  // namespace sinter::cuda
