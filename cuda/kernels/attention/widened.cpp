#include "cuda/kernels/attention/widened.h"

#include <algorithm>

namespace sinter::cuda {
namespace {

// The same shape, f32 and contiguous.
struct Copy {
  TensorRef ref;
  int64_t strides[kMaxRank];

  Copy(const TensorRef& like, void* data) {
    int64_t step = 1;
    for (int i = like.rank - 1; i >= 0; i--) strides[i] = step, step *= like.dims[i];
    ref = like;
    ref.data = data;
    ref.strides = strides;
    ref.dtype = DType::f32;
    ref.contiguous = true;
  }
};
void* wide_memory(const Call& call, const TensorRef& x) {
  return call.scratch(static_cast<size_t>(std::max<int64_t>(x.numel, 1)) * sizeof(float));
}

}  // namespace

HeadRows widened(const Call& call, const TensorRef& x) {
  const Copy copy(x, wide_memory(call, x));
  if (x.numel) copy_to(call, copy.ref, x);
  return head_rows(copy.ref);
}

WideResult::WideResult(const Call& call, const TensorRef& y) : y(y), data(wide_memory(call, y)) {}
void WideResult::deliver(const Call& call) const {
  if (y.numel) copy_to(call, y, Copy(y, data).ref);
}

void widen_operands(const Call& call, AttentionArgs& args, int first, bool mask) {
  args.q = widened(call, call.in[first]);
  args.k = widened(call, call.in[first + 1]);
  args.v = widened(call, call.in[first + 2]);
  if (!mask || args.mask_kind != kAddedMask) return;
  const TensorRef& m = call.in[first + 3];
  const Copy copy(m, wide_memory(call, m));
  copy_to(call, copy.ref, m);
  args.mask = copy.ref.data;
  std::copy_n(copy.strides, 4, args.mask_strides);
}

}  // namespace sinter::cuda
