// What the kernels of indices and their host sides agree on. Place in the whole: shared by cuda/kernels/index and cuda/kernels/embed.
#pragma once
#include "cuda/kernels/fault.h"
#include "cuda/kernels/views.h"

namespace sinter::cuda {

constexpr int kIndexThreads = 256;
constexpr int kIndexItems = 4;  // elements a thread moves: their reads are under way together

// Indices, i64 or i32; also keys to sort by, which are not negative.
struct Indices {
  const void* data;
  int32_t wide;  // 1: i64
};

// A size to divide by: what is below `near`, 2^31, by `small`, which is there where the size is below it too; the rest by the inverse.
struct Split {
  int64_t size;
  Divisor small;
  uint32_t near;
  double inverse;
};

}  // namespace sinter::cuda
