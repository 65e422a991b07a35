// What factors.cu and its host sides agree on. Place in the whole: see factors.cu.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kFactorThreads = 256;
constexpr int kFactorItems = 8;             // elements of a matrix that a thread has
constexpr int64_t kMostSharedRows = 12288;  // of a permutation that is made in shared memory

}  // namespace sinter::cuda
