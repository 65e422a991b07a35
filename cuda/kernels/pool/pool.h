// What pool.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

enum WindowKind : int32_t { kRegular, kAdaptive, kFractional };

// Windows over planes of up to three dimensions, the width last; missing ones have size 1.
struct Pooling {
  const void* x;
  void* y;
  void* indices;  // null: nobody asks
  const void* samples;
  int64_t in[3];
  Split out[3];
  int64_t kernel[3], stride[3], padding[3], dilation[3];
  Split strides[3], sizes[3];                  // of `stride` and `in`, for the way back
  int64_t plane, total;                        // elements of an input plane, of y
  double divisor;                              // 0: what a window covers
  int32_t kind, wide, count_padding, sampled;  // wide 1: indices i64; sampled: numbers a plane has
};

// Every window of an image (n, c, h, w) as a column, and back.
struct Sliding {
  int64_t kh, kw, dh, dw, ph, pw, sh, sw, h, w;
  Split taps_wide, taps_high, columns_wide, columns_high, width, height, step_high, step_wide;
  int64_t total;
};

}  // namespace sinter::cuda
