// A product by cuBLASLt. Place in the whole: product.cpp asks here first where cuda/vendor/choices.h says so.
#pragma once
#include "cuda/kernels/gemm/product.h"

namespace sinter::cuda {

// By the library's algorithm of that number. False: it does not take the product, and nothing was queued that has to be undone.
// `algorithms`: how many the library named.
bool run_by_library(const Call& call, const Product& product, int algorithm, int* algorithms);

}  // namespace sinter::cuda
