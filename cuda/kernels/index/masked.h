// What masked.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kMaskedWarps = kIndexThreads / 32;
constexpr int kMaskedRounds = 16;  // of 32 elements, a warp
constexpr int kMaskedTile = kIndexThreads * kMaskedRounds;
constexpr int kMaskedScanThreads = 1024;

// What the number of chosen elements has to be.
enum MaskedDemand : int32_t { kAnyNumber, kExactly, kAtMost };

// What nonzero writes: rows of coordinates.
struct Coordinates {
  int64_t* y;
  int64_t rows, fill;
  int32_t rank;
  Split dims[kMaxViewRank];
};

}  // namespace sinter::cuda
