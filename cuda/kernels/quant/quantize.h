// What quantize.cu and its host side agree on.
#pragma once
#include "cuda/kernels/index/index.h"

namespace sinter::cuda {

// Element i belongs to channel i / inner % channels, whose scale and zero point hold; or the numbers, where there is no tensor.
struct Quantizing {
  const void* x;
  void* y;
  const float* scales;
  const int32_t* zeros;
  Split inner, channels;
  int64_t total;
  float scale;
  int32_t zero;
  int32_t is_signed;  // the bytes
};

}  // namespace sinter::cuda
