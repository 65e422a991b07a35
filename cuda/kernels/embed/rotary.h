// What rotary.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

// x (b, h, t, d) -> y, of which the first 2 * half elements of a row are turned pairwise. Strides in elements.
struct Rotary {
  const void* x;
  void* y;
  const void *cosines, *sines;         // (count, half)
  Indices positions;                   // data null: row i has position first + i
  int64_t position_strides[2];         // of batches (0 where they share one line) and rows
  int64_t x_strides[3], y_strides[3];  // b, h, t
  int64_t first, count;
  Split heads, rows, pairs;  // pairs: of a row, each a thread's work, and what is only copied
  int64_t half, d, total;    // total: rows times pairs.size
  int32_t interleaved, inverse;
};

}  // namespace sinter::cuda
