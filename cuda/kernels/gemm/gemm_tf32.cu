// Products of f32 in tf32, where that is asked for (cuda/runtime/precision.h). Place in the whole: device code of product.cpp; operands
// lie deep, and at multiples of 16 bytes.
// sinter: cubins 80 90 100 120
#include "cuda/kernels/gemm/mma.cuh"

namespace sinter::cuda {
using tf32 = f32;
}  // namespace sinter::cuda

SINTER_TENSOR_PRODUCT(tf32, dd, true, true, large, 128, 128, 64, 64, 3, 2, false)
SINTER_TENSOR_PRODUCT(tf32, dd, true, true, small, 64, 64, 64, 32, 4, 6, false)
