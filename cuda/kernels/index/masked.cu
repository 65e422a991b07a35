// nonzero, maskedSelect, maskedScatter: elements that a condition chooses, numbered in row-major order. Place in the whole: device code of
// masked.cpp.
//
// Three launches: tiles count their chosen elements; one block sums the counts along the tiles; every tile numbers its own. A warp has
// neighbouring elements of a tile, which ballots number. Bound: the condition is read twice, the rest once.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/block.cuh"
#include "cuda/kernels/index/index.cuh"
#include "cuda/kernels/index/masked.h"

namespace sinter::cuda {

// Bits of an element without a floating-point number's sign.
template <class B>
SINTER_DEVICE bool is_chosen(const B* x, int64_t i, int64_t n, B bits) {
  return i < n && (x[i] & bits) != 0;
}

SINTER_DEVICE int64_t warp_begin() {
  return static_cast<int64_t>(blockIdx.x) * kMaskedTile + threadIdx.x / 32 * (32 * kMaskedRounds);
}

template <class B>
SINTER_DEVICE int count_in_warp(const B* x, int64_t n, B bits) {
  const int64_t begin = warp_begin() + (threadIdx.x & 31);
  int count = 0;
#pragma unroll
  for (int r = 0; r < kMaskedRounds; r++)
    count += __popc(__ballot_sync(kWholeWarp, is_chosen(x, begin + r * 32, n, bits)));
  return count;
}

// f(i, number of the element i among the chosen ones, chosen) for the elements of a tile.
template <class B, class F>
SINTER_DEVICE void each_in_tile(const B* x, int64_t n, B bits, const int64_t* first, F f) {
  __shared__ int counts[kMaskedWarps];
  const int count = count_in_warp(x, n, bits), warp = threadIdx.x / 32, lane = threadIdx.x & 31;
  if (lane == 0) counts[warp] = count;
  __syncthreads();
  int64_t number = first[blockIdx.x];
  for (int w = 0; w < warp; w++) number += counts[w];
#pragma unroll 1
  for (int r = 0; r < kMaskedRounds; r++) {
    const int64_t i = warp_begin() + r * 32 + lane;
    const bool chosen = is_chosen(x, i, n, bits);
    const uint32_t all = __ballot_sync(kWholeWarp, chosen);
    f(i, number + __popc(all & ((1u << lane) - 1)), chosen);
    number += __popc(all);
  }
}

template <class B>
SINTER_DEVICE void count_chosen(const B* x, int64_t n, B bits, int64_t* counts) {
  __shared__ int in_warps[kMaskedWarps];
  const int count = count_in_warp(x, n, bits);
  if ((threadIdx.x & 31) == 0) in_warps[threadIdx.x / 32] = count;
  __syncthreads();
  if (threadIdx.x != 0) return;
  int sum = 0;
  for (int w = 0; w < kMaskedWarps; w++) sum += in_warps[w];
  counts[blockIdx.x] = sum;
}

// counts (tiles) become first (tiles + 1): numbers of tiles' first chosen elements, then how many there are. One block.
extern "C" __global__ void __launch_bounds__(kMaskedScanThreads)
    masked_sums(int64_t* __restrict__ counts, int64_t tiles, int32_t demand, int64_t limit, Fault* fault) {
  const int64_t chosen = block_sums_before<kMaskedScanThreads>(counts, tiles);
  if (threadIdx.x != 0) return;
  counts[tiles] = chosen;
  if (demand == kExactly ? chosen != limit : demand == kAtMost && chosen > limit) report(fault, 0, chosen, limit);
}

template <class B>
SINTER_DEVICE void write_coordinates(const B* x, int64_t n, B bits, const int64_t* first, int64_t tiles,
                                     const Coordinates& c) {
  each_in_tile(x, n, bits, first, [&](int64_t i, int64_t number, bool chosen) {
    if (!chosen || number >= c.rows) return;
    int64_t* row = c.y + number * c.rank;
#pragma unroll 1
    for (int d = c.rank - 1; d >= 0; d--) {
      const int64_t rest = quotient(i, c.dims[d]);
      row[d] = i - rest * c.dims[d].size;
      i = rest;
    }
  });
  // Rows beyond are shared by all blocks.
  const int64_t end = c.rows * c.rank, step = static_cast<int64_t>(gridDim.x) * kIndexThreads;
  for (int64_t i = first[tiles] * c.rank + static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x; i < end;
       i += step)
    c.y[i] = c.fill;
}

template <class W>
SINTER_DEVICE void select_masked(const W* x, const uint8_t* mask, int64_t n, const int64_t* first, int64_t tiles, W* y,
                                 int64_t k) {
  each_in_tile<uint8_t>(mask, n, 0xff, first, [&](int64_t i, int64_t number, bool chosen) {
    if (chosen && number < k) y[number] = x[i];
  });
  const int64_t step = static_cast<int64_t>(gridDim.x) * kIndexThreads;
  for (int64_t i = first[tiles] + static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x; i < k; i += step)
    y[i] = W{};
}

template <class W>
SINTER_DEVICE void scatter_masked(const W* x, const uint8_t* mask, int64_t n, const int64_t* first, const W* source,
                                  int64_t given, W* y) {
  each_in_tile<uint8_t>(mask, n, 0xff, first, [&](int64_t i, int64_t number, bool chosen) {
    if (i < n) y[i] = chosen && number < given ? source[number] : x[i];
  });
}

#define SINTER_CHOSEN(bytes, B)                                                                                     \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                       \
      count_chosen_##bytes(const B* __restrict__ x, int64_t n, B bits, int64_t* __restrict__ counts) {              \
    count_chosen(x, n, bits, counts);                                                                               \
  }                                                                                                                 \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                       \
      nonzero_##bytes(const B* __restrict__ x, int64_t n, B bits, const int64_t* __restrict__ first, int64_t tiles, \
                      const __grid_constant__ Coordinates coordinates) {                                            \
    write_coordinates(x, n, bits, first, tiles, coordinates);                                                       \
  }
#define SINTER_MASKED(bytes)                                                                                           \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                          \
      masked_select_##bytes(const raw##bytes* __restrict__ x, const uint8_t* __restrict__ mask, int64_t n,             \
                            const int64_t* __restrict__ first, int64_t tiles, raw##bytes* __restrict__ y, int64_t k) { \
    select_masked(x, mask, n, first, tiles, y, k);                                                                     \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                          \
      masked_scatter_##bytes(const raw##bytes* __restrict__ x, const uint8_t* __restrict__ mask, int64_t n,            \
                             const int64_t* __restrict__ first, const raw##bytes* __restrict__ source, int64_t given,  \
                             raw##bytes* __restrict__ y) {                                                             \
    scatter_masked(x, mask, n, first, source, given, y);                                                               \
  }

SINTER_CHOSEN(1, uint8_t)
SINTER_CHOSEN(2, uint16_t)
SINTER_CHOSEN(4, uint32_t)
SINTER_CHOSEN(8, uint64_t)

SINTER_MASKED(1)
SINTER_MASKED(2)
SINTER_MASKED(4)
SINTER_MASKED(8)
SINTER_MASKED(16)

}  // namespace sinter::cuda
