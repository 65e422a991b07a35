// Gradients of attention of f16. Place in the whole: device code of tensor.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/attention/backward.cuh"

SINTER_TENSOR_BACKWARD(f16, 64)
SINTER_TENSOR_BACKWARD(f16, 128)
SINTER_TENSOR_BACKWARD(f16, 256)
