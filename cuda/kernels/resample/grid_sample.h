// What grid_sample.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

enum GridMode : int32_t { kBilinear, kNearest, kBicubic };
enum GridPadding : int32_t { kZeros, kBorder, kReflection };

// x (n, channels, d, h, w) read where grid (n, positions, axes) points.
struct GridSampling {
  const void *x, *grid, *g;  // g: of the way back
  void* y;                   // or the gradient of x
  void* ggrid;
  int64_t size[3];     // w, h, d
  double per_span[3];  // 1 / what reflections repeat
  int64_t plane;
  Split planes, positions, channels, taps;  // planes: of `plane`; taps: elements that a position mixes
  int64_t total;                            // positions of all samples
  int32_t mode, padding, align, axes;
};

constexpr int kGridRun = 64;  // sorted taps that one thread adds up

}  // namespace sinter::cuda
