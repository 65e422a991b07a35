// Elements of y replaced by, or combined with, elements of a source whose keys name them. Place in the whole: device code of combine.cpp.
//
// Keys come sorted with the places of their sources, stably (radix_pairs.h). The first place of a key, its head, writes the key's slice
// of y, alone, adding in the sources' order: results do not depend on the launch and no atomics are needed. So that a frequent key is
// not one thread's work for long, what follows after a multiple of kCombineRun places is summed beside the others in a launch before
// (stage 0), and its head adds up these parts. Bound: sources and what y's slices hold are read once, the latter written once.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/index/combine.h"
#include "cuda/kernels/index/index.cuh"

namespace sinter::cuda {

// The computing type; bytes are i32.
template <class W>
SINTER_DEVICE W both(int mode, W a, W b) {
  switch (mode) {
    case kProduct:
      if constexpr (kIsInteger<W>)
        return static_cast<W>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
      else
        return a * b;
    case kLargest: return b > a || b != b ? b : a;
    case kSmallest: return b < a || b != b ? b : a;
    default:
      if constexpr (kIsInteger<W>)
        return static_cast<W>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
      else
        return a + b;
  }
}

// sum / n; integers round down. A quotient of 64 bits comes in two steps, each by a division in f64: the first is within 2^11 of it, so
// that the second is exact. (As an integer's it would be a call, over which registers are spilled.)
template <class W>
SINTER_DEVICE W mean_of(W sum, int64_t n) {
  if constexpr (kSame<W, int64_t>) {
    const double count = static_cast<double>(n);
    const int64_t first = static_cast<int64_t>(static_cast<double>(sum) / count);
    return first + static_cast<int64_t>(floor(static_cast<double>(sum - first * n) / count));
  } else {
    const W count = static_cast<W>(n), quotient = sum / count;
    if constexpr (kIsInteger<W>)
      return quotient - (sum < quotient * count ? 1 : 0);
    else
      return quotient;
  }
}

// The end of the run of equal keys that begins at p, `stop` at most.
SINTER_DEVICE int64_t end_of_run(const Indices& keys, int64_t key, int64_t p, int64_t stop) {
  if (p + 1 >= stop || index_at(keys, p + 1) != key) return min(p + 1, stop);
  int64_t low = p + 2, high = stop;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (index_at(keys, middle) == key)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

template <class T, int E>
struct Combining {
  using W = Compute<T>;
  struct Values {
    W at[E];
  };

  static SINTER_DEVICE Values read(const T* from, W alpha) {
    const Pack<T, E> pack = load_pack_constant<E>(from);
    Values v;
#pragma unroll
    for (int e = 0; e < E; e++) {
      v.at[e] = widen(pack.at[e]);
      if constexpr (kIsInteger<W>)
        v.at[e] = static_cast<W>(static_cast<uint64_t>(v.at[e]) * static_cast<uint64_t>(alpha));
      else
        v.at[e] *= alpha;
    }
    return v;
  }
  static SINTER_DEVICE void add(int mode, Values& sum, const Values& v) {
#pragma unroll
    for (int e = 0; e < E; e++) sum.at[e] = both<W>(mode, sum.at[e], v.at[e]);
  }

  static SINTER_DEVICE void run(int stage, const Sorted& order, const Slices& s, int64_t limit, const T* source, T* y,
                                W* parts, int mode, int self, W alpha) {
    const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
    const int64_t unit = quotient(i, s.width), column = i - unit * s.width.size;
    const int64_t p = stage == 0 ? (unit + 1) * kCombineRun : unit;
    if (p >= order.count) return;
    const int64_t key = index_at(order.keys, p);
    const bool head = p == 0 || index_at(order.keys, p - 1) != key;
    if (key >= limit || head != (stage == 1)) return;

    const int64_t outer = quotient(column, s.inner), j = column - outer * s.inner.size;
    const T* from = source + (outer * s.k * s.inner.size + j) * E;
    const int64_t step = s.inner.size * E;
    const int64_t stop = min(order.count, (p / kCombineRun + 1) * kCombineRun);
    const int64_t end = end_of_run(order.keys, key, p, stop);
    Values sum = read(from + order.places[p] * step, alpha);
#pragma unroll 4
    for (int64_t q = p + 1; q < end; q++) add(mode, sum, read(from + order.places[q] * step, alpha));
    if (stage == 0) {
#pragma unroll
      for (int e = 0; e < E; e++) parts[((p / kCombineRun) * s.width.size + column) * E + e] = sum.at[e];
      return;
    }

    int64_t last = end;
    if (end == stop && stop < order.count && index_at(order.keys, stop) == key) {
      last = end_of_run(order.keys, key, stop, order.count);
#pragma unroll 4
      for (int64_t q = stop; q < last; q += kCombineRun) {
        Values part;
#pragma unroll
        for (int e = 0; e < E; e++) part.at[e] = parts[((q / kCombineRun) * s.width.size + column) * E + e];
        add(mode, sum, part);
      }
    }
    T* to = y + ((outer * s.n + key) * s.inner.size + j) * E;
    if (self) {
      const Pack<T, E> pack = load_pack<E>(to);
#pragma unroll
      for (int e = 0; e < E; e++) sum.at[e] = both<W>(mode, widen(pack.at[e]), sum.at[e]);
    }
    Pack<T, E> result;
#pragma unroll
    for (int e = 0; e < E; e++) {
      if (mode == kMean) sum.at[e] = mean_of(sum.at[e], last - p + self);
      result.at[e] = narrow<T>(sum.at[e]);
    }
    store_pack(to, result);
  }
};

// The last source of a key replaces its slice; k 0: one element for all.
template <class W>
SINTER_DEVICE void replace_slices(const Sorted& order, const Slices& s, int64_t limit, const W* source, W* y) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kIndexThreads + threadIdx.x;
  const int64_t p = quotient(i, s.width), column = i - p * s.width.size;
  if (p >= order.count) return;
  const int64_t key = index_at(order.keys, p);
  if (key >= limit || (p + 1 < order.count && index_at(order.keys, p + 1) == key)) return;
  const int64_t outer = quotient(column, s.inner), j = column - outer * s.inner.size;
  y[(outer * s.n + key) * s.inner.size + j] =
      load_constant(s.k == 0 ? source : source + (outer * s.k + order.places[p]) * s.inner.size + j);
}

// Keys: the indices, or (key ==) limit for those that are out of range or left out.
template <class K>
SINTER_DEVICE void make_slice_keys(const Indices& indices, int64_t count, int64_t limit, int64_t left_out, K* keys,
                                   Fault* fault) {
#pragma unroll
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    if (i >= count) continue;
    int64_t index = index_at(indices, i);
    if (!in_range(index, limit)) {
      report(fault, 0, index, limit);
      index = limit;
    }
    keys[i] = static_cast<K>(index == left_out ? limit : index);
  }
}

// Keys of elements: views are the indices, as they lie from element `first` on, and y without its axis, from y's first element on.
template <class K>
SINTER_DEVICE void make_element_keys(const Views<2>& views, int32_t wide, int64_t n, int64_t step, int64_t limit,
                                     const void* y, int64_t element_size, int64_t first, K* keys, Fault* fault) {
  const Indices indices{views.data[0], wide};
  const int64_t base = (static_cast<const char*>(views.data[1]) - static_cast<const char*>(y)) / element_size;
#pragma unroll
  for (int u = 0; u < kIndexItems; u++) {
    const int64_t i = item_of(u);
    if (i >= views.numel) continue;
    const int64_t index = index_at(indices, i);
    int64_t place[1];
    offsets_of<1>(views, static_cast<uint32_t>(i), place);
    const bool good = in_range(index, n);
    if (!good) report(fault, 0, index, n);
    keys[first + i] = static_cast<K>(good ? base + place[0] + index * step : limit);
  }
}

// Two blocks a multiprocessor at least, not more: with fewer registers, divisions of 64 bits spill.
#define SINTER_COMBINE(name, T, E)                                                                                   \
  extern "C" __global__ void __launch_bounds__(kIndexThreads, 2)                                                     \
      combine_##name(int32_t stage, const __grid_constant__ Sorted order, const __grid_constant__ Slices slices,     \
                     int64_t limit, const T* __restrict__ source, T* __restrict__ y, Compute<T>* __restrict__ parts, \
                     int32_t mode, int32_t self, Compute<T> alpha) {                                                 \
    Combining<T, E>::run(stage, order, slices, limit, source, y, parts, mode, self, alpha);                          \
  }
#define SINTER_REPLACE(bytes)                                                                                     \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                                     \
      replace_##bytes(const __grid_constant__ Sorted order, const __grid_constant__ Slices slices, int64_t limit, \
                      const raw##bytes* __restrict__ source, raw##bytes* __restrict__ y) {                        \
    replace_slices(order, slices, limit, source, y);                                                              \
  }
#define SINTER_KEYS(name, K)                                                                                       \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) slice_keys_##name(                                   \
      Indices indices, int64_t count, int64_t limit, int64_t left_out, K* __restrict__ keys, Fault* fault) {       \
    make_slice_keys(indices, count, limit, left_out, keys, fault);                                                 \
  }                                                                                                                \
  extern "C" __global__ void __launch_bounds__(kIndexThreads) element_keys_##name(                                 \
      const __grid_constant__ Views<2> views, int32_t wide, int64_t n, int64_t step, int64_t limit, const void* y, \
      int64_t element_size, int64_t first, K* __restrict__ keys, Fault* fault) {                                   \
    make_element_keys(views, wide, n, step, limit, y, element_size, first, keys, fault);                           \
  }

SINTER_COMBINE(f32, f32, 1)
SINTER_COMBINE(f64, f64, 1)
SINTER_COMBINE(bf16, bf16, 1)
SINTER_COMBINE(f16, f16, 1)
SINTER_COMBINE(i32, i32, 1)
SINTER_COMBINE(i64, i64, 1)
SINTER_COMBINE(u8, u8, 1)
SINTER_COMBINE(i8, i8, 1)
SINTER_COMBINE(f32_packs, f32, 4)
SINTER_COMBINE(f64_packs, f64, 2)
SINTER_COMBINE(bf16_packs, bf16, 8)
SINTER_COMBINE(f16_packs, f16, 8)

SINTER_REPLACE(1)
SINTER_REPLACE(2)
SINTER_REPLACE(4)
SINTER_REPLACE(8)
SINTER_REPLACE(16)

SINTER_KEYS(u32, uint32_t)
SINTER_KEYS(u64, uint64_t)

}  // namespace sinter::cuda
