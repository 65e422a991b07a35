// What levels.cu and its host side agree on.
#pragma once
#include "cuda/kernels/image/image.h"

namespace sinter::cuda {

constexpr int kLevels = 256;                                  // of a byte
constexpr int kLevelBytes = 16;                               // an access
constexpr int kLevelBlock = kImageThreads * kLevelBytes * 4;  // bytes of a plane that a block takes

// Planes of m bytes.
struct Levels {
  const uint8_t* x;
  int64_t m;
  Split blocks;  // of a plane
};

}  // namespace sinter::cuda
