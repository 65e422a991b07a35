// uniqueRuns: runs of equal rows, numbered; sortRows: keys of one column after the other. Place in the whole: device code of unique.cpp.
//
// Runs take four launches: tiles find and count the rows where a run begins, one block sums the counts along the tiles, tiles number
// their runs, runs get their lengths. Bound: rows are read twice, as far as they agree.
// sinter: cubins 80 90
#include "cuda/kernels/index/block.cuh"
#include "cuda/kernels/sort/keys.cuh"
#include "cuda/kernels/sort/unique.h"

namespace sinter::cuda {

SINTER_DEVICE int64_t place_of(const int64_t* order, int64_t i) { return order ? __ldg(order + i) : i; }

// begins[i]: whether row i of the order differs from that before; counts[tile]: in how many rows of the tile.
template <class T>
SINTER_DEVICE void find_begins(const T* x, const int64_t* order, int64_t n, int64_t w, uint8_t* begins,
                               int64_t* counts) {
  __shared__ int partial[kIndexThreads / kWarp];
  int found = 0;
#pragma unroll 1
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    if (i >= n) continue;
    const T* row = x + place_of(order, i) * w;
    const T* before = x + place_of(order, i > 0 ? i - 1 : 0) * w;
    int64_t k = i > 0 ? 0 : w;
    // A NaN equals nothing, itself included.
    while (k < w && __ldg(row + k) == __ldg(before + k)) k++;
    const bool begin = i == 0 || k < w;
    begins[i] = begin;
    found += begin;
  }
  found = block_reduce<kIndexThreads>(found, partial, Plus());
  if (threadIdx.x == 0) counts[blockIdx.x] = found;
}

#define SINTER_RUNS(T)                                                                                \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                         \
      runs_find_##T(const T* __restrict__ x, const int64_t* __restrict__ order, int64_t n, int64_t w, \
                    uint8_t* __restrict__ begins, int64_t* __restrict__ counts) {                     \
    find_begins(x, order, n, w, begins, counts);                                                      \
  }
SINTER_RUNS(f32)
SINTER_RUNS(f64)
SINTER_RUNS(i32)
SINTER_RUNS(i64)

// counts (tiles) become the numbers of tiles' first runs; one block.
extern "C" __global__ void __launch_bounds__(kRunSumThreads)
    runs_sums(int64_t* __restrict__ counts, int64_t tiles, int64_t* __restrict__ total) {
  const int64_t all = block_sums_before<kRunSumThreads>(counts, tiles);
  if (threadIdx.x == 0) *total = all;
}

// starts[run]: the place in the order that it begins at.
extern "C" __global__ void __launch_bounds__(kIndexThreads)
    runs_number(const uint8_t* __restrict__ begins, const int64_t* __restrict__ order, int64_t n,
                const int64_t* __restrict__ counts, int64_t* __restrict__ starts, int64_t* __restrict__ first,
                int64_t* __restrict__ inverse) {
  __shared__ int sums[2][kIndexThreads / kWarp];
  int64_t before = counts[blockIdx.x];
#pragma unroll 1
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    const int begin = i < n ? begins[i] : 0;
    int total;
    const int64_t run = before + block_sum_below<kIndexThreads>(begin, sums[u & 1], total) + begin - 1;
    before += total;
    if (i >= n) continue;
    const int64_t place = place_of(order, i);
    inverse[place] = run;
    if (!begin) continue;
    starts[run] = i;
    first[run] = place;
  }
}

extern "C" __global__ void __launch_bounds__(kIndexThreads)
    runs_lengths(const int64_t* __restrict__ starts, const int64_t* __restrict__ total, int64_t n,
                 int64_t* __restrict__ first, int64_t* __restrict__ counts) {
  const int64_t r = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x, runs = *total;
  if (r >= n) return;
  counts[r] = r >= runs ? 0 : (r + 1 < runs ? starts[r + 1] : n) - starts[r];
  if (r >= runs) first[r] = 0;
}

// ---- sortRows: x (n, w); `order`, null for rows as they lie, is what later columns sorted them to.
template <class K>
SINTER_DEVICE void column_keys(const void* x, int64_t n, int64_t w, int64_t column, const KeyRule& rule,
                               const uint32_t* order, K* keys, uint32_t* places) {
#pragma unroll
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    if (i >= n) continue;
    const uint32_t place = order ? order[i] : static_cast<uint32_t>(i);
    keys[i] = order_of(__ldg(static_cast<const K*>(x) + place * w + column), rule);
    places[i] = place;
  }
}

#define SINTER_COLUMN_KEYS(name, K)                                                                           \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) column_keys_##name(                             \
      const void* __restrict__ x, int64_t n, int64_t w, int64_t column, const __grid_constant__ KeyRule rule, \
      const uint32_t* __restrict__ order, K* __restrict__ keys, uint32_t* __restrict__ places) {              \
    column_keys(x, n, w, column, rule, order, keys, places);                                                  \
  }
SINTER_COLUMN_KEYS(u32, uint32_t)
SINTER_COLUMN_KEYS(u64, wide_key)

extern "C" __global__ void __launch_bounds__(kIndexThreads)
    widen_places(const uint32_t* __restrict__ places, int64_t n, int64_t* __restrict__ order) {
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (item_of(u) < n) order[item_of(u)] = places[item_of(u)];
}

}  // namespace sinter::cuda
