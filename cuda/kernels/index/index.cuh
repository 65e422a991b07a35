// Reading indices, and division of places. Place in the whole: device side of index.h.
#pragma once
#include "cuda/kernels/fault.cuh"
#include "cuda/kernels/index/index.h"
#include "cuda/kernels/indexing.cuh"
#include "cuda/kernels/vector.cuh"

namespace sinter::cuda {

SINTER_DEVICE int64_t index_at(const Indices& indices, int64_t i) {
  return indices.wide ? __ldg(static_cast<const int64_t*>(indices.data) + i)
                      : __ldg(static_cast<const int32_t*>(indices.data) + i);
}

SINTER_DEVICE bool in_range(int64_t index, int64_t size) {
  return static_cast<uint64_t>(index) < static_cast<uint64_t>(size);
}

// n / size for 0 <= n < 2^52. Only tensors of more than 2^31 elements come to the second line, whose quotient may be one off at first.
SINTER_DEVICE int64_t quotient(int64_t n, const Split& split) {
  if (static_cast<uint64_t>(n) < split.near)
    return split.small.value ? divide(static_cast<uint32_t>(n), split.small) : 0;
  int64_t q = static_cast<int64_t>(static_cast<double>(n) * split.inverse);
  const int64_t rest = n - q * split.size;
  return q + (rest >= split.size) - (rest < 0);
}

// The element that a thread's item u is, where a block takes kIndexThreads * kIndexItems neighbours.
SINTER_DEVICE int64_t item_of(int u) {
  return static_cast<int64_t>(blockIdx.x) * (kIndexThreads * kIndexItems) + u * kIndexThreads + threadIdx.x;
}

template <class W>
SINTER_DEVICE W load_constant(const W* from) {
  return load_pack_constant<1>(from).at[0];
}

}  // namespace sinter::cuda
