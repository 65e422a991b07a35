// What a sparse product is asked. Place in the whole: between product.cpp and direct.cpp.
#pragma once
#include "cpu/simd/activation.h"

namespace sinter::cpu::SINTER_ISA {

enum SparseFormat : int { kCsr = 0, kBsr1x16 = 1, kBsr16x1 = 2, kBsr4x4 = 3, kTwoOfFour = 4 };

// The operands and attributes of sparseMatmul in native/ops.def.
struct SparseCall {
  TensorRef values, pointers, columns, scales, dense, bias, plan, packed;
  int format;
  Activation activation;
  int64_t rows, cols, n;
  bool transposed, columns_first;

  SINTER_INLINE explicit SparseCall(const Call& c)
      : values(c.in[0]), pointers(c.opt(1)), columns(c.in[2]), scales(c.opt(3)), dense(c.in[4]), bias(c.opt(5)),
        plan(c.opt(6)), packed(c.opt(7)), format(static_cast<int>(c.attr[0])),
        activation(static_cast<Activation>(c.int_attr(5))), rows(c.int_attr(1)), cols(c.int_attr(2)),
        transposed(c.attr[3] != 0), columns_first(c.attr[4] != 0) {
    n = columns_first ? c.out[0].dims[0] : c.out[0].dims[1];
  }
};

// Products of few columns by the pattern itself: CSR and 2:4, not transposed.
void sparse_direct(const Call& c, const SparseCall& s);

}  // namespace sinter::cpu::SINTER_ISA
