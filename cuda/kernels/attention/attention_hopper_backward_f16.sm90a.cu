// Gradients of attention of f16 on compute capability 9.0. Place in the whole: device code of hopper.cpp.
#include "cuda/kernels/attention/hopper_backward.cuh"

SINTER_HOPPER_BACKWARD(f16, 64, queries, false)
SINTER_HOPPER_BACKWARD(f16, 64, keys, true)
SINTER_HOPPER_BACKWARD(f16, 128, queries, false)
SINTER_HOPPER_BACKWARD(f16, 128, keys, true)
