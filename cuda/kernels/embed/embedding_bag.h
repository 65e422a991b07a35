// What embedding_bag.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kBagWarps = kIndexThreads / 32;
constexpr int kBagColumns = 4;  // a lane, 32 apart

enum BagMode : int32_t { kBagSum, kBagMean, kBagMax };

struct Bags {
  const void* weight;
  Indices indices, offsets;
  const void* scale;  // an entry each, of the weight's dtype, or null
  void* y;
  int64_t *bag_of, *counts, *largest;
  int64_t rows, n, k, bags, padding;
  int32_t mode, last;  // last 1: offsets end with k
  Split slices;        // of a row, a warp each
};

}  // namespace sinter::cuda
