// matmul's operands as numbers. Place in the whole: the entries of matmul share it, whatever dtype and instruction set
// they are for.
#pragma once
#include <utility>

#include "cpu/gemm/product.h"

namespace sinter::cpu::SINTER_ISA {

// The operands' metadata, free of their dtype.
struct Shape {
  int64_t m, n, k, rsa, csa, rsb, csb;
  Batch batch;
};

// matmul's flags.
constexpr int64_t kTransposeA = 1, kTransposeB = 2, kPacked = 4;

// Stride of `t` along the result's batch dimension i (of `rank`), 0 where it broadcasts.
static inline int64_t batch_stride(const TensorRef& t, int i, int rank) {
  const int own = i - (rank - (t.rank - 2));
  return own < 0 || t.dims[own] == 1 ? 0 : t.strides[own];
}

static inline Shape read_shape(const Call& c) {
  const TensorRef &a = c.in[0], &b = c.in[1], &y = c.out[0];
  const int64_t flags = c.nattr ? c.int_attr(0) : 0;
  const int ra = a.rank - 2, rb = b.rank - 2;
  Shape s;
  s.rsa = a.strides[ra], s.csa = a.strides[ra + 1];
  s.rsb = b.strides[rb], s.csb = b.strides[rb + 1];
  s.k = a.dims[ra + 1];
  if (flags & kTransposeA) {
    std::swap(s.rsa, s.csa);
    s.k = a.dims[ra];
  }
  if (flags & kTransposeB) std::swap(s.rsb, s.csb);
  s.m = y.dim(-2);
  s.n = y.dim(-1);

  Batch& batch = s.batch;
  for (int i = 0; i < y.rank - 2; i++) {
    const int64_t dim = y.dims[i], sa = batch_stride(a, i, y.rank - 2), sb = batch_stride(b, i, y.rank - 2);
    batch.count *= dim;
    if (dim == 1) continue;
    const int last = batch.rank - 1;
    if (last >= 0 && batch.a_strides[last] == sa * dim && batch.b_strides[last] == sb * dim) {
      batch.dims[last] *= dim;
      batch.a_strides[last] = sa;
      batch.b_strides[last] = sb;
    } else {
      batch.dims[batch.rank] = dim;
      batch.a_strides[batch.rank] = sa;
      batch.b_strides[batch.rank++] = sb;
    }
  }
  // One b for all items, and a's rows go on from item to item: a single product with more rows.
  if (batch.rank == 1 && batch.b_strides[0] == 0 && (batch.a_strides[0] == s.m * s.rsa || s.m == 1)) {
    if (s.m == 1) s.rsa = batch.a_strides[0];
    s.m *= batch.count;
    batch = Batch{};
  }
  return s;
}

// a (m, k), or stored (k, m), times a packed matrix.
static inline Shape read_packed_shape(const Call& c) {
  const TensorRef &a = c.in[0], &y = c.out[0];
  Shape s{};
  const int row = c.int_attr(0) & kTransposeA ? 1 : 0;
  s.m = y.dim(0), s.n = y.dim(1), s.k = a.dims[1 - row];
  s.rsa = a.strides[row], s.csa = a.strides[1 - row];
  return s;
}

}  // namespace sinter::cpu::SINTER_ISA
