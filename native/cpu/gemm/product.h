// The parallel products behind matmul. Place in the whole: matmul.cpp states its work as a Product; product.cpp
// computes it by tiles, skinny.cpp where one operand has few rows.
#pragma once
#include "cpu/gemm/epilogue.h"
#include "engine/call.h"

namespace sinter::cpu::SINTER_ISA {

// Batch dimensions, adjacent ones merged where both operands' strides allow. C is contiguous over the batch.
struct Batch {
  int rank = 0;
  int64_t count = 1;
  int64_t dims[kMaxRank], a_strides[kMaxRank], b_strides[kMaxRank];

  // Only what is in use is written and copied: of a small product all of it would be a tenth of the time.
  Batch() {}
  Batch(const Batch& other) { *this = other; }
  Batch& operator=(const Batch& other) {
    rank = other.rank;
    count = other.count;
    for (int i = 0; i < rank; i++) {
      dims[i] = other.dims[i];
      a_strides[i] = other.a_strides[i];
      b_strides[i] = other.b_strides[i];
    }
    return *this;
  }

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

// c (batch, m, n) = [c +] a (batch, m, k) * b (batch, k, n) [+ col_bias (n)], or what `then` makes of the sums. S: float, double,
// bf16, f16. Only a native dtype may accumulate, and not with an epilogue.
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
  const Epilogue<S>* then = nullptr;     // C contiguous then
  const Compute<S>* packed_b = nullptr;  // b, as pack_whole lays it out; b itself is not read
  Compute<S>* row_sums = nullptr;        // (m): the sums of a's rows, too; batch of one only
};

// ---- a right operand packed once for many products
template <class T>
int64_t packed_elements(int64_t k, int64_t n);
template <class S>
void pack_whole(const S* b, int64_t rsb, int64_t csb, int64_t k, int64_t n, Compute<S>* packed);

template <class S>
void run_product(const Call& call, const Product<S>& p);

// n elements rounded to S.
template <class S>
void narrow_row(const Compute<S>* from, int64_t n, S* to);

// Products with at most kFewRows rows or columns, at the speed of memory: the large operand is read once, in place.
constexpr int kFewRows = 8;
template <class S>
bool is_skinny(const Product<S>& p);
template <class S>
void run_skinny(const Call& call, const Product<S>& p);

}  // namespace sinter::cpu::SINTER_ISA
