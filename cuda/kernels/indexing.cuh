// Where elements of strided operands lie. Place in the whole: the device side of views.h.
#pragma once
#include "cuda/kernels/dtype.cuh"
#include "cuda/kernels/views.h"

namespace sinter::cuda {

SINTER_DEVICE uint32_t divide(uint32_t n, const Divisor& d) { return (__umulhi(n, d.factor) + n) >> d.shift; }

// Offsets of kCount operands from the first on, of the element with the index i.
template <int kFirst, int kCount, int kOperands>
SINTER_DEVICE void offsets_of(const Views<kOperands>& views, uint32_t i, int64_t (&offsets)[kCount]) {
#pragma unroll
  for (int k = 0; k < kCount; k++) offsets[k] = 0;
#pragma unroll 1
  for (int d = 0; d < views.rank; d++) {
    const uint32_t rest = divide(i, views.dims[d]);
    const int64_t at = i - rest * views.dims[d].value;
    i = rest;
#pragma unroll
    for (int k = 0; k < kCount; k++) offsets[k] += at * views.strides[kFirst + k][d];
  }
}

}  // namespace sinter::cuda
