// Products of f16 on compute capability 9.0. Place in the whole: device code of hopper.cpp.
#include "cuda/kernels/gemm/hopper.cuh"

SINTER_HOPPER_PRODUCTS(f16, dd, true, true)
SINTER_HOPPER_PRODUCTS(f16, dw, true, false)
SINTER_HOPPER_PRODUCTS(f16, wd, false, true)
SINTER_HOPPER_PRODUCTS(f16, ww, false, false)
