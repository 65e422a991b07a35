// Convolution of bf16. Place in the whole: device code of implicit.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/conv/implicit.cuh"

SINTER_TENSOR_CONVS(bf16)
