// Stable sorting of keys with the places that they come from. Place in the whole: what scatters, index reductions, embeddings' gradients
// and isin do first, so that whatever one key names is added in order, by one thread.
#pragma once
#include <cstdint>

#ifndef __CUDACC__
#include "cuda/runtime/launch.h"
#endif

namespace sinter::cuda {

constexpr int kRadixThreads = 256, kRadixDigits = 256, kRadixBits = 8;
constexpr int kRadixItems = 8;  // keys a thread
constexpr int kRadixTile = kRadixThreads * kRadixItems;

#ifndef __CUDACC__
struct SortedPairs {
  void* keys;
  uint32_t* places;
};

// Scratch memory for sorting rows of n keys each, u32 or (wide) u64, n below 2^32; may be used again and again.
struct PairSorter {
  bool wide;
  int64_t n, rows, tiles;
  void* keys;
  uint32_t *places, *other, *counts, *totals;

  PairSorter(const Call& call, bool wide, int64_t n, int64_t rows = 1);
  // Keys are compared by their lowest `bits`; theirs is memory that sorting uses. Places are those in the row, or what from_places holds
  // for them, in memory that is not this sorter's. The results hold until the next sort.
  SortedPairs sort(const Call& call, void* keys, int bits, const uint32_t* from_places = nullptr) const;
};
#endif

}  // namespace sinter::cuda
