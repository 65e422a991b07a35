// What recolor.cu, recolor_f64.cu and their host side agree on.
#pragma once
#include "cuda/kernels/image/image.h"

namespace sinter::cuda {

// {step} of native/ops.def.
enum ColorStep : int32_t { kBrightness, kContrast, kSaturation, kHue, kToHsv, kFromHsv, kGray };
constexpr int kMaxColorSteps = 16;

// Pixels that a thread takes together, 16 bytes of a plane at most.
constexpr int color_pixels(int element_bytes) { return element_bytes == 8 ? 2 : 4; }

struct Recolor {
  const void* x;          // (n, channels, plane)
  void* y;                // (n, kept, plane)
  const double* factors;  // (n, steps)
  double *sums, *means;   // (n, blocks) of one step; (n, steps), those of contrast
  int64_t plane;
  Split blocks;  // of an image
  int32_t channels, kept, steps;
  int32_t step[kMaxColorSteps];
};

}  // namespace sinter::cuda
