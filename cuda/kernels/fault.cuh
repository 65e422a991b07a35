// The device side of reports. Place in the whole: see fault.h.
#pragma once
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/fault.h"

namespace sinter::cuda {

// The first thread to come here is the one that is heard.
SINTER_DEVICE void report(Fault* fault, int32_t kind, int64_t a, int64_t b = 0, int64_t c = 0) {
  if (atomicCAS(&fault->found, 0, 1) != 0) return;
  fault->kind = kind;
  fault->value[0] = a;
  fault->value[1] = b;
  fault->value[2] = c;
}

}  // namespace sinter::cuda
