// Sums, maxima and the like over the threads of a warp and a block. Place in the whole: every family that reduces.
//
// The order of combination is that of the lanes, the same in every run. All threads of the warp or block call, and all get the result.
#pragma once
#include <cstring>

#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffu;

struct Plus {
  template <class V>
  SINTER_DEVICE V operator()(V a, V b) const {
    return a + b;
  }
};
// A NaN wins.
struct Larger {
  template <class V>
  SINTER_DEVICE V operator()(V a, V b) const {
    return a > b || a != a ? a : b;
  }
};
struct Smaller {
  template <class V>
  SINTER_DEVICE V operator()(V a, V b) const {
    return a < b || a != a ? a : b;
  }
};

// The state of the lane at that distance, for states that are merged a step at a time.
template <class State>
SINTER_DEVICE State shuffled(const State& state, int distance) {
  static_assert(sizeof(State) % 4 == 0);
  uint32_t words[sizeof(State) / 4];
  memcpy(words, &state, sizeof state);
#pragma unroll
  for (uint32_t& word : words) word = __shfl_xor_sync(kAllLanes, word, distance);
  State other;
  memcpy(&other, words, sizeof other);
  return other;
}

// Over groups of kLanes neighbouring lanes, a power of two; the whole warp calls.
template <int kLanes = kWarp, class V, class F>
SINTER_DEVICE V warp_reduce(V x, F combine) {
  static_assert(kLanes <= kWarp && (kLanes & (kLanes - 1)) == 0);
#pragma unroll
  for (int distance = kLanes / 2; distance > 0; distance /= 2) x = combine(x, __shfl_xor_sync(kAllLanes, x, distance));
  return x;
}

// Over a block of kThreads, a multiple of 32. `partial` is shared memory for kThreads / 32 values, free when the block comes here; a
// barrier must pass before it is used again.
template <int kThreads, class V, class F>
SINTER_DEVICE V block_reduce(V x, V* partial, F combine) {
  constexpr int kWarps = kThreads / kWarp;
  static_assert(kThreads % kWarp == 0 && kWarps <= kWarp);
  x = warp_reduce(x, combine);
  if constexpr (kWarps > 1) {
    if (threadIdx.x % kWarp == 0) partial[threadIdx.x / kWarp] = x;
    __syncthreads();
    x = partial[0];
#pragma unroll
    for (int w = 1; w < kWarps; w++) x = combine(x, partial[w]);
  }
  return x;
}

}  // namespace sinter::cuda
