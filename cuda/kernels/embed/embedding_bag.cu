// embeddingBag: sums, means and maxima of rows of a table, a bag at a time. Place in the whole: device code of embedding_bag.cpp.
//
// A warp has a bag's columns from 32 * E on; its lanes go along the bag's entries together, in order. Bound: each entry's row is read
// once; a row of a slice is 128 bytes at least, or the whole row.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/embed/embedding_bag.h"
#include "cuda/kernels/index/index.cuh"

namespace sinter::cuda {

template <class T>
SINTER_DEVICE void embed_bags(const Bags& b, Fault* fault, Fault* bag_fault) {
  using C = Compute<T>;
  constexpr int E = kBagColumns;
  const int64_t unit = static_cast<int64_t>(blockIdx.x) * kBagWarps + threadIdx.x / 32;
  const int lane = threadIdx.x & 31;
  const int64_t bag = quotient(unit, b.slices), slice = unit - bag * b.slices.size;
  if (bag >= b.bags) return;
  const int64_t from = index_at(b.offsets, bag);
  const int64_t to = bag + 1 < b.bags || b.last ? index_at(b.offsets, bag + 1) : b.k;
  if ((bag == 0 && from != 0) || from < 0 || from > to || to > b.k || (bag + 1 == b.bags && to != b.k)) {
    if (lane == 0) report(bag_fault, static_cast<int32_t>(bag), from, to, b.k);
    return;
  }
  // Entries that count, lanes beside each other; what is wrong is found here.
  int64_t count = 0;
  bool good = true;
  for (int64_t at = from; at < to; at += 32) {
    const int64_t e = at + lane;
    const int64_t row = e < to ? index_at(b.indices, e) : b.padding;
    if (e < to && slice == 0) b.bag_of[e] = bag;
    const bool bad = e < to && !in_range(row, b.rows);
    if (bad) report(fault, 0, row, b.rows);
    good &= !__any_sync(0xffffffffu, bad);
    count += __popc(__ballot_sync(0xffffffffu, e < to && row != b.padding));
  }
  if (slice == 0 && lane == 0) b.counts[bag] = count;
  if (!good) return;

  const T* weight = static_cast<const T*>(b.weight);
  const T* scale = static_cast<const T*>(b.scale);
  const int64_t first = slice * (32 * E) + lane;  // column e of the lane lies 32 further each
  C sum[E];
  int64_t which[E];
#pragma unroll
  for (int e = 0; e < E; e++) sum[e] = 0, which[e] = -1;
#pragma unroll 2
  for (int64_t i = from; i < to; i++) {
    const int64_t row = index_at(b.indices, i);
    if (row == b.padding) continue;
    const C s = scale ? widen(scale[i]) : C(1);
#pragma unroll
    for (int e = 0; e < E; e++) {
      const int64_t column = first + e * 32;
      if (column >= b.n) continue;
      const C v = widen(load_constant(weight + row * b.n + column));
      if (b.mode != kBagMax)
        sum[e] += v * s;
      else if (which[e] < 0 || v > sum[e])
        sum[e] = v, which[e] = row;
    }
  }
  const C factor = b.mode == kBagMean && count > 0 ? C(1) / static_cast<C>(count) : C(1);
#pragma unroll
  for (int e = 0; e < E; e++) {
    const int64_t column = first + e * 32;
    if (column >= b.n) continue;
    static_cast<T*>(b.y)[bag * b.n + column] = narrow<T>(sum[e] * factor);
    if (b.mode == kBagMax) b.largest[bag * b.n + column] = which[e];
  }
}

#define SINTER_BAGS(T)                                                                       \
  extern "C" __global__ void __launch_bounds__(kIndexThreads)                                \
      embedding_bag_##T(const __grid_constant__ Bags bags, Fault* fault, Fault* bag_fault) { \
    embed_bags<T>(bags, fault, bag_fault);                                                   \
  }

SINTER_BAGS(f32)
SINTER_BAGS(f64)
SINTER_BAGS(bf16)
SINTER_BAGS(f16)

}  // namespace sinter::cuda
