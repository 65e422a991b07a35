// What is done to a product's elements before they are stored. Place in the whole: product.cpp and skinny.cpp apply it to each
// block of C as soon as its sums are complete, while it is in cache.
//
//   y = dropout(activation(scale * sum + bias[j])) + residual[i, j]
//
// and, where a gradient is wanted, the derivative of the activation at what it is applied to,
// computed in the product's computing dtype (f32 for bf16 and f16) and rounded once.
#pragma once
#include "cpu/gemm/pack.h"
#include "cpu/simd/activation.h"

namespace sinter::cpu::SINTER_ISA {

template <class S>
struct Epilogue {
  using T = Compute<S>;
  T scale = T(1);
  const T* bias = nullptr;  // (n)
  Activation activation = Activation::none;
  const S* residual = nullptr;  // (batch * m, n), contiguous
  S* slope = nullptr;           // as the residual: where the activation's derivative goes
  // With probability p an element becomes 0, else it is divided by 1 - p: word i of the stream of engine/philox.h for element i of
  // the result.
  double dropout = 0;
  uint32_t seed_low = 0, seed_high = 0;
  uint64_t offset = 0;
};

// Rows `row` .. row + m of all items' rows, columns j0 .. j0 + n of `columns`: sums at tile + i * ld. In place.
template <class S>
void finish_block(const Epilogue<S>& e, int64_t row, int64_t j0, int64_t m, int64_t n, int64_t columns,
                  Compute<S>* tile, int64_t ld);

}  // namespace sinter::cpu::SINTER_ISA
