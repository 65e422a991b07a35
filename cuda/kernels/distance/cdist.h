// cdist: what host and kernels agree on. Place in the whole: cdist.cpp launches, cdist.cu computes.
#pragma once
#include <cstdint>

namespace sinter::cuda {

constexpr int kDistanceThreads = 256;
constexpr int kDistanceStep = 16;  // elements of a row that a block brings to shared memory at a time
// Rows of each operand that a block compares, where a thread has `side` x `side` pairs.
template <int side>
constexpr int kDistanceSide = 16 * side;

// a (batch, m, d), b (batch, n, d) -> y (batch, m, n)
struct DistanceShape {
  int64_t batch, m, n, d;
  double p;
  int32_t packed;  // rows begin at multiples of 16 bytes
};

}  // namespace sinter::cuda
