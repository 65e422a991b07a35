// copy, copyInto, concat. Place in the whole: entry points; the work is in strided.cpp and runs.cpp.
//
// copy      x (broadcasts to y's shape) -> y contiguous, any dtypes
// copyInto  dst (any view without overlap) = src (broadcast, any dtype)
// concat    x0, x1, ... (equal but for `axis`) -> y contiguous; the inputs may be any view and dtype
#include "cpu/copy/runs.h"
#include "cpu/copy/strided.h"

namespace sinter::cpu::SINTER_ISA {

namespace {

constexpr int64_t kDirectBytes = 4096;  // contiguous copies up to here skip every plan

void broadcast_copy(const TensorRef& dst, const TensorRef& src) {
  if (dst.numel == 0) return;
  if (dst.contiguous && dst.numel * static_cast<int64_t>(dtype_size(dst.dtype)) <= kDirectBytes) {
    if (src.contiguous && src.numel == dst.numel)
      return convert_run(src.dtype, src.data, dst.dtype, dst.data, dst.numel);
    if (src.numel == 1 || (src.rank == 1 && src.strides[0] == 0)) {
      Scalar value;
      convert_run(src.dtype, src.data, dst.dtype, value.bytes, 1);
      return fill_run(dtype_size(dst.dtype), value.bytes, dst.data, dst.numel);
    }
  }
  Nest<2> nest;
  nest.rank = dst.rank;
  for (int d = 0; d < dst.rank; d++) {
    nest.dims[d] = dst.dims[d];
    nest.strides[0][d] = dst.strides[d];
  }
  broadcast_strides(src, dst.rank, nest.strides[1]);
  strided_copy(nest, dst.dtype, dst.data, src.dtype, src.data);
}

}  // namespace

void copy(const Call& c) { broadcast_copy(c.out[0], c.in[0]); }

void copyInto(const Call& c) { broadcast_copy(c.in[0], c.in[1]); }

void concat(const Call& c) {
  const TensorRef& y = c.out[0];
  const int axis = static_cast<int>(c.int_attr(0));
  const int64_t size = static_cast<int64_t>(dtype_size(y.dtype));
  int64_t below = 1;  // y's stride along the axis
  for (int d = axis + 1; d < y.rank; d++) below *= y.dims[d];
  char* at = y.as<char>();
  for (int i = 0; i < c.nin; i++) {
    const TensorRef& x = c.in[i];
    if (x.numel == 0) continue;
    Nest<2> nest;
    nest.rank = x.rank;
    int64_t stride = 1;
    for (int d = x.rank - 1; d >= 0; d--) {
      nest.dims[d] = x.dims[d];
      nest.strides[0][d] = stride;
      nest.strides[1][d] = x.strides[d];
      stride *= y.dims[d];
    }
    strided_copy(nest, y.dtype, at, x.dtype, x.data);
    at += x.dims[axis] * below * size;
  }
}

}  // namespace sinter::cpu::SINTER_ISA
