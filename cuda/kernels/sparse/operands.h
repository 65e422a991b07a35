// How the host sides of sparse products read operands. Place in the whole: shared by sparse.cpp and two_of_four.cpp.
#pragma once
#include "cpu/rounding.h"
#include "cuda/kernels/pointwise/move.h"
#include "cuda/kernels/sparse/sparse.h"
#include "cuda/runtime/launch.h"

namespace sinter::cuda {

inline Numbers numbers_of(const TensorRef& t) {
  return {t.present() ? t.data : nullptr, t.present() ? static_cast<int32_t>(t.dtype) : 0};
}

// Factors of rows, which codes of 8 bits have.
inline const float* scales_of(const TensorRef& t) {
  if (!t.present()) return nullptr;
  if (t.dtype != DType::f32)
    fail(ErrorCode::unsupported, "scales of sparse matrices are f32, not %s", dtype_name(t.dtype));
  return t.as<float>();
}

// Kernels count in 32 bits.
inline int32_t counted(int64_t n) {
  if (n > INT32_MAX)
    fail(ErrorCode::unsupported, "sparse matrices on cuda have less than 2^31 values, rows and columns, not %lld",
         static_cast<long long>(n));
  return static_cast<int32_t>(n);
}

// A matrix as it lies, or its copy.
struct Matrix {
  void* data;
  int64_t row, column;  // steps
};
inline TensorRef as_tensor(const Matrix& m, DType dtype, const int64_t (&dims)[2], const int64_t (&strides)[2]) {
  TensorRef t;
  t.data = m.data;
  t.numel = dims[0] * dims[1];
  t.dims = dims, t.strides = strides;
  t.rank = 2;
  t.dtype = dtype;
  t.contiguous = false;
  return t;
}
inline void copy_matrix(const Call& call, const Matrix& to, DType to_type, const Matrix& from, DType from_type,
                        int64_t rows, int64_t columns) {
  const int64_t dims[2] = {rows, columns}, into[2] = {to.row, to.column}, out_of[2] = {from.row, from.column};
  copy_to(call, as_tensor(to, to_type, dims, into), as_tensor(from, from_type, dims, out_of));
}
inline Matrix scratch_matrix(const Call& call, DType dtype, int64_t rows, int64_t columns) {
  return {call.scratch(static_cast<size_t>(rows * columns) * dtype_size(dtype)), columns, 1};
}
// `m` (rows, columns) with elements of `to`, in place or copied.
inline Matrix readable(const Call& call, const Matrix& m, DType from, DType to, int64_t rows, int64_t columns) {
  if (from == to) return m;
  const Matrix copy = scratch_matrix(call, to, rows, columns);
  copy_matrix(call, copy, to, m, from, rows, columns);
  return copy;
}
// Likewise, with rows of whole packs at multiples of 16 bytes.
inline Matrix readable_in_packs(const Call& call, const Matrix& m, DType from, DType to, int64_t rows,
                                int64_t columns) {
  const int64_t pack = 16 / static_cast<int64_t>(dtype_size(to));
  if (from == to && m.column == 1 && m.row % pack == 0 && reinterpret_cast<uintptr_t>(m.data) % 16 == 0) return m;
  const int64_t row = ceil_div(columns, pack) * pack;
  const Matrix copy = scratch_matrix(call, to, rows, row);
  // What fills rows up is zero.
  if (row > columns) set_bytes(call, copy.data, 0, static_cast<size_t>(rows * row) * dtype_size(to));
  copy_matrix(call, copy, to, m, from, rows, columns);
  return copy;
}
inline Matrix stored(const TensorRef& t, bool columns_first) {
  if (columns_first) return {t.data, 1, t.dims[1]};
  return {t.data, t.dims[1], 1};
}

}  // namespace sinter::cuda
