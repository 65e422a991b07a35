// uniqueRuns, sortRows: what host and kernels agree on. Place in the whole: unique.cpp launches, unique_rows.cu computes.
#pragma once
#include <cstdint>

#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kRunTile = kIndexThreads * kIndexItems;  // rows a block
constexpr int kRunSumThreads = 1024;

}  // namespace sinter::cuda
