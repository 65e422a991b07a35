// matmul's operands as numbers and as a Product. Place in the whole: the entries of matmul share it, whatever dtype and instruction
// set they are for.
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

static inline bool is_packed(const Call& c) { return c.nattr && c.int_attr(0) & kPacked; }

// A vector of n elements in the computing dtype, contiguous.
template <class S>
static const Compute<S>* wide_vector(const Call& c, const TensorRef& t, int64_t n) {
  using T = Compute<S>;
  if constexpr (sizeof(S) == sizeof(T))
    if (n == 1 || t.strides[0] == 1) return t.as<T>();
  T* wide = c.scratch_of<T>(n);
  for (int64_t j = 0; j < n; j++) wide[j] = to_compute(t.as<S>()[j * t.strides[0]]);
  return wide;
}

template <class S>
static bool read_epilogue(const Call& c, const Compute<S>* bias, Epilogue<S>& e) {
  const TensorRef& residual = c.opt(3);
  if (c.nattr < 7 && !residual.present()) return false;
  e.bias = bias;
  if (residual.present()) {
    if (!residual.contiguous) fail(ErrorCode::internal, "matmul: the residual is not contiguous");
    e.residual = residual.as<S>();
  }
  if (c.nout > 1) e.slope = c.out[1].as<S>();
  if (c.nattr < 7) return true;
  e.scale = static_cast<Compute<S>>(c.attr[1]);
  e.activation = static_cast<Activation>(c.int_attr(2));
  e.dropout = c.attr[3];
  e.seed_low = static_cast<uint32_t>(c.int_attr(4));
  e.seed_high = static_cast<uint32_t>(c.int_attr(5));
  e.offset = static_cast<uint64_t>(c.int_attr(6));
  return true;
}

// matmul's call but for a packed right operand. `epilogue` is where the product's points to, if it has one.
template <class S>
static Product<S> read_product(const Call& c, const Shape& s, Epilogue<S>& epilogue) {
  Product<S> p{s.m, s.n, s.k, c.in[0].as<S>(), s.rsa, s.csa, nullptr, s.rsb, s.csb, c.out[0].as<S>(), s.n, s.m * s.n};
  p.batch = s.batch;
  if (!is_packed(c)) p.b = c.in[1].as<S>();
  const TensorRef& bias = c.opt(2);
  const Compute<S>* col_bias = bias.present() ? wide_vector<S>(c, bias, s.n) : nullptr;
  if (read_epilogue(c, col_bias, epilogue))
    p.then = &epilogue;
  else
    p.col_bias = col_bias;
  return p;
}

// linearBackward's: dw (n, k) = g^T x, with the sums of g's columns, which are rows there, at `sums`.
template <class S>
static Product<S> read_gradient(const Call& c, Compute<S>* sums) {
  const TensorRef &g = c.in[0], &x = c.in[1], &dw = c.out[0];
  const int64_t m = g.dim(0), n = g.dim(1), k = x.dim(1);
  Product<S> p{n,          k, m,    g.as<S>(), g.strides[1], g.strides[0], x.as<S>(), x.strides[0], x.strides[1],
               dw.as<S>(), k, n * k};
  p.row_sums = sums;
  return p;
}

}  // namespace sinter::cpu::SINTER_ISA
