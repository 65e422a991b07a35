// Gradients of attention of bf16 on compute capability 9.0. Place in the whole: device code of hopper.cpp.
#include "cuda/kernels/attention/hopper_backward.cuh"

SINTER_HOPPER_BACKWARD(bf16, 64, queries, false)
SINTER_HOPPER_BACKWARD(bf16, 64, keys, true)
SINTER_HOPPER_BACKWARD(bf16, 128, queries, false)
SINTER_HOPPER_BACKWARD(bf16, 128, keys, true)
