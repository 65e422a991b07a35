#include "cuda/kernels/index/launch.h"

#include <algorithm>
#include <bit>

#include "cuda/kernels/far_places.h"
#include "cuda/runtime/alignment.h"

namespace sinter::cuda {

Split split_of(int64_t size) {
  const bool small = size > 0 && size < INT64_C(0x80000000);
  return {size, small ? divisor_of(static_cast<uint32_t>(size)) : Divisor{0, 0, 0},
          size > 0 && far_places_wanted() ? 0 : 0x80000000u, size > 0 ? 1 / static_cast<double>(size) : 0};
}

Indices indices_of(const TensorRef& t, const char* op) {
  if (t.dtype != DType::i64 && t.dtype != DType::i32)
    fail(ErrorCode::unsupported, "%s: indices must be i64 or i32, not %s", op, dtype_name(t.dtype));
  return {t.data, t.dtype == DType::i64};
}

Axis::Axis(const TensorRef& t, int64_t axis) {
  if (t.rank == 0) return;
  if (axis < 0) axis += t.rank;
  for (int64_t d = 0; d < axis; d++) outer *= t.dims[d];
  n = t.dims[axis];
  for (int64_t d = axis + 1; d < t.rank; d++) inner *= t.dims[d];
}

int word_bytes(int64_t run, const void* a, const void* b) {
  return static_cast<int>(std::min(alignment_of(a, 16, run), alignment_of(b, 16)));
}

int word_index(int bytes) { return std::countr_zero(static_cast<unsigned>(bytes)); }

}  // namespace sinter::cuda
