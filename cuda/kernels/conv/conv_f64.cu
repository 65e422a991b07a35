// Convolution of f64. Place in the whole: device code of implicit.cpp.
// sinter: cubins 80 90
#include "cuda/kernels/conv/implicit.cuh"

SINTER_SIMT_CONV(f64, small, 64, 64, 4, 4, 3, 2)
