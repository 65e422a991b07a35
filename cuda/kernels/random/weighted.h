// What weighted.cu and its host side agree on.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kWeightedThreads = 256;
constexpr int64_t kFewDraws = 64;  // without replacement: so many are found one after the other, more by sorting

}  // namespace sinter::cuda
