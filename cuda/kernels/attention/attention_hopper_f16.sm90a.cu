// Attention of f16 on compute capability 9.0. Place in the whole: device code of hopper.cpp.
#include "cuda/kernels/attention/hopper_forward.cuh"

SINTER_HOPPER_ATTENTION(f16, 64)
SINTER_HOPPER_ATTENTION(f16, 128)
