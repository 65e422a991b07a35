// Gradients of attention of f16, of widths up to 128. Place in the whole: device code of tensor.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/attention/backward.cuh"

SINTER_TENSOR_BACKWARD(f16, 64, 64, false)
SINTER_TENSOR_BACKWARD(f16, 64, 64_general, true)
SINTER_TENSOR_BACKWARD(f16, 128, 128, true)
