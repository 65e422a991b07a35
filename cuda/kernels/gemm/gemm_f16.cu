// Products of f16. Place in the whole: device code of product.cpp.
#include "cuda/kernels/gemm/mma.cuh"

SINTER_TENSOR_PRODUCTS(f16, dd, true, true)
SINTER_TENSOR_PRODUCTS(f16, dw, true, false)
SINTER_TENSOR_PRODUCTS(f16, wd, false, true)
SINTER_TENSOR_PRODUCTS(f16, ww, false, false)
