// Many tensors as one index space. Place in the whole: shared by the optimizer steps, which update hundreds of
// parameters in one call. Ranges are cut from the concatenation of all groups, so that threads share small tensors as
// well as large ones.
#pragma once
#include "cpu/norm/row.h"

namespace sinter::cpu::SINTER_ISA {

constexpr int64_t kOptimizerGrain = 16384;  // elements a range

// The operands of one group; the kernel's struct of typed pointers is made from them.
struct Group {
  const TensorRef* operands;
  int count;

  bool contiguous() const {
    for (int i = 0; i < count; i++)
      if (operands[i].present() && !operands[i].contiguous) return false;
    return true;
  }
  // Offset of element i (in row-major order of the parameter) in one operand.
  static int64_t offset(const TensorRef& t, int64_t i) {
    if (t.contiguous) return i;
    int64_t at = 0;
    for (int d = t.rank - 1; d >= 0; d--) {
      at += i % t.dims[d] * t.strides[d];
      i /= t.dims[d];
    }
    return at;
  }
};

// f(group, begin, end) over pieces of the groups (`size` operands each, the first one's elements counted); group by
// value.
template <class F>
void each_group_piece(const Call& c, int size, F f) {
  const int64_t groups = c.nin / size;
  int64_t* starts = c.scratch_of<int64_t>(groups + 1);
  starts[0] = 0;
  for (int64_t i = 0; i < groups; i++) starts[i + 1] = starts[i] + c.in[i * size].numel;
  const TensorRef* operands = c.in;
  parallel_for(starts[groups], kOptimizerGrain, [=](int64_t begin, int64_t end) {
    int64_t low = 0, high = groups - 1;  // the last group that starts at or before begin
    while (low < high) {
      const int64_t middle = (low + high + 1) / 2;
      if (starts[middle] <= begin)
        low = middle;
      else
        high = middle - 1;
    }
    for (int64_t i = low; i < groups && starts[i] < end; i++)
      f(Group{operands + i * size, size}, std::max(begin, starts[i]) - starts[i],
        std::min(end, starts[i + 1]) - starts[i]);
  });
}

// All operands of a step have one dtype, f32 or f64. f(T{})
template <class F>
SINTER_INLINE void with_parameters(const Call& c, const char* op, F f) {
  if (c.nin == 0) return;
  const DType d = c.in[0].dtype;
  for (int i = 0; i < c.nin; i++)
    if (c.in[i].present() && (c.in[i].dtype != d || (d != DType::f32 && d != DType::f64)))
      fail(ErrorCode::unsupported, "%s: parameters, gradients and state must all be f32 or all f64, not %s and %s", op,
           dtype_name(d), dtype_name(c.in[i].dtype));
  return d == DType::f32 ? f(float{}) : f(double{});
}

}  // namespace sinter::cpu::SINTER_ISA
