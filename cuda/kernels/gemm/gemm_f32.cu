// Products of f32 in IEEE precision. Place in the whole: device code of product.cpp.
#include "cuda/kernels/gemm/simt.cuh"

#define SINTER_F32_PRODUCTS(layout, deep_a, deep_b)                                    \
  SINTER_SIMT_PRODUCT(f32, layout, deep_a, deep_b, large, 128, 128, 8, 8, 3, 2, false) \
  SINTER_SIMT_PRODUCT(f32, layout, deep_a, deep_b, small, 64, 64, 8, 8, 4, 6, false)   \
  SINTER_SIMT_PRODUCT(f32, layout, deep_a, deep_b, any, 64, 64, 8, 8, 4, 6, true)

SINTER_F32_PRODUCTS(dd, true, true)
SINTER_F32_PRODUCTS(dw, true, false)
SINTER_F32_PRODUCTS(wd, false, true)
SINTER_F32_PRODUCTS(ww, false, false)
