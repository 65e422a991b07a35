// What the image kernels and their host sides agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

constexpr int kImageThreads = 256;

// A small operand of any floating dtype: a matrix, colours.
struct Reals {
  const void* data;  // null: absent
  int32_t dtype;     // of the four first of sinter::DType
};

}  // namespace sinter::cuda
