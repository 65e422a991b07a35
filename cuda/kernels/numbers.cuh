// One number of an operand of any floating-point type, known at run time. Place in the whole: what there are few of, a channel's
// statistics or a sample's gradient, and what is computed in double anyway.
#pragma once
#include "cuda/kernels/dtype.cuh"

namespace sinter::cuda {

// `dtype` in DType's order.
SINTER_DEVICE double load_float(const void* x, int dtype, int64_t at) {
  switch (dtype) {
    case 0: return static_cast<const f32*>(x)[at];
    case 1: return static_cast<const f64*>(x)[at];
    case 2: return widen(static_cast<const bf16*>(x)[at]);
    default: return widen(static_cast<const f16*>(x)[at]);
  }
}
// `otherwise` where there is no operand.
SINTER_DEVICE double load_float(const void* x, int dtype, int64_t at, double otherwise) {
  return x ? load_float(x, dtype, at) : otherwise;
}

SINTER_DEVICE void store_float(void* y, int dtype, int64_t at, double value) {
  switch (dtype) {
    case 0: static_cast<f32*>(y)[at] = narrow<f32>(value); break;
    case 1: static_cast<f64*>(y)[at] = value; break;
    case 2: static_cast<bf16*>(y)[at] = narrow<bf16>(value); break;
    default: static_cast<f16*>(y)[at] = narrow<f16>(value); break;
  }
}

}  // namespace sinter::cuda
