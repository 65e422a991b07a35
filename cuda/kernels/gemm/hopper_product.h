// Products on the tensor cores of compute capability 9.0, launched. Place in the whole: product.cpp asks what is possible, and hands over what
// tiles.cpp then chose.
#pragma once
#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/gemm/tiles.h"

namespace sinter::cuda {

// Whether this device has the kernels, and they read both operands where they lie.
bool hopper_takes(const Call& call, const Product& product, const Operand& a, const Operand& b);
void run_hopper(const Call& call, const Product& product, const Operand& a, const Operand& b, const TileChoice& choice);

}  // namespace sinter::cuda
