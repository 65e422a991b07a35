// The kernels of tiled products and which of them to take. Place in the whole: product.cpp and grouped.cpp ask here.
#pragma once
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

struct TileKernel {
  const Kernel* kernel;
  int rows, columns, threads;
  bool hopper;  // hopper.cpp launches it
  int64_t tiles(int64_t m, int64_t n) const { return ((m + rows - 1) / rows) * ((n + columns - 1) / columns); }
};

// What is to be computed, as far as the choice depends on it: products of one layout, which may differ in size.
struct TileDemand {
  DType dtype;
  bool deep_a, deep_b;
  bool aligned;  // both operands, to 16 bytes
  struct Size {
    int64_t m, n, k, count;
  };
  const Size* sizes;
  int size_count;
  bool may_cut;              // k may be cut into parts: one size
  bool tf32 = false;         // f32 may be multiplied in it: both operands are deep and aligned
  bool hopper = false;       // may be multiplied by the kernels of compute capability 9.0
  bool two_of_four = false;  // a has two of every four along k (sparse/two_of_four.h): deep and aligned, b aligned
};
struct TileChoice {
  TileKernel tile;
  int64_t parts;       // of k
  int64_t part_depth;  // a multiple of kGemmPartDepth
};
TileChoice choose_tile(const Call& call, const TileDemand& demand);

}  // namespace sinter::cuda
