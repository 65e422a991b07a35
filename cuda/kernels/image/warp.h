// What warp.cu, warp_f64.cu and their host side agree on.
#pragma once
#include "cuda/kernels/image/image.h"

namespace sinter::cuda {

constexpr int kWarpChannels =
    8;  // planes that a thread reads at one place: its taps and weights are made once for all of them

// Pixel (i, j) of the result comes from pixel (x, y) of the image: rows of (i, j, 1) -> x, y and the divisor of both.
struct PixelMap {
  double row[3][3];
};

// Images (n, channels, h, w), results (n, channels, oh, ow); modes and paddings are gridSample's.
struct Warp {
  const void* x;
  void* y;
  Reals matrix, fill;  // (n, rows, 3), (n, channels)
  PixelMap* maps;
  Split columns, lines, groups;      // ow; oh; parts of kWarpChannels channels
  int64_t n, channels, h, w, total;  // total: threads
  int32_t rows, padding, align;
};

}  // namespace sinter::cuda
