// Ways to multiply by a sparse matrix, beside those that sparse.cpp has itself. Place in the whole: sparseMatmul asks what takes its
// operands.
#pragma once
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

// sparseMatmul's with S itself: native/ops.def.
struct SparseOperands {
  TensorRef values, columns, scales, dense, bias, y;
  bool columns_first;
  int32_t activation;
};

// 2:4 matrices (rows, depth) on tensor cores: some columns, of 16 bits, by a driver that knows the instruction.
bool takes_two_of_four(const Call& call, DType values, DType dense, int64_t n);
void multiply_two_of_four(const Call& call, int64_t rows, int64_t depth, const SparseOperands& s);

}  // namespace sinter::cuda
