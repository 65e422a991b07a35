// linearIndex, unravelIndex, repeatInterleave: places and numbers that stand for them. Place in the whole: device code of positions.cpp.
// Bound: what is read and written once; unravelIndex divides once a dimension.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/block.cuh"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/index/positions.h"

namespace sinter::cuda {

// y = positions; a negative index counts from the end. What is wrong counts as 0, so that whoever reads the position has nothing more to
// report.
extern "C" __global__ void __launch_bounds__(kIndexThreads)
    linear_index(const __grid_constant__ CoordinateList list, int64_t* __restrict__ y, int64_t n, Fault* fault) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= n) return;
  int64_t position = 0;
#pragma unroll 1
  for (int k = 0; k < list.rank; k++) {
    const int64_t given = index_at(list.at[k].indices, i), size = list.at[k].size.size;
    int64_t index = given < 0 ? given + size : given;
    if (!in_range(index, size)) {
      report(fault, k, given, size);
      index = 0;
    }
    position = position * size + index;
  }
  y[i] = position;
}

extern "C" __global__ void __launch_bounds__(kIndexThreads)
    unravel_index(Indices indices, const __grid_constant__ CoordinateList list, int64_t n, int64_t total,
                  Fault* fault) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= n) return;
  int64_t rest = index_at(indices, i);
  if (!in_range(rest, total)) {
    report(fault, 0, rest, total);
    rest = 0;
  }
#pragma unroll 1
  for (int k = list.rank - 1; k >= 0; k--) {
    const int64_t above = quotient(rest, list.at[k].size);
    list.at[k].y[i] = rest - above * list.at[k].size.size;
    rest = above;
  }
}

// ends[i] = repeats[0] + .. + repeats[i], one block. Kinds of reports: 0 negative, or more than n; 1 another sum than n.
extern "C" __global__ void __launch_bounds__(1024)
    repeat_ends(Indices repeats, int64_t k, int64_t n, int64_t* __restrict__ ends, Fault* fault) {
  __shared__ int64_t sums[2][32];
  int64_t before = 0;
  int turn = 0;
  bool good = true;
#pragma unroll 1
  for (int64_t at = 0; at < k; at += 1024, turn ^= 1) {
    const int64_t i = at + threadIdx.x;
    // Bounded, so that no sum overflows before it is reported.
    const int64_t given = i < k ? index_at(repeats, i) : 0, count = min(max(given, INT64_C(0)), n + 1);
    good &= given >= 0;
    int64_t total;
    const int64_t below = block_sum_below<1024>(count, sums[turn], total);
    good &= before + below + count <= n;
    if (i < k) ends[i] = min(before + below + count, n);
    before = min(before + total, n + 1);
  }
  if (!good) report(fault, 0, n);
  __syncthreads();
  if (threadIdx.x == 0 && before < n) report(fault, 1, before, n);
}

// y[i]: the first whose end lies beyond i.
extern "C" __global__ void __launch_bounds__(kIndexThreads)
    repeat_interleave(const int64_t* __restrict__ ends, int64_t k, int64_t* __restrict__ y, int64_t n) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= n) return;
  int64_t low = 0, high = k;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (__ldg(ends + middle) <= i)
      low = middle + 1;
    else
      high = middle;
  }
  y[i] = low;
}

}  // namespace sinter::cuda
