// Which tensor a block works on, and what. Place in the whole: device side of tensors.h.
#pragma once
#include "cuda/kernels/optim/tensors.h"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

// The entry whose blocks include this one.
template <class Table>
SINTER_DEVICE int entry_of_block(const Table& tensors) {
  int low = 0, high = tensors.count - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (tensors.at[middle].first_block <= static_cast<int32_t>(blockIdx.x))
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

// Over the elements of the block's piece: body.run<E>(i) for packs from i on, body.run<1>(i) for what is left.
template <int E, int64_t kPiece = kOptimPiece, class Entry, class Body>
SINTER_DEVICE void each_pack(const Entry& t, Body& body) {
  const int64_t begin = (static_cast<int64_t>(blockIdx.x) - t.first_block) * kPiece;
  const int64_t end = min(t.numel, begin + kPiece);
  int64_t i = begin;
  if constexpr (E > 1) {
    if (t.packed) {
#pragma unroll 1
      for (i = begin + threadIdx.x * E; i + E <= end; i += kOptimThreads * E) body.template run<E>(i);
      i = end - (end - begin) % E;
    }
  }
#pragma unroll 1
  for (i += threadIdx.x; i < end; i += kOptimThreads) body.template run<1>(i);
}

// The sum over the block, for thread 0. `sums`: a warp each.
SINTER_DEVICE double block_sum(double v, double (&sums)[kOptimThreads / 32]) {
#pragma unroll
  for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(0xffffffffu, v, d);
  if ((threadIdx.x & 31) == 0) sums[threadIdx.x / 32] = v;
  __syncthreads();
  double total = 0;
#pragma unroll
  for (int w = 0; w < kOptimThreads / 32; w++) total += sums[w];
  return total;
}

}  // namespace sinter::cuda
