// Matrix products on CUDA. Place in the whole: entry points matmul, packMatrix, matmulInto and linearBackward of the operator table;
// native/ops.def says what they take. Operands may have any strides, results are contiguous.
//
// f32 and f64 are computed in IEEE precision, bf16 and f16 in f32 and rounded once at the end; the integers wrap; plain.cpp has those and
// the complex numbers.
#include <algorithm>
#include <cmath>

#include "cuda/kernels/gemm/product.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/kernels/random/stream_of.h"
#include "cuda/runtime/registry.h"

namespace sinter::cuda {

namespace {

GemmEpilogue read_epilogue(const Call& call) {
  const TensorRef &bias = call.opt(2), &residual = call.opt(3);
  GemmEpilogue then;
  if (bias.present()) {
    then.bias = bias.data;
    then.bias_stride = bias.strides[0];
  }
  if (residual.present()) {
    if (!residual.contiguous) fail(ErrorCode::internal, "matmul: the residual is not contiguous");
    then.residual = residual.data;
  }
  if (call.nattr < 7) return then;
  then.scale = call.attr[1];
  then.activation = static_cast<int32_t>(call.int_attr(2));
  const double p = call.attr[3];
  if (p > 0) {
    then.threshold = static_cast<uint64_t>(std::ceil(p * 0x1p32));
    then.kept = 1 - p;
    then.stream = stream_of(call, 4);
  }
  return then;
}

// A packed matrix: (n, k) in the dtype of the products, rows at multiples of 16 bytes.
int64_t packed_row(DType dtype, int64_t k) {
  const int64_t pack = 16 / static_cast<int64_t>(dtype_size(dtype));
  return std::max<int64_t>(1, (k + pack - 1) / pack) * pack;
}
bool packed_fits(DType dtype, int64_t k, int64_t n, const TensorRef& room) {
  return n * packed_row(dtype, k) * static_cast<int64_t>(dtype_size(dtype)) <=
         room.numel * static_cast<int64_t>(dtype_size(room.dtype));
}

// a (m, k), or stored (k, m), times a packed matrix.
Product read_packed(const Call& call) {
  const TensorRef &a = call.in[0], &y = call.out[0];
  const int row = call.int_attr(0) & kTransposeA ? 1 : 0;
  Product p{};
  p.dtype = y.dtype;
  p.m = y.dim(0), p.n = y.dim(1), p.k = a.dims[1 - row];
  p.a = a.data, p.rsa = a.strides[row], p.csa = a.strides[1 - row];
  p.b = call.in[1].data, p.rsb = 1, p.csb = packed_row(p.dtype, p.k);
  p.y = y.data;
  if (!packed_fits(p.dtype, p.k, p.n, call.in[1])) fail(ErrorCode::internal, "matmul: the packed matrix is too small");
  return p;
}

}  // namespace

SINTER_CUDA_OP(matmul) {
  const TensorRef& y = call.out[0];
  if (y.numel == 0) return;
  const int64_t flags = call.nattr ? call.int_attr(0) : 0;
  if (!is_floating(y.dtype)) return run_plain(call, read_product(call.in[0], call.in[1], y, flags));
  Product p = flags & kPacked ? read_packed(call) : read_product(call.in[0], call.in[1], y, flags);
  p.then = read_epilogue(call);
  run_product(call, p);
}

SINTER_CUDA_OP(packMatrix) {
  const TensorRef &b = call.in[0], &y = call.out[0];
  const bool transposed = call.int_attr(0) & kTransposeB;
  const int64_t k = call.int_attr(1), n = call.int_attr(2);
  if (!is_floating(b.dtype))
    fail(ErrorCode::unsupported, "packMatrix: dtype %s is not supported on cuda", dtype_name(b.dtype));
  if (!packed_fits(b.dtype, k, n, y))
    fail(ErrorCode::internal, "packMatrix: no room for %lld x %lld", static_cast<long long>(k),
         static_cast<long long>(n));
  const int64_t dims[2] = {n, k}, strides[2] = {packed_row(b.dtype, k), 1};
  const int64_t from[2] = {b.strides[transposed ? 0 : 1], b.strides[transposed ? 1 : 0]};
  TensorRef source = b, packed = y;
  source.dims = packed.dims = dims;
  source.strides = from, packed.strides = strides;
  source.rank = packed.rank = 2;
  source.numel = packed.numel = n * k;
  source.contiguous = packed.contiguous = false;
  packed.dtype = b.dtype;
  copy_to(call, packed, source);
}

// y += op(a) op(b): y is the residual of a product that goes to y itself.
SINTER_CUDA_OP(matmulInto) {
  const TensorRef& y = call.in[0];
  if (y.numel == 0) return;
  if (y.dtype != DType::f32 && y.dtype != DType::f64)
    fail(ErrorCode::unsupported, "matmulInto: dtype %s is not supported on cuda", dtype_name(y.dtype));
  Product p = read_product(call.in[1], call.in[2], y, call.int_attr(0));
  p.then.residual = y.data;
  run_product(call, p);
}

// dw (n, k) = g^T x, db (n) = the sums of g's columns.
SINTER_CUDA_OP(linearBackward) {
  const TensorRef &g = call.in[0], &x = call.in[1];
  if (!is_floating(g.dtype))
    fail(ErrorCode::unsupported, "linearBackward: dtype %s is not supported on cuda", dtype_name(g.dtype));
  run_product(call, read_product(g, x, call.out[0], kTransposeA));
  sum_columns(call, g, call.out[1]);
}

}  // namespace sinter::cuda
