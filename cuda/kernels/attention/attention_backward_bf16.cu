// Gradients of attention of bf16, of widths up to 128. Place in the whole: device code of tensor.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/attention/backward.cuh"

SINTER_TENSOR_BACKWARD(bf16, 64, 64, false)
SINTER_TENSOR_BACKWARD(bf16, 64, 64_general, true)
SINTER_TENSOR_BACKWARD(bf16, 128, 128, true)
