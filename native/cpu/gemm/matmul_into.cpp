// matmulInto: y += op(a) op(b), in place (native/ops.def). Place in the whole: sums of products over chunks of k that are never there
// at once, as the weight's gradient of a loss in chunks. f32 and f64, native products that add to what C holds.
#include "cpu/gemm/gemm.h"
#include "cpu/gemm/shape.h"

namespace sinter::cpu::SINTER_ISA {
namespace {

template <class T>
void add_product(const Call& c) {
  const TensorRef &y = c.in[0], &a = c.in[1], &b = c.in[2];
  const bool transposed_a = c.int_attr(0) & kTransposeA, transposed_b = c.int_attr(0) & kTransposeB;
  gemm<T>(c, {.m = y.dims[0],
              .n = y.dims[1],
              .k = a.dims[transposed_a ? 0 : 1],
              .a = a.as<T>(),
              .rsa = a.strides[transposed_a ? 1 : 0],
              .csa = a.strides[transposed_a ? 0 : 1],
              .b = b.as<T>(),
              .rsb = b.strides[transposed_b ? 1 : 0],
              .csb = b.strides[transposed_b ? 0 : 1],
              .c = y.as<T>(),
              .ldc = y.dims[1],
              .accumulate = true});
}

}  // namespace

void matmulInto(const Call& c) {
  if (c.in[0].numel == 0) return;
  switch (c.in[0].dtype) {
    case DType::f32: return add_product<float>(c);
    case DType::f64: return add_product<double>(c);
    default: fail(ErrorCode::unsupported, "matmulInto: dtype %s is not supported on cpu", dtype_name(c.in[0].dtype));
  }
}

}  // namespace sinter::cpu::SINTER_ISA
