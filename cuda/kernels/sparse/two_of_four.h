// What the kernels of 2:4 products on tensor cores and their host side agree on. Place in the whole: two_of_four.cpp launches,
// two_of_four.cuh computes; gemm/tiles.cpp chooses the tile.
#pragma once
#include <cstdint>

#include "cuda/kernels/sparse/sparse.h"

namespace sinter::cuda {

// y[r, j] = activation(scale[r] * sum over r's values of value * dense[column, j] + bias[r]), values and dense operand of one type.
// A "line" of y is what lies together: a row of S where the dense operand is wide, a column of the product where it is deep. Bias and
// activation come with a deep one alone.
struct TwoOfFourProduct {
  const void* values;        // rows of S: two of each group of four columns
  const int32_t* positions;  // `words` a row, each for 32 columns
  const void* dense;         // its runs along k (deep) or along n (wide)
  void* y;
  float* partial;       // with several parts: (parts, as y) sums
  const float* scales;  // null: there are none
  Numbers bias;
  int64_t value_row,
      dense_run;  // elements from one row, or run, to the next: multiples of 16 bytes, as the first one's address
  int64_t n;
  int32_t rows, depth;
  int32_t words;
  int32_t deep;
  int32_t activation;
  int32_t parts, part_depth;  // a multiple of kTwoOfFourDepth
  uint32_t tiles_down, tiles_across;
};

constexpr int kTwoOfFourFewColumns = 2;  // up to so many go by sparse_few
constexpr int kTwoOfFourDepth = 64;      // of k at a time
constexpr int kTwoOfFourStages = 3;
// A stage has the tile's values, the dense operand's tile, and two words of positions a row.
constexpr int two_of_four_stage_bytes(int rows, int columns) {
  return rows * kTwoOfFourDepth + columns * kTwoOfFourDepth * 2 + rows * 8;
}
// Behind the stages: a scale and a bias a row.
constexpr int two_of_four_shared_bytes(int rows, int columns) {
  return kTwoOfFourStages * two_of_four_stage_bytes(rows, columns) + rows * 8;
}

}  // namespace sinter::cuda
