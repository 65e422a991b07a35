// What positions.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kMostCoordinates = 16;

// Coordinates of positions in a row-major array of `sizes`.
struct Coordinate {
  Indices indices;  // to read, or
  int64_t* y;       // to write
  Split size;
};
struct CoordinateList {
  int32_t rank;
  Coordinate at[kMostCoordinates];
};

}  // namespace sinter::cuda
