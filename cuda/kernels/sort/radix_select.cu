// Elements of long rows chosen without sorting these: a radix selection from the highest digit on. Place in the whole: device code of
// sort.cpp.
//
// A digit is two launches: all tiles count the digits of the keys that begin as the one sought does; a block a row takes the digit in
// which it lies. Then tiles count what comes before the key sought and what equals it, the counts are summed along the tiles, and what
// was chosen is written in the order of its places: the same in every run. Bound: x is read once a digit and twice more.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/block.cuh"
#include "cuda/kernels/sort/keys.cuh"

namespace sinter::cuda {

constexpr int kSelectItems = kSelectTile / kIndexThreads;

struct SelectTile {
  int64_t row, tile, first;
  int count;
  SINTER_DEVICE SelectTile(int64_t tiles, int64_t n)
      : row(blockIdx.x / tiles), tile(blockIdx.x - row * tiles), first(tile * kSelectTile),
        count(static_cast<int>(min(n - first, static_cast<int64_t>(kSelectTile)))) {}
};

template <class K>
SINTER_DEVICE void count_digits(const ChooseShape& shape, const void* x, int64_t tiles, int shift, Selection* rows) {
  __shared__ uint32_t histogram[256];
  __shared__ uint32_t nans;
  histogram[threadIdx.x] = 0;
  if (threadIdx.x == 0) nans = 0;
  __syncthreads();
  const SelectTile at(tiles, shape.n);
  Selection& selection = rows[at.row];
  const bool first = shift == 8 * (shape.rule.bytes - 1);
  const K key = static_cast<K>(selection.key),
          above = first ? K(0) : last_key<K>(shape.rule) >> (shift + 8) << (shift + 8);
  const int64_t base = at.row * shape.n + at.first;
  uint32_t found = 0;
#pragma unroll 4
  for (int u = 0; u < kSelectItems; u++) {
    const int i = u * kIndexThreads + threadIdx.x;
    if (i >= at.count) break;
    const K other = key_at<K>(x, base + i, shape.rule);
    if (((other ^ key) & above) == 0) atomicAdd(&histogram[static_cast<uint32_t>(other >> shift) & 255], 1);
    found += first && is_nan_key(other, shape.rule);
  }
  if (found > 0) atomicAdd(&nans, found);
  __syncthreads();
  if (histogram[threadIdx.x] > 0) atomicAdd(&selection.counts[threadIdx.x], histogram[threadIdx.x]);
  if (threadIdx.x == 0 && nans > 0) atomicAdd(&selection.nans, nans);
}

// A block a row, a thread a digit.
extern "C" __global__ void __launch_bounds__(256)
    select_digit(const __grid_constant__ ChooseShape shape, int32_t shift, Selection* __restrict__ rows) {
  __shared__ uint32_t sums[8];
  Selection& selection = rows[blockIdx.x];
  const uint32_t count = selection.counts[threadIdx.x];
  const int64_t asked = shape.what == kFirst ? shape.k - 1 : chosen_rank(shape.what, shape.k, shape.n, selection.nans);
  const uint32_t rank = selection.started ? selection.rank : static_cast<uint32_t>(asked);
  uint32_t total;
  const uint32_t below = block_sum_below<256>(count, sums, total);  // a barrier: all have read what one writes
  selection.counts[threadIdx.x] = 0;
  if (below > rank || rank >= below + count) return;
  selection.key |= static_cast<uint64_t>(threadIdx.x) << shift;
  selection.rank = rank - below;
  selection.less += below;
  selection.started = 1;
}

// counts[row * tiles + tile]: elements before the key sought, and above them (<< 32) those that equal it.
template <class K>
SINTER_DEVICE void count_chosen(const ChooseShape& shape, const void* x, int64_t tiles, const Selection* rows,
                                unsigned long long* counts) {
  __shared__ unsigned long long partial[kIndexThreads / kWarp];
  const SelectTile at(tiles, shape.n);
  const K key = static_cast<K>(rows[at.row].key);
  const int64_t base = at.row * shape.n + at.first;
  uint32_t less = 0, equal = 0;
#pragma unroll 4
  for (int u = 0; u < kSelectItems; u++) {
    const int i = u * kIndexThreads + threadIdx.x;
    if (i >= at.count) break;
    const K other = key_at<K>(x, base + i, shape.rule);
    less += other < key;
    equal += other == key;
  }
  const unsigned long long both =
      block_reduce<kIndexThreads>(static_cast<unsigned long long>(equal) << 32 | less, partial, Plus());
  if (threadIdx.x == 0) counts[blockIdx.x] = both;
}

extern "C" __global__ void __launch_bounds__(kIndexThreads)
    select_sums(unsigned long long* __restrict__ counts, int64_t tiles) {
  block_sums_before<kIndexThreads>(counts + blockIdx.x * tiles, tiles);
}

// The first k go to keys and places (rows, k), those before the key sought and then those that equal it; one that is asked for goes to
// values and indices (rows).
template <class K>
SINTER_DEVICE void write_chosen(const ChooseShape& shape, const void* x, int64_t tiles, const Selection* rows,
                                const unsigned long long* counts, K* keys, uint32_t* places, void* values,
                                int64_t* indices) {
  __shared__ unsigned long long sums[2][kIndexThreads / kWarp];
  const SelectTile at(tiles, shape.n);
  const Selection& selection = rows[at.row];
  const K key = static_cast<K>(selection.key);
  const int64_t base = at.row * shape.n + at.first;
  unsigned long long before = counts[blockIdx.x];
#pragma unroll 1
  for (int u = 0; u * kIndexThreads < at.count; u++) {
    const int i = u * kIndexThreads + threadIdx.x;
    const bool there = i < at.count;
    const K other = there ? key_at<K>(x, base + i, shape.rule) : K(0);
    const bool less = there && other < key, equal = there && other == key;
    unsigned long long total;
    const unsigned long long number =
        before +
        block_sum_below<kIndexThreads>(
            static_cast<unsigned long long>(equal) << 32 | static_cast<unsigned long long>(less), sums[u & 1], total);
    before += total;
    const uint32_t place = static_cast<uint32_t>(at.first + i), equals = static_cast<uint32_t>(number >> 32);
    if (shape.what != kFirst) {
      if (!equal || equals != selection.rank) continue;
      copy_element<K>(x, base + i, values, at.row, shape.rule);
      indices[at.row] = place;
    } else if (less || equal) {
      const int64_t to = less ? static_cast<uint32_t>(number) : static_cast<int64_t>(selection.less) + equals;
      if (to >= shape.k) continue;
      keys[at.row * shape.k + to] = other;
      places[at.row * shape.k + to] = place;
    }
  }
}

#define SINTER_SELECT(name, K)                                                                                   \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 4)                                                 \
      select_count_##name(const __grid_constant__ ChooseShape shape, const void* __restrict__ x, int64_t tiles,  \
                          int32_t shift, Selection* __restrict__ rows) {                                         \
    count_digits<K>(shape, x, tiles, shift, rows);                                                               \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 4)                                                 \
      select_chosen_##name(const __grid_constant__ ChooseShape shape, const void* __restrict__ x, int64_t tiles, \
                           const Selection* __restrict__ rows, unsigned long long* __restrict__ counts) {        \
    count_chosen<K>(shape, x, tiles, rows, counts);                                                              \
  }                                                                                                              \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 4) select_write_##name(                            \
      const __grid_constant__ ChooseShape shape, const void* __restrict__ x, int64_t tiles,                      \
      const Selection* __restrict__ rows, const unsigned long long* __restrict__ counts, K* __restrict__ keys,   \
      uint32_t* __restrict__ places, void* __restrict__ values, int64_t* __restrict__ indices) {                 \
    write_chosen<K>(shape, x, tiles, rows, counts, keys, places, values, indices);                               \
  }
SINTER_SELECT(u32, uint32_t)
SINTER_SELECT(u64, wide_key)

}  // namespace sinter::cuda
