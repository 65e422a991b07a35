// The parallel products behind matmul. Place in the whole: matmul.cpp states its work as a Product; product.cpp
// computes it by tiles, skinny.cpp where one operand has few rows.
#pragma once
#include "cpu/gemm/pack.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// Batch dimensions, adjacent ones merged where both operands' strides allow. C is contiguous over the batch.
struct Batch {
  int rank = 0;
  int64_t count = 1;
  int64_t dims[kMaxRank], a_strides[kMaxRank], b_strides[kMaxRank];

  struct Offsets {
    int64_t a, b;
  };
  Offsets offsets(int64_t index) const {
    Offsets o{0, 0};
    for (int i = rank - 1; i >= 0; i--) {
      const int64_t x = index % dims[i];
      index /= dims[i];
      o.a += x * a_strides[i];
      o.b += x * b_strides[i];
    }
    return o;
  }
};

// c (batch, m, n) = [c +] a (batch, m, k) * b (batch, k, n) [+ col_bias (n)]. S: float, double, bf16, f16.
// Only a native dtype may accumulate.
template <class S>
struct Product {
  int64_t m, n, k;
  const S* a;
  int64_t rsa, csa;
  const S* b;
  int64_t rsb, csb;
  S* c;
  int64_t ldc, batch_c;
  bool accumulate = false;
  const Compute<S>* col_bias = nullptr;
  Batch batch = {};
};

template <class S>
void run_product(const Call& call, const Product<S>& p);

// Products with at most kFewRows rows or columns, at the speed of memory: the large operand is read once, in place.
constexpr int kFewRows = 8;
template <class S>
bool is_skinny(const Product<S>& p);
template <class S>
void run_skinny(const Call& call, const Product<S>& p);

}  // namespace sinter::cpu::SINTER_ISA
