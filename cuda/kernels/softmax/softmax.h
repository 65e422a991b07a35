// softmax: what host and kernels agree on. Place in the whole: softmax.cpp launches, softmax.cu computes.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kSoftmaxThreads = 256;
constexpr int kSoftmaxPacks = 4;          // of 16 bytes, kept by a thread between the passes over a row
constexpr int kSoftmaxBackwardPacks = 2;  // of each of two operands

struct SoftmaxShape {
  int64_t outer, n, inner;  // contiguous, n the axis
  int32_t members;          // threads that share a row or a column, a power of two
  int32_t log;
};

}  // namespace sinter::cuda
