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

PairSorter::PairSorter(const Call& call, bool wide, int64_t n, int64_t rows)
    : wide(wide), n(n), rows(rows), tiles((n + kRadixTile - 1) / kRadixTile),
      keys(call.scratch(static_cast<size_t>(rows * n) * (wide ? 8 : 4))), places(call.scratch_of<uint32_t>(rows * n)),
      other(nullptr), counts(nullptr), totals(nullptr) {
  if (n <= kRadixTile) return;
  other = call.scratch_of<uint32_t>(rows * n);
  counts = call.scratch_of<uint32_t>(rows * kRadixDigits * tiles);
  totals = call.scratch_of<uint32_t>(rows * kRadixDigits);
}

SortedPairs PairSorter::sort(const Call& call, void* from_keys, int bits, const uint32_t* from_places) const {
  if (n <= kRadixTile) {
    launch(call, tile_kernels[wide], Dim(n > 0 ? rows : 0), Dim(kRadixThreads), 0, from_keys, from_places, keys, places,
           static_cast<int32_t>(n), bits);
    return {keys, places};
  }
  void* to_keys = keys;
  uint32_t *to_places = places, *next = other;
  // Once at least, so that there are places.
  for (int32_t shift = 0; shift < bits || shift == 0; shift += kRadixBits) {
    launch(call, count_kernels[wide], Dim(rows * tiles), Dim(kRadixThreads), 0, from_keys, n, tiles, shift, counts);
    launch(call, sums_kernel, Dim(rows * kRadixDigits), Dim(kRadixThreads), 0, counts, tiles, totals);
    launch(call, move_kernels[wide], Dim(rows * tiles), Dim(kRadixThreads), 0, from_keys, from_places, to_keys,
           to_places, n, tiles, shift, counts, totals);
    from_places = to_places;
    std::swap(from_keys, to_keys);
    std::swap(to_places, next);
  }
  return {from_keys, const_cast<uint32_t*>(from_places)};
}

}  // namespace sinter::cuda
