// What weight_only.cu and its host side agree on.
#pragma once
#include "cuda/kernels/quant/groups.h"

namespace sinter::cuda {

// y (m, out) = activation(x (m, in) W^T + bias), or sums of parts of the inputs.
struct WeightOnly {
  GroupedWeight w;
  const void* x;
  const void* bias;  // or null
  void* y;
  float* partial;  // with several parts: (parts, m, out) sums, without bias and activation
  int64_t m;
  int32_t activation;
  int32_t part_depth;                  // inputs of a part, a multiple of kWeightChunk
  uint32_t row_blocks, column_blocks;  // a block is part, columns, rows: the rows fastest
};

constexpr int kWeightChunk = 128;  // inputs that begin with a group, whatever its size
constexpr int kWeightFewRows = 8;  // weight_few
constexpr int kWeightFewThreads = 256;
constexpr int kWeightThreads = 128;  // weight_many: a warp has a panel
constexpr int kWeightPanels = kWeightThreads / 32;
// Rows of x that a block of weight_many has: f32 rows count three times.
constexpr int kWeightRows[] = {32, 64};  // f32, bf16

}  // namespace sinter::cuda
