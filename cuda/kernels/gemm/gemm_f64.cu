// Products of f64. Place in the whole: device code of product.cpp.
#include "cuda/kernels/gemm/simt.cuh"

SINTER_SIMT_PRODUCT(f64, dd, true, true, any, 64, 64, 4, 4, 3, 2, true)
SINTER_SIMT_PRODUCT(f64, dw, true, false, any, 64, 64, 4, 4, 3, 2, true)
SINTER_SIMT_PRODUCT(f64, wd, false, true, any, 64, 64, 4, 4, 3, 2, true)
SINTER_SIMT_PRODUCT(f64, ww, false, false, any, 64, 64, 4, 4, 3, 2, true)
