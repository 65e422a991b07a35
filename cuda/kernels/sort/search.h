// searchSorted, binCount: what host and kernels agree on. Place in the whole: search.cpp launches, search.cu computes.
#pragma once
#include <cstdint>

#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kBinThreads = 256;
constexpr int kBinBlocks = 1024;   // at most; each counts in shared memory
constexpr int kSharedBins = 4096;  // as many as are counted there

// sorted (lines, n), or (n) for all lines; values (lines, m)
struct SearchShape {
  int64_t n, count;  // count: lines * m
  Split m;
  int32_t shared, right, narrow;  // narrow: places are i32
};

}  // namespace sinter::cuda
