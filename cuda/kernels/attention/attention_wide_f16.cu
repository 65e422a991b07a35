// Attention of f16 and its gradients, of widths up to 256. Place in the whole: device code of tensor.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/attention/backward.cuh"
#include "cuda/kernels/attention/forward.cuh"

SINTER_TENSOR_FORWARD(f16, 256, 256, true)
SINTER_TENSOR_BACKWARD(f16, 256, 256, true)
