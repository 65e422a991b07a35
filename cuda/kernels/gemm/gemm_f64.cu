// Products of f64. Place in the whole: device code of product.cpp.
#include "cuda/kernels/gemm/dmma.cuh"

SINTER_DOUBLE_PRODUCT(dd, true, true)
SINTER_DOUBLE_PRODUCT(dw, true, false)
SINTER_DOUBLE_PRODUCT(wd, false, true)
SINTER_DOUBLE_PRODUCT(ww, false, false)
