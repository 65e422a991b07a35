// How a step's parameters are rounded. Place in the whole: known to kernels and their host sides.
#pragma once
#include "cuda/kernels/random/stream.h"

namespace sinter::cuda {

struct Rounding {
  Stream stream;
  int32_t stochastic;  // 0: to the nearest number
};

}  // namespace sinter::cuda
