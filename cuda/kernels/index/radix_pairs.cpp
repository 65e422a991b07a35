// Host side of radix_pairs.cu.
#include "cuda/kernels/index/radix_pairs.h"

#include <utility>

namespace sinter::cuda {

extern const Image image_radix_pairs;

namespace {

constinit Kernel count_kernels[] = {{image_radix_pairs, "radix_count_u32"}, {image_radix_pairs, "radix_count_u64"}};
constinit Kernel move_kernels[] = {{image_radix_pairs, "radix_move_u32"}, {image_radix_pairs, "radix_move_u64"}};
constinit Kernel tile_kernels[] = {{image_radix_pairs, "radix_tile_u32"}, {image_radix_pairs, "radix_tile_u64"}};
constinit Kernel sums_kernel{image_radix_pairs, "radix_sums"};

}  // namespace

PairSorter::PairSorter(const Call& call, bool wide, int64_t n)
    : wide(wide), n(n), keys(call.scratch(static_cast<size_t>(n) * (wide ? 8 : 4))),
      places(call.scratch_of<uint32_t>(n)), other(nullptr), counts(nullptr), totals(nullptr) {
  if (n <= kRadixTile) return;
  other = call.scratch_of<uint32_t>(n);
  counts = call.scratch_of<uint32_t>(kRadixDigits * ((n + kRadixTile - 1) / kRadixTile));
  totals = call.scratch_of<uint32_t>(kRadixDigits);
}

SortedPairs PairSorter::sort(const Call& call, void* from_keys, int bits) const {
  if (n <= kRadixTile) {
    launch(call, tile_kernels[wide], Dim(n > 0), Dim(kRadixThreads), 0, from_keys, keys, places,
           static_cast<int32_t>(n), bits);
    return {keys, places};
  }
  const int64_t tiles = (n + kRadixTile - 1) / kRadixTile;
  void* to_keys = keys;
  uint32_t *to_places = places, *next = other, *from_places = nullptr;
  for (int32_t shift = 0; shift < bits || !from_places; shift += kRadixBits) {
    launch(call, count_kernels[wide], Dim(tiles), Dim(kRadixThreads), 0, from_keys, n, shift, counts);
    launch(call, sums_kernel, Dim(kRadixDigits), Dim(kRadixThreads), 0, counts, tiles, totals);
    launch(call, move_kernels[wide], Dim(tiles), Dim(kRadixThreads), 0, from_keys, from_places, to_keys, to_places, n,
           shift, counts, totals);
    from_places = to_places;
    std::swap(from_keys, to_keys);
    std::swap(to_places, next);
  }
  return {from_keys, from_places};
}

}  // namespace sinter::cuda
