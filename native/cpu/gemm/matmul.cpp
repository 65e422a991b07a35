// matmul, packMatrix, linearBackward (native/ops.def). Operands may have any strides, results are contiguous and alias
// nothing. Place in the whole: the operators' entries; they turn operands into a Product and choose the path.
//
// f32 and f64 are native; bf16 and f16 are computed in f32 and rounded once at the end; the integers wrap, as in
// PyTorch; a complex product is one of real numbers (complex.h).
#include <algorithm>

#include "cpu/gemm/complex.h"
#include "cpu/gemm/shape.h"
#include "cpu/threads/pool.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

template <class S>
void floating(const Call& c) {
  using T = Compute<S>;
  Epilogue<S> epilogue;
  Product<S> p = read_product(c, is_packed(c) ? read_packed_shape(c) : read_shape(c), epilogue);
  if (is_packed(c)) {
    if (c.in[1].numel < packed_elements<T>(p.k, p.n))
      fail(ErrorCode::internal, "matmul: the packed matrix is too small");
    p.packed_b = c.in[1].as<T>();
    return run_product(c, p);
  }
  if (is_skinny(p))
    run_skinny(c, p);
  else
    run_product(c, p);
}

template <class S>
void pack(const Call& c) {
  using T = Compute<S>;
  const TensorRef &b = c.in[0], &y = c.out[0];
  const bool transposed = c.int_attr(0) & kTransposeB;
  const int64_t k = c.int_attr(1), n = c.int_attr(2);
  if (y.numel < packed_elements<T>(k, n))
    fail(ErrorCode::internal, "packMatrix: no room for %lld x %lld", static_cast<long long>(k),
         static_cast<long long>(n));
  pack_whole(b.as<S>(), b.strides[transposed ? 1 : 0], b.strides[transposed ? 0 : 1], k, n, y.as<T>());
}

// dw = g^T x with the sums of g's columns.
template <class S>
void gradients(const Call& c) {
  const TensorRef& db = c.out[1];
  if constexpr (sizeof(S) == sizeof(Compute<S>)) {
    run_product(c, read_gradient<S>(c, db.as<S>()));
  } else {
    float* sums = c.scratch_of<float>(db.numel);
    run_product(c, read_gradient<S>(c, sums));
    narrow_row(sums, db.numel, db.as<S>());
  }
}

// ---- integers: rows of y gather multiples of rows of b, in unsigned arithmetic, which wraps
template <class U>
void integral(const Call& c) {
  const Shape s = read_shape(c);
  const TensorRef& bias = c.opt(2);
  const U* b = c.in[1].as<U>();
  int64_t rsb = s.rsb;
  Batch batch = s.batch;
  // Rows of b must be contiguous; else all of b is copied, item by item of the result.
  if (s.csb != 1 && s.n > 1) {
    U* copy = c.scratch_of<U>(std::max<int64_t>(1, batch.count * s.k * s.n));
    for (int64_t item = 0; item < batch.count; item++) {
      const U* from = b + batch.offsets(item).b;
      for (int64_t kk = 0; kk < s.k; kk++)
        for (int64_t j = 0; j < s.n; j++) copy[(item * s.k + kk) * s.n + j] = from[kk * s.rsb + j * s.csb];
    }
    b = copy;
    rsb = s.n;
  }
  const bool copied = b != c.in[1].as<U>();
  const int64_t work = std::max<int64_t>(1, s.n * s.k);
  parallel_for(batch.count * s.m, std::max<int64_t>(1, 65536 / work), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t item = row / s.m;
      const Batch::Offsets o = batch.offsets(item);
      const U* a = c.in[0].as<U>() + o.a + row % s.m * s.rsa;
      const U* items_b = copied ? b + item * s.k * s.n : b + o.b;
      U* y = c.out[0].as<U>() + row * s.n;
      for (int64_t j0 = 0; j0 < s.n; j0 += 1024) {
        const int64_t j1 = std::min(s.n, j0 + 1024);
        for (int64_t j = j0; j < j1; j++) y[j] = bias.present() ? bias.as<U>()[j * bias.strides[0]] : U(0);
        for (int64_t kk = 0; kk < s.k; kk++) {
          const U x = a[kk * s.csa];
          const U* from = items_b + kk * rsb;
          for (int64_t j = j0; j < j1; j++) y[j] = static_cast<U>(y[j] + x * from[j]);
        }
      }
    }
  });
}

}  // namespace

void packMatrix(const Call& c) {
  switch (c.in[0].dtype) {
    case DType::f32: return pack<float>(c);
    case DType::f64: return pack<double>(c);
    case DType::bf16: return pack<bf16>(c);
    case DType::f16: return pack<f16>(c);
    default: fail(ErrorCode::unsupported, "packMatrix: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

void linearBackward(const Call& c) {
  switch (c.in[0].dtype) {
    case DType::f32: return gradients<float>(c);
    case DType::f64: return gradients<double>(c);
    case DType::bf16: return gradients<bf16>(c);
    case DType::f16: return gradients<f16>(c);
    default:
      fail(ErrorCode::unsupported, "linearBackward: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

void matmul(const Call& c) {
  if (c.out[0].numel == 0) return;
  switch (c.out[0].dtype) {
    case DType::f32: return floating<float>(c);
    case DType::f64: return floating<double>(c);
    case DType::bf16: return floating<bf16>(c);
    case DType::f16: return floating<f16>(c);
    case DType::i32: return integral<uint32_t>(c);
    case DType::i64: return integral<uint64_t>(c);
    case DType::u8: return integral<uint8_t>(c);
    case DType::i8: return integral<uint8_t>(c);
    case DType::c64:
    case DType::c128: return complex_matmul(c, matmul);
    default: fail(ErrorCode::unsupported, "matmul: dtype %s is not supported on cpu", dtype_name(c.out[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
