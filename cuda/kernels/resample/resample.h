// What resample.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

// An axis: output j mixes count[j] inputs from start[j] on; weights (taps, outputs).
struct ResampleAxis {
  const int32_t *start, *count;
  const void* weights;  // of the computing type
  Split outputs;
  int64_t inputs;
};

struct Resampling {
  const void* x;
  void* y;
  ResampleAxis axes[3];  // depth, height, width
  int64_t total;
};

}  // namespace sinter::cuda
