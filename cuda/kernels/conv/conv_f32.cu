// Convolution of f32 in IEEE precision. Place in the whole: device code of implicit.cpp.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/conv/implicit.cuh"

SINTER_SIMT_CONV(f32, large, 128, 128, 8, 8, 3, 2)
SINTER_SIMT_CONV(f32, small, 64, 64, 8, 8, 4, 6)
