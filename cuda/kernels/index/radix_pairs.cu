// A radix sort from the lowest digit on, stable: keys u32 or u64, values u32. Place in the whole: device code of radix_pairs.cpp.
//
// Rows of one length are sorted side by side. A pass over 8 bits is three launches: digits are counted in tiles; the counts of each digit are summed along the tiles; every tile
// ranks its keys once more and moves them. A tile's keys lie in the order of (warp, item, lane), so ranks that grow in that order are
// stable. Up to a tile of keys, one block does all passes in shared memory. Bound of a pass: keys are read twice and written once, places
// read and written once, 20 bytes a u32 key.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/block.cuh"
#include "cuda/kernels/index/radix_pairs.h"

namespace sinter::cuda {

constexpr int kRadixWarps = kRadixThreads / 32;
using Histograms = uint32_t[kRadixWarps][kRadixDigits];
static_assert(kRadixThreads == kRadixDigits, "a thread a digit");

SINTER_DEVICE int place_in_tile(int item) {
  return threadIdx.x / 32 * (32 * kRadixItems) + item * 32 + (threadIdx.x & 31);
}

// Ranks of the block's keys among those of their digit in their warp; histograms: counts of each warp. What lies beyond `count` keys
// has the highest digit, behind all others of it.
template <class K>
SINTER_DEVICE void rank_in_warps(const K (&keys)[kRadixItems], int shift, int count, Histograms& histograms,
                                 uint32_t (&ranks)[kRadixItems], uint32_t (&digits)[kRadixItems]) {
  for (int w = 0; w < kRadixWarps; w++) histograms[w][threadIdx.x] = 0;
  __syncthreads();
  uint32_t* counts = histograms[threadIdx.x / 32];
  const uint32_t below = (1u << (threadIdx.x & 31)) - 1;
#pragma unroll
  for (int k = 0; k < kRadixItems; k++) {
    digits[k] =
        place_in_tile(k) < count ? static_cast<uint32_t>(keys[k] >> shift) & (kRadixDigits - 1) : kRadixDigits - 1;
    const uint32_t same = __match_any_sync(kWholeWarp, digits[k]);
    const uint32_t before = counts[digits[k]];
    __syncwarp();
    if ((same & below) == 0) counts[digits[k]] = before + __popc(same);
    __syncwarp();
    ranks[k] = before + __popc(same & below);
  }
  __syncthreads();
}

// Counts of warps become the places where their keys of a digit begin; `first`: the place of the first key of thread's digit.
SINTER_DEVICE void counts_to_places(Histograms& histograms, uint32_t first) {
#pragma unroll
  for (int w = 0; w < kRadixWarps; w++) {
    const uint32_t count = histograms[w][threadIdx.x];
    histograms[w][threadIdx.x] = first;
    first += count;
  }
  __syncthreads();
}

// Which tile of which row a block has.
struct TileOfRow {
  int64_t row, tile;
  SINTER_DEVICE explicit TileOfRow(int64_t tiles) : row(blockIdx.x / tiles), tile(blockIdx.x - row * tiles) {}
};

// counts[(row * digits + digit) * tiles + tile]
template <class K>
SINTER_DEVICE void count_digits(const K* keys, int64_t n, int64_t tiles, int shift, uint32_t* counts) {
  __shared__ uint32_t histogram[kRadixDigits];
  histogram[threadIdx.x] = 0;
  __syncthreads();
  const TileOfRow at(tiles);
  const int64_t first = at.tile * kRadixTile;
  keys += at.row * n;
#pragma unroll
  for (int k = 0; k < kRadixItems; k++) {
    const int64_t i = first + k * kRadixThreads + threadIdx.x;
    if (i < n) atomicAdd(&histogram[static_cast<uint32_t>(keys[i] >> shift) & (kRadixDigits - 1)], 1);
  }
  __syncthreads();
  counts[(at.row * kRadixDigits + threadIdx.x) * tiles + at.tile] = histogram[threadIdx.x];
}

// places: null for keys that lie where they come from.
template <class K>
SINTER_DEVICE void move_keys(const K* keys, const uint32_t* places, K* to_keys, uint32_t* to_places, int64_t n,
                             int64_t tiles, int shift, const uint32_t* counts, const uint32_t* totals) {
  __shared__ Histograms histograms;
  __shared__ uint32_t sums[kRadixWarps];
  const TileOfRow at(tiles);
  const int64_t first = at.tile * kRadixTile;
  const int count = static_cast<int>(min(static_cast<int64_t>(kRadixTile), n - first));
  keys += at.row * n, to_keys += at.row * n, to_places += at.row * n;
  if (places) places += at.row * n;
  K key[kRadixItems];
#pragma unroll
  for (int k = 0; k < kRadixItems; k++) key[k] = place_in_tile(k) < count ? keys[first + place_in_tile(k)] : 0;
  uint32_t ranks[kRadixItems], digits[kRadixItems], all;
  rank_in_warps(key, shift, count, histograms, ranks, digits);
  const uint32_t lower = block_sum_below<kRadixThreads>(totals[at.row * kRadixDigits + threadIdx.x], sums, all);
  counts_to_places(histograms, lower + counts[(at.row * kRadixDigits + threadIdx.x) * tiles + at.tile]);
#pragma unroll
  for (int k = 0; k < kRadixItems; k++) {
    if (place_in_tile(k) >= count) continue;
    const int64_t from = first + place_in_tile(k);
    const uint32_t to = histograms[threadIdx.x / 32][digits[k]] + ranks[k];
    to_keys[to] = key[k];
    to_places[to] = places ? places[from] : static_cast<uint32_t>(from);
  }
}

// Rows of n <= kRadixTile, a block each. places: null for keys that lie where they come from.
template <class K>
SINTER_DEVICE void sort_tile(const K* keys, const uint32_t* places, K* to_keys, uint32_t* to_places, int n, int bits) {
  __shared__ Histograms histograms;
  __shared__ uint32_t sums[kRadixWarps];
  __shared__ K tile_keys[kRadixTile];
  __shared__ uint16_t tile_places[kRadixTile];
  K key[kRadixItems];
  uint32_t place[kRadixItems], ranks[kRadixItems], digits[kRadixItems];
  const int64_t row = static_cast<int64_t>(blockIdx.x) * n;
  keys += row, to_keys += row, to_places += row;
#pragma unroll
  for (int k = 0; k < kRadixItems; k++) {
    place[k] = place_in_tile(k);
    key[k] = place_in_tile(k) < n ? keys[place_in_tile(k)] : 0;
  }
#pragma unroll 1
  for (int shift = 0; shift < bits; shift += kRadixBits) {
    rank_in_warps(key, shift, n, histograms, ranks, digits);
    uint32_t total = 0, all;
#pragma unroll
    for (int w = 0; w < kRadixWarps; w++) total += histograms[w][threadIdx.x];
    counts_to_places(histograms, block_sum_below<kRadixThreads>(total, sums, all));
#pragma unroll
    for (int k = 0; k < kRadixItems; k++) {
      const uint32_t to = histograms[threadIdx.x / 32][digits[k]] + ranks[k];
      tile_keys[to] = key[k];
      tile_places[to] = static_cast<uint16_t>(place[k]);
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < kRadixItems; k++) {
      key[k] = tile_keys[place_in_tile(k)];
      place[k] = tile_places[place_in_tile(k)];
    }
    __syncthreads();
  }
#pragma unroll
  for (int k = 0; k < kRadixItems; k++) {
    if (place_in_tile(k) >= n) continue;
    to_keys[place_in_tile(k)] = key[k];
    to_places[place_in_tile(k)] = places ? places[row + place[k]] : place[k];
  }
}

// A digit's counts become sums over the tiles below, a block a digit of a row.
extern "C" __global__ void __launch_bounds__(kRadixThreads)
    radix_sums(uint32_t* __restrict__ counts, int64_t tiles, uint32_t* __restrict__ totals) {
  const uint32_t total = block_sums_before<kRadixThreads>(counts + blockIdx.x * tiles, tiles);
  if (threadIdx.x == 0) totals[blockIdx.x] = total;
}

#define SINTER_RADIX(name, K)                                                                                     \
  extern "C" __global__ void __launch_bounds__(kRadixThreads) radix_count_##name(                                 \
      const K* __restrict__ keys, int64_t n, int64_t tiles, int32_t shift, uint32_t* __restrict__ counts) {       \
    count_digits(keys, n, tiles, shift, counts);                                                                  \
  }                                                                                                               \
  extern "C" __global__ void __launch_bounds__(kRadixThreads)                                                     \
      radix_move_##name(const K* __restrict__ keys, const uint32_t* __restrict__ places, K* __restrict__ to_keys, \
                        uint32_t* __restrict__ to_places, int64_t n, int64_t tiles, int32_t shift,                \
                        const uint32_t* __restrict__ counts, const uint32_t* __restrict__ totals) {               \
    move_keys(keys, places, to_keys, to_places, n, tiles, shift, counts, totals);                                 \
  }                                                                                                               \
  extern "C" __global__ void __launch_bounds__(kRadixThreads, 3)                                                  \
      radix_tile_##name(const K* __restrict__ keys, const uint32_t* __restrict__ places, K* __restrict__ to_keys, \
                        uint32_t* __restrict__ to_places, int32_t n, int32_t bits) {                              \
    sort_tile(keys, places, to_keys, to_places, n, bits);                                                         \
  }

SINTER_RADIX(u32, uint32_t)
SINTER_RADIX(u64, uint64_t)

}  // namespace sinter::cuda
