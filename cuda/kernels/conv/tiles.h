// Which tile computes a convolution. Place in the whole: implicit.cpp asks here.
#pragma once
#include "cuda/kernels/conv/implicit.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// Of rows by columns for each of `items`, `depth` deep.
struct ConvDemand {
  DType dtype;
  int64_t rows, columns, depth, items;
};
struct ConvChoice {
  const Kernel* kernel;
  int threads;
  int64_t row_tiles, column_tiles;
  int64_t parts;  // to cut `depth` into
};
// For ConvTiles, and for ConvWeightTiles.
ConvChoice choose_conv(const Call& call, const ConvDemand& demand);
ConvChoice choose_conv_weights(const Call& call, const ConvDemand& demand);

}  // namespace sinter::cuda
