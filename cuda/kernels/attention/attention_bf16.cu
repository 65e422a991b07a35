// Attention of bf16, of widths up to 128. Place in the whole: device code of tensor.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/attention/forward.cuh"

SINTER_TENSOR_FORWARD(bf16, 64, 64, true)
SINTER_TENSOR_FORWARD(bf16, 128, 128, false)
SINTER_TENSOR_FORWARD(bf16, 128, 128_general, true)
