// Rows sorted, and what is written of sorted rows. Place in the whole: device code of sort.cpp.
//
//   sort_short    a warp sorts a row of up to 256 elements in registers (a bitonic network over keys with their places, which makes all
//                 items distinct, so that the order is stable): one pass over memory, bound by it
//   sort_keys     longer rows become keys, which the radix sort of index/radix_pairs.cu sorts with their places
//   sort_finish   places of sorted pairs, and the elements at these
//   transpose     (outer, a, b) -> (outer, b, a): axes other than the last are brought there and back
// sinter: cubins 80 90 100 120
#include "cuda/kernels/sort/keys.cuh"

namespace sinter::cuda {

// A key with its place; places in a row differ, so no two items are equal.
struct NarrowItem {
  using Key = uint32_t;
  uint64_t all;
  static SINTER_DEVICE NarrowItem make(Key key, uint32_t place) { return {static_cast<uint64_t>(key) << 32 | place}; }
  SINTER_DEVICE Key key() const { return static_cast<Key>(all >> 32); }
  SINTER_DEVICE uint32_t place() const { return static_cast<uint32_t>(all); }
  SINTER_DEVICE bool before(const NarrowItem& o) const { return all < o.all; }
  SINTER_DEVICE NarrowItem of_lane(int distance) const { return {__shfl_xor_sync(kAllLanes, all, distance)}; }
};
struct WideItem {
  using Key = wide_key;
  wide_key word;
  uint32_t at;
  static SINTER_DEVICE WideItem make(Key key, uint32_t place) { return {key, place}; }
  SINTER_DEVICE Key key() const { return word; }
  SINTER_DEVICE uint32_t place() const { return at; }
  SINTER_DEVICE bool before(const WideItem& o) const { return word < o.word || (word == o.word && at < o.at); }
  SINTER_DEVICE WideItem of_lane(int distance) const {
    return {__shfl_xor_sync(kAllLanes, word, distance), __shfl_xor_sync(kAllLanes, at, distance)};
  }
};

// Sorts a warp's items, item k of a lane being number 32 k + lane (Batcher, "Sorting networks and their applications", 1968).
template <int kItems, class Item>
SINTER_DEVICE void sort_warp(Item (&items)[kItems]) {
  const int lane = threadIdx.x % kWarp;
  // Stages between lanes, for runs of `size` that rise and fall in turns.
  auto between_lanes = [&](int size, int distance) {
#pragma unroll 1
    for (; distance > 0; distance /= 2) {
#pragma unroll
      for (int k = 0; k < kItems; k++) {
        const bool rising = ((k * kWarp + lane) & size) == 0, lower = (lane & distance) == 0;
        const Item other = items[k].of_lane(distance);
        if (other.before(items[k]) == (rising == lower)) items[k] = other;
      }
    }
  };
#pragma unroll 1
  for (int size = 2; size <= kWarp; size *= 2) between_lanes(size, size / 2);
#pragma unroll
  for (int size = 2; size <= kItems; size *= 2) {
#pragma unroll
    for (int distance = size / 2; distance > 0; distance /= 2) {
#pragma unroll
      for (int k = 0; k < kItems; k++) {
        if (k & distance) continue;
        const bool rising = (k & size) == 0;
        const Item a = items[k], b = items[k + distance];
        if (b.before(a) == rising) {
          items[k] = b;
          items[k + distance] = a;
        }
      }
    }
    between_lanes(size * kWarp, kWarp / 2);
  }
}

// to_keys, to_places: where not null, the sorted pairs go there and nothing else is written.
template <int kItems, class Item>
SINTER_DEVICE void sort_short(const ChooseShape& shape, const void* x, void* values, int64_t* places,
                              typename Item::Key* to_keys, uint32_t* to_places) {
  using K = typename Item::Key;
  const int lane = threadIdx.x % kWarp;
  const int64_t row = static_cast<int64_t>(blockIdx.x) * (kShortThreads / kWarp) + threadIdx.x / kWarp;
  if (row >= shape.rows) return;
  const int64_t base = row * shape.n;
  const int n = static_cast<int>(shape.n);
  Item items[kItems];
  int nans = 0;
#pragma unroll
  for (int k = 0; k < kItems; k++) {
    const int i = k * kWarp + lane;
    // What is not there comes behind everything.
    const K key = i < n ? key_at<K>(x, base + i, shape.rule) : ~K(0);
    items[k] = Item::make(key, i);
    nans += __popc(__ballot_sync(kAllLanes, i < n && is_nan_key(key, shape.rule)));
  }
  sort_warp(items);
  const int64_t first = shape.what == kFirst ? 0 : chosen_rank(shape.what, shape.k, n, nans);
  const int64_t count = shape.what == kFirst ? shape.k : 1;
#pragma unroll
  for (int k = 0; k < kItems; k++) {
    const int64_t i = k * kWarp + lane - first;
    if (i < 0 || i >= count) continue;
    const int64_t to = row * count + i;
    if (to_keys) {
      to_keys[to] = items[k].key();
      to_places[to] = items[k].place();
    } else {
      copy_element<K>(x, base + items[k].place(), values, to, shape.rule);
      places[to] = items[k].place();
    }
  }
}

#define SINTER_SORT_SHORT(name, kItems, Item)                                                            \
  extern "C" __global__ void __launch_bounds__(kShortThreads, 4) sort_short_##name(                      \
      const __grid_constant__ ChooseShape shape, const void* __restrict__ x, void* __restrict__ values,  \
      int64_t* __restrict__ places, Item::Key* __restrict__ to_keys, uint32_t* __restrict__ to_places) { \
    sort_short<kItems, Item>(shape, x, values, places, to_keys, to_places);                              \
  }
SINTER_SORT_SHORT(1_u32, 1, NarrowItem)
SINTER_SORT_SHORT(2_u32, 2, NarrowItem)
SINTER_SORT_SHORT(8_u32, 8, NarrowItem)
SINTER_SORT_SHORT(1_u64, 1, WideItem)
SINTER_SORT_SHORT(2_u64, 2, WideItem)
SINTER_SORT_SHORT(8_u64, 8, WideItem)

// Keys of n elements.
template <class K>
SINTER_DEVICE void make_keys(const void* x, int64_t n, const KeyRule& rule, K* keys) {
#pragma unroll
  for (int u = 0; u < kIndexItems; u++)
    if (item_of(u) < n) keys[item_of(u)] = key_at<K>(x, item_of(u), rule);
}

// The chosen elements of rows whose sorted places (and keys, where NaN must be told) are given: `sorted` a row.
template <class K>
SINTER_DEVICE void finish(const ChooseShape& shape, const K* keys, const uint32_t* sorted_places, int64_t sorted,
                          Split k, const void* x, void* values, int64_t* places) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (i >= shape.rows * k.size) return;
  const int64_t row = quotient(i, k);
  int64_t rank = i - row * k.size;
  if (shape.what != kFirst) {
    // How many NaN a row ends with.
    int64_t low = 0, high = shape.what == kPlaceK ? 0 : shape.n;
    while (low < high) {
      const int64_t middle = (low + high) / 2;
      if (is_nan_key(keys[row * sorted + middle], shape.rule))
        high = middle;
      else
        low = middle + 1;
    }
    rank = chosen_rank(shape.what, shape.k, shape.n, shape.what == kPlaceK ? 0 : shape.n - low);
  }
  const uint32_t place = sorted_places[row * sorted + rank];
  copy_element<K>(x, row * shape.n + place, values, i, shape.rule);
  places[i] = place;
}

// ---- mode: the longest run of equal keys in each sorted row, the first of several.

// best[row]: the length of a run, then how far it ends from the row's end at most: the largest is the run sought.
template <class K>
SINTER_DEVICE void find_longest_run(const K* keys, int64_t n, int64_t blocks, unsigned long long* best) {
  const int64_t row = blockIdx.x / blocks, i = (blockIdx.x - row * blocks) * kIndexThreads + threadIdx.x;
  __shared__ unsigned long long partial[kIndexThreads / kWarp];
  unsigned long long run = 0;
  keys += row * n;
  if (i < n && (i + 1 == n || keys[i + 1] != keys[i])) {
    // Back in steps that double, then by halves: short runs are found at once.
    const K key = keys[i];
    int64_t step = 1, high = i;
    while (high - step >= 0 && keys[high - step] == key) high -= step, step *= 2;
    int64_t low = max(high - step, int64_t{-1});  // keys[low] is not the run's
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      if (keys[middle] == key)
        high = middle;
      else
        low = middle;
    }
    run = static_cast<unsigned long long>(i - high + 1) << 32 | (0xffffffffu - static_cast<uint32_t>(i));
  }
  run = block_reduce<kIndexThreads>(run, partial, Larger());
  if (threadIdx.x == 0) atomicMax(best + row, run);
}

template <class K>
SINTER_DEVICE void take_longest_run(const ChooseShape& shape, const unsigned long long* best,
                                    const uint32_t* sorted_places, const void* x, void* values, int64_t* places) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  if (row >= shape.rows) return;
  const uint32_t place = sorted_places[row * shape.n + (0xffffffffu - static_cast<uint32_t>(best[row]))];
  copy_element<K>(x, row * shape.n + place, values, row, shape.rule);
  places[row] = place;
}

#define SINTER_SORT(name, K)                                                                                           \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) sort_keys_##name(                                        \
      const void* __restrict__ x, int64_t n, const __grid_constant__ KeyRule rule, K* __restrict__ keys) {             \
    make_keys(x, n, rule, keys);                                                                                       \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                          \
      sort_finish_##name(const __grid_constant__ ChooseShape shape, const K* __restrict__ keys,                        \
                         const uint32_t* __restrict__ sorted_places, int64_t sorted, const __grid_constant__ Split k,  \
                         const void* __restrict__ x, void* __restrict__ values, int64_t* __restrict__ places) {        \
    finish(shape, keys, sorted_places, sorted, k, x, values, places);                                                  \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                          \
      mode_runs_##name(const K* __restrict__ keys, int64_t n, int64_t blocks, unsigned long long* __restrict__ best) { \
    find_longest_run(keys, n, blocks, best);                                                                           \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                          \
      mode_finish_##name(const __grid_constant__ ChooseShape shape, const unsigned long long* __restrict__ best,       \
                         const uint32_t* __restrict__ sorted_places, const void* __restrict__ x,                       \
                         void* __restrict__ values, int64_t* __restrict__ places) {                                    \
    take_longest_run<K>(shape, best, sorted_places, x, values, places);                                                \
  }
SINTER_SORT(u32, uint32_t)
SINTER_SORT(u64, wide_key)

// ---- (outer, a, b) -> (outer, b, a), in tiles of 32 x 32 words.
template <class W>
SINTER_DEVICE void transpose(const W* x, int64_t a, int64_t b, int64_t tiles_a, int64_t tiles_b, W* y) {
  __shared__ W tile[32][33];
  const int64_t rest = blockIdx.x / tiles_b, outer = rest / tiles_a;
  const int64_t row = (rest - outer * tiles_a) * 32, column = (blockIdx.x - rest * tiles_b) * 32;
  const int tx = threadIdx.x % 32, ty = threadIdx.x / 32;
  x += outer * a * b, y += outer * a * b;
#pragma unroll
  for (int r = ty; r < 32; r += kIndexThreads / 32)
    if (row + r < a && column + tx < b) tile[r][tx] = x[(row + r) * b + column + tx];
  __syncthreads();
#pragma unroll
  for (int r = ty; r < 32; r += kIndexThreads / 32)
    if (column + r < b && row + tx < a) y[(column + r) * a + row + tx] = tile[tx][r];
}

#define SINTER_TRANSPOSE(bytes, W)                                                                          \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) transpose_##bytes(                            \
      const W* __restrict__ x, int64_t a, int64_t b, int64_t tiles_a, int64_t tiles_b, W* __restrict__ y) { \
    transpose(x, a, b, tiles_a, tiles_b, y);                                                                \
  }
SINTER_TRANSPOSE(1, uint8_t)
SINTER_TRANSPOSE(2, uint16_t)
SINTER_TRANSPOSE(4, uint32_t)
SINTER_TRANSPOSE(8, uint2)

}  // namespace sinter::cuda
